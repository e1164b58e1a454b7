// The cells of a map for more workers than there are cells: as many of each state as its share of the time.

import type { TimeShares } from '../analysis/time-shares';
import { WORKER_STATES } from '../analysis/worker-state-machine';
import type { WorkerState } from '../engine/generated/WorkerState';

/** Returns the state of each of so many cells; none if nothing was measured. */
export function mosaicOf(shares: TimeShares | null, cells: number): WorkerState[] {
  if (!shares) return [];
  // What is left over by rounding goes to those that lost most.
  const exact = WORKER_STATES.map((state) => ({ state, cells: shares[state] * cells }));
  const whole = exact.map(({ state, cells }) => ({
    state,
    cells: Math.floor(cells),
    rest: cells % 1,
  }));
  let left = cells - whole.reduce((sum, { cells }) => sum + cells, 0);
  for (const one of [...whole].sort((a, b) => b.rest - a.rest)) {
    if (left <= 0) break;
    one.cells += 1;
    left -= 1;
  }
  return whole.flatMap(({ state, cells }) => Array<WorkerState>(cells).fill(state));
}
