// Which records are in flight at a time, and where: for a list to choose from.

import { EXIT, RECORD_STATE_NAMES, OPEN, stateIn } from './residencies';
import type { Residencies } from './residencies';

export interface InFlightRecord {
  record: number;
  /** A stage or a channel. After the fan-out a record is in several nodes; this is the first of them. */
  node: number;
  worker: number;
  state: (typeof RECORD_STATE_NAMES)[number];
}

/** Returns up to `most` records in flight, oldest first. */
export function inFlightRecords(
  residencies: Residencies,
  time: number,
  most: number,
): InFlightRecord[] {
  const [first, behind] = residencies.range(time, 0);
  const now = Math.floor(time / residencies.tick);
  const found = new Map<number, InFlightRecord>();
  for (let visit = first; visit < behind; visit += 1) {
    const end = residencies.word(visit, 1);
    const what = residencies.word(visit, 3);
    const node = what & 0xff;
    if (node >= EXIT || (end !== OPEN && end <= now)) continue;
    const record = residencies.word(visit, 5) >>> 0;
    if (found.has(record)) continue;
    const state = RECORD_STATE_NAMES[stateIn(what)];
    found.set(record, { record, node, worker: (what >>> 8) & 0xffff, state });
    if (found.size > most) break;
  }
  return [...found.values()].sort((a, b) => a.record - b.record).slice(0, most);
}
