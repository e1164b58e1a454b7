import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PointTrack } from './point-track';
import { DepthTrack, StateTrack } from './step-track';

interface Step {
  time: number;
  value: number;
  tag: number;
}

/** Steps of a worker or a channel, some at the same time, and enough of them for four levels of the pyramid. */
const steps = fc
  .array(fc.record({ after: fc.integer({ min: 0, max: 5 }), value: fc.nat(3), tag: fc.nat(1) }), {
    minLength: 1,
    maxLength: 1500,
    size: 'max',
  })
  .map((changes) => {
    let time = 0;
    return changes.map(({ after, value, tag }): Step => ({ time: (time += after), value, tag }));
  });

/** Of several steps at the same time, the last one. */
const distinct = (all: readonly Step[]) =>
  all.filter(({ time }, index) => all[index + 1]?.time !== time);

/** Looks at each step that overlaps a window, and for how long it does. */
function byHand(
  all: readonly Step[],
  from: number,
  to: number,
  add: (step: Step, length: number) => void,
): void {
  distinct(all).forEach((step, index, kept) => {
    const end = Math.min(to, kept[index + 1]?.time ?? Infinity);
    const length = end - Math.max(from, step.time);
    if (length > 0) add(step, length);
  });
}

const window = fc.tuple(fc.nat(5200), fc.nat(120));

describe('steps', () => {
  test('the time in each state is that added up step by step', () => {
    fc.assert(
      fc.property(steps, fc.array(window, { maxLength: 8 }), (all, windows) => {
        const track = new StateTrack(4);
        for (const { time, value, tag } of all) track.push(time, value, tag);
        for (const [from, length] of windows) {
          const sums = [0, 0, 0, 0];
          byHand(all, from, from + length, ({ value }, length) => {
            sums[value] = (sums[value] ?? 0) + length;
          });
          expect([...track.sumsBetween(from, from + length)]).toEqual(sums);
        }
      }),
    );
  });

  test('mean, time full and the deepest are those added up step by step', () => {
    fc.assert(
      fc.property(steps, fc.array(window, { maxLength: 8 }), (all, windows) => {
        const track = new DepthTrack();
        for (const { time, value, tag } of all) track.push(time, value, tag);
        for (const [from, length] of windows) {
          let [integral, full, most] = [0, 0, 0];
          byHand(all, from, from + length, ({ value, tag }, length) => {
            integral += value * length;
            full += tag * length;
            most = Math.max(most, value);
          });
          expect([...track.sumsBetween(from, from + length)]).toEqual([integral, full]);
          const first = track.indexAt(from);
          const behind = track.indexAt(from + length - 1) + 1;
          if (length > 0) expect(track.maximum(first, behind)).toBe(most);
        }
      }),
    );
  });

  test('what is kept stays the same while older steps are forgotten', () => {
    fc.assert(
      fc.property(steps, fc.nat(20), window, (all, every, [from, length]) => {
        const kept = new DepthTrack();
        const whole = new DepthTrack();
        all.forEach(({ time, value, tag }, index) => {
          kept.push(time, value, tag);
          whole.push(time, value, tag);
          if (index % (every + 1) === 0) kept.dropBefore(time - 60);
        });
        const begin = kept.time(kept.begin);
        const start = Math.max(from, begin);
        expect(kept.sumsBetween(start, start + length)).toEqual(
          whole.sumsBetween(start, start + length),
        );
        const [first, last] = [start, start + length].map((time) => kept.indexAt(time));
        expect(kept.maximum(first ?? 0, last ?? 0)).toBe(
          whole.maximum(whole.indexAt(start), whole.indexAt(start + length)),
        );
      }),
    );
  });

  test('forgetting keeps the memory bounded', () => {
    const track = new StateTrack(4);
    for (let time = 0; time < 100_000; time += 1) {
      track.push(time, time % 4, time);
      if (time % 100 === 0) track.dropBefore(time - 200);
    }
    expect(track.length).toBeLessThan(400);
    expect([...track.sumsBetween(99_900, 100_000)]).toEqual([25, 25, 25, 25]);
  });

  test('a step that is as the one before is none, even if something came in between at the same time', () => {
    const track = new StateTrack(4);
    track.push(0, 1, 5);
    track.push(10, 2, 5);
    track.push(10, 1, 5);
    track.push(20, 0, 0);
    expect(track.length).toBe(2);
    expect([...track.sumsBetween(0, 30)]).toEqual([10, 20, 0, 0]);
  });
});

test('points are counted and their lengths added up, also after older ones are forgotten', () => {
  const track = new PointTrack();
  for (let record = 0; record < 1000; record += 1)
    track.push(record * 10, record, record % 5, record);
  track.dropBefore(5000);
  expect(track.length).toBe(500);
  expect(track.between(6000, 6100)).toBe(10);
  const first = track.after(6000);
  expect([track.record(first), track.kind(first), track.time(first)]).toEqual([601, 1, 6010]);
  expect(track.lengths(first, first + 3)).toBe(601 + 602 + 603);
  expect(track.lengths(track.end - 1, track.end)).toBe(999);
});
