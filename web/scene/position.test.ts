import { expect, test } from 'vitest';
import { RECORD_STATE, OPEN } from '../recording/residencies';
import type { Residencies } from '../recording/residencies';
import { STANDARD } from '../recording/topology';
import { computeLayout } from './layout';
import { dotAt } from './position';

/** A visit to a worker that had `slot` records before. */
function visitAt(stage: number, worker: number, slot: number): Residencies {
  const node = stage | (worker << 8);
  const words = [0, OPEN, node, node | (RECORD_STATE.valid << 24), slot, 1];
  return { tick: 1, word: (_: number, word: number) => words[word] } as unknown as Residencies;
}

test.each([
  { width: 1300, text: 14, workers: [1, 3, 12, 1, 1, 1, 1] },
  { width: 340, text: 13, workers: [1, 1, 12, 1, 1, 1, 1] },
  { width: 1300, text: 14, workers: [1, 9999, 64, 1, 1, 1, 1] },
])('dots stay beside what is written of a worker, %j', (shape) => {
  const layout = computeLayout(STANDARD, {
    ...shape,
    capacities: [100, 100, 100, 100, 100, 100, 100],
    sample: 1,
  });
  for (let stage = 0; stage < 7; stage += 1) {
    const grid = layout.grids[stage];
    if (!grid) throw new Error('there is no grid');
    for (const worker of [0, (shape.workers[stage] ?? 1) - 1]) {
      for (const slot of [0, 1, 7, 300]) {
        const moment = { time: 10, ramp: 1, departed: [] };
        const dot = dotAt(visitAt(stage, worker, slot), 0, moment, layout);
        if (!dot) throw new Error('there is no dot');
        const { x, y, radius } = dot;
        expect(x - radius).toBeGreaterThanOrEqual(grid.x - 1e-6);
        expect(x + radius).toBeLessThanOrEqual(grid.x + grid.w + 1e-6);
        expect(y - radius).toBeGreaterThanOrEqual(grid.y - 1e-6);
        expect(y + radius).toBeLessThanOrEqual(grid.y + grid.h + 1e-6);
      }
    }
  }
});
