import { expect, test } from 'vitest';
import { CLIP_RATE, CLIP_SECONDS, planClip } from './clip-plan';

const S = 1e9;
const LENGTH = CLIP_SECONDS * S;

test('a clip begins at the time on screen, at the speed on screen', () => {
  const plan = planClip(0, 60 * S, 10 * S, 2);
  expect(plan).toMatchObject({ from: 10 * S, speed: 2, frames: CLIP_SECONDS * CLIP_RATE });
  expect((plan?.step ?? 0) * (plan?.frames ?? 0)).toBeCloseTo(2 * LENGTH);
});

test('near the end it begins earlier, and never before the beginning', () => {
  expect(planClip(0, 60 * S, 60 * S, 1)?.from).toBe(60 * S - LENGTH);
  expect(planClip(57 * S, 60 * S, 59 * S, 1)).toMatchObject({
    from: 57 * S,
    speed: 3 / CLIP_SECONDS,
  });
  expect(planClip(2 * S, 60 * S, 0, 1)?.from).toBe(2 * S);
});

test('a run too short for it is shown slowly, as a whole', () => {
  const plan = planClip(0, 0.002 * S, 0.001 * S, 1);
  expect(plan).toMatchObject({ from: 0, speed: 0.002 / CLIP_SECONDS });
  expect((plan?.step ?? 0) * (plan?.frames ?? 0)).toBeCloseTo(0.002 * S);
});

test('where there is nothing there is no clip', () => {
  expect(planClip(0, 0, 0, 1)).toBeNull();
});
