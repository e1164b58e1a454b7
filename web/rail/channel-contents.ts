// Which records are in a channel, in their order.

import { OPEN } from '../recording/residencies';
import type { Residencies } from '../recording/residencies';

export interface Contents {
  /** The first to leave is the first here; no more than were asked for. */
  records: number[];
  /** How many traced records there are. */
  count: number;
}

/** @param channel its node */
export function channelContents(
  residencies: Residencies,
  channel: number,
  time: number,
  most: number,
): Contents {
  const [first, behind] = residencies.range(time, 0);
  const now = Math.floor(time / residencies.tick);
  const records: number[] = [];
  let count = 0;
  for (let visit = first; visit < behind; visit += 1) {
    if ((residencies.word(visit, 3) & 0xff) !== channel) continue;
    const end = residencies.word(visit, 1);
    if (residencies.start(visit) > now || (end !== OPEN && end <= now)) continue;
    count += 1;
    if (records.length < most) records.push(residencies.word(visit, 5) >>> 0);
  }
  return { records, count };
}
