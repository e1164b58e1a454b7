import { expect, test } from 'vitest';
import {
  CLIP_RATE,
  CLIP_SECONDS,
  VIDEO_RATE,
  VIDEO_SECONDS,
  beginOf,
  planClip,
  planVideo,
  secondsOf,
} from './clip-plan';

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

test('a video has what the timeline shows of the run, at the speed on screen', () => {
  for (const [window, speed, expected] of [
    [{ from: 6 * S, to: 10 * S }, 1, { from: 6 * S, to: 10 * S, frames: 120 }],
    [{ from: 6 * S, to: 10 * S }, 1 / 4, { from: 6 * S, to: 10 * S, frames: 480 }],
    [{ from: 0, to: 40 * S }, 10, { from: 2 * S, to: 30 * S, frames: 84 }],
  ] as const) {
    const plan = planVideo(2 * S, 30 * S, window, speed);
    expect(plan).toMatchObject({ ...expected, rate: VIDEO_RATE, pace: 'as on screen' });
    expect(plan?.speed).toBeCloseTo(speed);
    expect(plan?.step).toBeCloseTo((speed * S) / VIDEO_RATE);
  }
});

test('all of its frames show times within that part, and there is none too many', () => {
  for (const speed of [1, 1 / 3, 1 / 10, 0.37, 4]) {
    for (const to of [3.1 * S, 7 * S, 12.345_678_9 * S]) {
      const plan = planVideo(0, 20 * S, { from: 1 * S, to }, speed);
      if (!plan) throw new Error('there is no plan');
      const timeOf = (frame: number) => plan.from + frame * plan.step;
      expect(timeOf(plan.frames - 1)).toBeLessThan(to);
      expect(timeOf(plan.frames)).toBeGreaterThan(to - 1);
      expect(timeOf(plan.frames)).toBeLessThan(to + plan.step);
    }
  }
});

test('one that would be too long is faster, one that would be too short slower', () => {
  const window = { from: 10 * S, to: 310 * S };
  const long = planVideo(0, 1000 * S, window, 1);
  expect(long).toMatchObject({ ...window, pace: 'faster', speed: 300 / VIDEO_SECONDS.most });
  expect(long && secondsOf(long)).toBe(VIDEO_SECONDS.most);
  const short = planVideo(0, 1000 * S, { from: 1000, to: 7000 }, 1);
  expect(short).toMatchObject({ from: 1000, to: 7000, pace: 'slower' });
  expect(short && secondsOf(short)).toBe(VIDEO_SECONDS.least);
});

test('where the timeline shows nothing of the run there is no video', () => {
  for (const [begin, end, from, to] of [
    [0, 0, 0, 12],
    [0, 5, 5, 12],
    [6, 8, 2, 6],
  ] as const) {
    expect(planVideo(begin * S, end * S, { from: from * S, to: to * S }, 1)).toBeNull();
  }
});

test('frames follow one another without a gap, and the last one ends with the clip', () => {
  const plan = planVideo(0, 60 * S, { from: 0, to: 50 * S }, 1);
  if (!plan) throw new Error('there is no plan');
  const begins = Array.from({ length: plan.frames + 1 }, (_, frame) => beginOf(frame, plan, 1e6));
  expect(begins[0]).toBe(0);
  expect(begins.at(-1)).toBe(50e6);
  const lengths = begins.slice(1).map((begin, frame) => begin - (begins[frame] ?? 0));
  expect(new Set(lengths)).toEqual(new Set([33_333, 33_334]));
});
