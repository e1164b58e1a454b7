// How full a channel is, since when, and who waits for room in it.

import { KIND } from '../recording/events';
import type { Recording, Snapshot } from '../recording/recording';
import { countOf, gaugeOf, workersOf } from '../recording/worker-aggregate';
import { capacityAt } from './capacity';
import { flowAt } from './flow';
import { isComplete, ledgerOf } from './ledger';

export interface Pressure {
  /** The channel, by node. */
  channel: number;
  depth: number;
  capacity: number;
  /** For how long it has been full but for the place of a record that was just taken, in nanoseconds; 0 if it isn't. */
  fullFor: number;
  /** How many workers before it are blocked at this moment; null if that isn't known. */
  blocked: number | null;
  /** How many workers there are before it. */
  senders: number;
}

/** What one calls a channel of which [`Pressure.fullFor`] isn't 0. */
export function fullness({ depth, capacity }: Pressure): string {
  return depth < capacity ? 'nearly full' : 'full';
}

/** For a moment, a place is free after each record that is taken. */
const ONE_FREE_FROM = 4;

/** A measurement holds for this long, in nanoseconds. */
const FRESH = 0.3e9;

/** How many events to look back through. */
const MAX_EVENTS = 60_000;

export function pressureAt(recording: Recording, channel: number, time: number): Pressure {
  const { topology } = recording;
  const id = topology.idOf(channel);
  const capacity = capacityAt(recording, id, time);
  const snapshot = recording.snapshotAt(time);
  const isFresh = snapshot !== null && time - snapshot.time <= FRESH;
  const flow = flowAt(recording, time);
  const gauge = isFresh ? gaugeOf(snapshot.metrics, id) : undefined;
  const depth = flow?.depths.get(channel) ?? gauge?.depth ?? 0;
  const senders = topology
    .sendersOf(channel)
    .map((node) => workersOf(snapshot?.metrics, topology.idOf(node)));
  const there = senders.flat().filter(({ state }) => state !== null);
  return {
    channel,
    depth: Math.round(depth),
    capacity,
    fullFor: Math.max(
      0,
      isFresh
        ? fullByMeasurement(recording, snapshot, id, time)
        : fullByEvents(recording, channel, capacity, time),
    ),
    blocked: isFresh ? countOf(there.filter(({ state }) => state === 'blocked')) : null,
    senders: senders.length > 0 ? countOf(there) : 0,
  };
}

/** Whether another batch, or record, hardly fits. */
function isFull(depth: number, capacity: number, batch = 1): boolean {
  const room = capacity >= ONE_FREE_FROM ? 1 : 0;
  return depth + Math.max(0, Math.min(batch, capacity) - 1) >= capacity - room;
}

function fullByMeasurement(recording: Recording, last: Snapshot, id: string, time: number): number {
  const { snapshots } = recording;
  let since: number | null = null;
  for (let at = snapshots.lastIndexOf(last); at >= 0; at -= 1) {
    const snapshot = snapshots[at];
    const gauge = gaugeOf(snapshot?.metrics, id);
    if (!snapshot || !gauge || !isFull(gauge.depth, gauge.capacity, snapshot.metrics.batch)) break;
    since = snapshot.time;
  }
  return since === null ? 0 : time - since;
}

function fullByEvents(
  recording: Recording,
  channel: number,
  capacity: number,
  time: number,
): number {
  const { log } = recording;
  const ledger = ledgerOf(recording);
  if (ledger.end === 0 || !isComplete(recording, 0, time)) return 0;
  const { arrived, departed } = ledger.at(time).channel(channel);
  let depth = Math.max(0, Math.round(arrived - departed));
  let since: number | null = null;
  const last = Math.min(log.indexAfter(time), ledger.end);
  for (let index = last - 1; index >= Math.max(log.begin, last - MAX_EVENTS); index -= 1) {
    if (!isFull(depth, capacity)) break;
    since = log.time(index);
    if (log.node(index) !== channel) continue;
    if (log.kind(index) === KIND.arrive) depth -= 1;
    else if (log.kind(index) === KIND.depart) depth += 1;
  }
  return since === null ? 0 : time - since;
}
