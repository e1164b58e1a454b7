// Which events are those at which a worker or a channel gets its next record.

import { KIND } from './events';
import type { Recording } from './recording';

/** A worker of a stage, or a channel, by node. */
export type Place =
  | { readonly stage: number; readonly worker: number; readonly channel?: never }
  | { readonly channel: number; readonly stage?: never };

/** Returns whether an event, by its index, gives a place its next record; without a place, whether it is the first one of a record. */
export function takesRecord(
  { log, topology }: Recording,
  place: Place | null,
): (index: number) => boolean {
  if (place?.channel !== undefined) {
    const { channel } = place;
    return (index) => log.kind(index) === KIND.arrive && log.node(index) === channel;
  }
  if (place === null || topology.isSource(place.stage)) {
    return (index) => log.kind(index) === KIND.produced;
  }
  const { stage, worker } = place;
  return (index) =>
    log.kind(index) === KIND.workStart && log.node(index) === stage && log.worker(index) === worker;
}
