// Writes event log files, as `clearpipe run --trace FILE` does. `crates/core/src/trace/log.rs` documents the format: a
// line of JSON, then 16 bytes per event.

import type { PartOfRun } from '../engine/protocol';
import { EventLog, NONE, packed } from '../recording/event-log';
import { KIND, NODE } from '../recording/events';
import type { Recording } from '../recording/recording';

const VERSION = 1;

const MAGIC = '{"clearpipe_events"';

/** Whether a file starts like an event log. */
export async function isLogFile(blob: Blob): Promise<boolean> {
  return (await blob.slice(0, MAGIC.length).text()) === MAGIC;
}

/** Writes the events of a recording as a file, which this page can open, here or elsewhere. */
export function toLogFile(recording: Recording): Blob {
  const { config, topology, kinds } = recording;
  const { stages, channels } = topology.data;
  const header = {
    clearpipe_events: VERSION,
    places: Object.fromEntries(
      [...stages, ...channels].map(({ node, name }) => [node, name]),
    ) as Record<string, string>,
    kinds,
    topology: topology.data,
    ...partOf(recording),
    config: {
      ...config,
      trace: {
        ...config.trace,
        enabled: true,
      },
    },
  };
  return new Blob([`${JSON.stringify(header)}\n`, ...packedEvents(recording)], {
    type: 'application/octet-stream',
  });
}

/** Says which part of its run a recording has, if it never had the whole run. */
function partOf({ log }: Recording): { part?: PartOfRun } {
  if (!log.part) return {};
  const [from_ns, to_ns] = [log.firstTime, log.lastTime];
  const halvings = log.halvings.at(log.oldestTime) ?? 0;
  const { eventsAfter: events_after } = log.part;
  return { part: { from_ns, to_ns, events_before: log.begin, events_after, halvings } };
}

/** Returns the events of a recording in the format of a log file. */
export function packedEvents({ log }: Recording): BlobPart[] {
  const parts: BlobPart[] = [];
  // The event with the sampling rate may have been dropped.
  const halvings = log.halvings.at(log.oldestTime);
  if (log.begin > 0 && halvings !== null && log.kind(log.begin) !== KIND.sampling) {
    const told = new EventLog(1);
    const event = { kind: KIND.sampling, node: NODE.producer, worker: halvings, thread: 255 };
    const record = Math.max(0, log.record(log.begin));
    told.add(new BigUint64Array(packed({ ...event, time: log.oldestTime, record })), Infinity);
    told.finish();
    const halves = new Uint32Array(4);
    pack(told, 0, halves, 0);
    parts.push(halves);
  }
  const each = 2 ** 16;
  for (let from = log.begin; from < log.end; from += each) {
    const to = Math.min(log.end, from + each);
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
