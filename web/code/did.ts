// What a worker did, in words: about the code, where the worker is the subject.

import { EVENT_KINDS } from '../recording/events';
import type { EventKind } from '../engine/generated/EventKind';
import type { LoggedEvent } from '../recording/event-log';
import type { Topology } from '../recording/topology';

/** From the record, as `#12`, and the channel. */
const WORDS: Readonly<Partial<Record<EventKind, (record: string, channel: string) => string>>> = {
  produced: (record) => `made ${record}`,
  arrive: (record, channel) => `sent ${record} to ${channel}`,
  depart: (record, channel) => `took ${record} from ${channel}`,
  work_start: (record) => `began to work on ${record}`,
  valid: (record) => `found ${record} valid`,
  invalid: (record) => `rejected ${record}`,
  processed: (record) => `processed ${record}`,
  anomaly: (record) => `processed ${record}, an anomaly`,
  transformation_error: (record) => `could not transform ${record}`,
  written: (record) => `wrote ${record}`,
  counted: (record) => `counted ${record}`,
  work_end: (record) => `finished ${record}`,
  blocked: (record, channel) => `waits to send ${record}: ${channel} is full`,
  released: (record, channel) => `could send ${record}: ${channel} had room`,
};

/** Returns what the worker of an event did: `sent #12 to validCh`. */
export function did({ kind, node, record }: LoggedEvent, topology: Topology): string {
  const id = EVENT_KINDS[kind];
  const words = id && WORDS[id];
  return words?.(`#${record}`, topology.nameOf(node)) ?? '';
}
