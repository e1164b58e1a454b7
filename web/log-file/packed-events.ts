// The events of a recording as the engine packs them, 16 bytes each.

import { EventLog, NONE, packed } from '../recording/event-log';
import { KIND, NODE } from '../recording/events';
import type { Recording } from '../recording/recording';

/** How many events are packed at once. */
const EACH = 2 ** 16;

export function packedEvents(recording: Recording): BlobPart[] {
  const told = samplingBefore(recording);
  return [told, recording.log].filter((log) => log !== null).flatMap(packedOf);
}

/** Returns an event with the sampling at the beginning of a log, if the one that said so has been dropped. */
function samplingBefore({ log }: Recording): EventLog | null {
  const halvings = log.halvings.at(log.oldestTime);
  if (log.begin === 0 || halvings === null || log.kind(log.begin) === KIND.sampling) return null;
  const told = new EventLog(1);
  const event = { kind: KIND.sampling, node: NODE.producer, worker: halvings, thread: 255 };
  const record = Math.max(0, log.record(log.begin));
  told.add(new BigUint64Array(packed({ ...event, time: log.oldestTime, record })), Infinity);
  told.finish();
  return told;
}

function packedOf(log: EventLog): BlobPart[] {
  const parts: BlobPart[] = [];
  for (let from = log.begin; from < log.end; from += EACH) {
    const to = Math.min(log.end, from + EACH);
    const halves = new Uint32Array(4 * (to - from));
    for (let index = from; index < to; index += 1) pack(log, index, halves, 4 * (index - from));
    parts.push(halves);
  }
  return parts;
}

/** Packs an event as the engine does, without big integers, which would be slow. */
function pack(log: EventLog, index: number, into: Uint32Array, at: number): void {
  const time = log.time(index);
  const record = log.record(index);
  const [high, low] =
    record === NONE ? [0xffffffff, 0xff] : [Math.floor(record / 256), record % 256];
  into[at] = ((time % 65536) << 16) | (log.kind(index) << 8) | log.node(index);
  into[at + 1] = Math.floor(time / 65536);
  into[at + 2] = (low << 24) | (log.worker(index) << 8) | log.thread(index);
  into[at + 3] = high;
}
