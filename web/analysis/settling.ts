// Whether the queues have settled after a change: while one drains, more records leave than arrive, and the rate is
// above what it will be.

import type { Recording } from '../recording/recording';
import { capacityAt } from './capacity';
import type { Flow } from './flow';

export interface Draining {
  /** The channel, by node. */
  channel: number;
  depth: number;
  capacity: number;
}

export interface Settling {
  /** The channel that drains; null if none does. */
  draining: Draining | null;
  /** Since when no channel has drained; the beginning if none ever did. */
  since: number;
}

/** A queue that has fallen by this share of the capacity, and by so many records, has fallen. */
const FALLEN = 0.2;
const FALLEN_RECORDS = 2;

/** A queue of at most this share of the capacity, or so many records, has nothing left to drain. */
const EMPTY = 0.15;
const EMPTY_RECORDS = 1;

/** The share of the time that tells how deep a queue is now. */
const NOW = 0.12;

/** A queue that falls by less than this share of what is finished hardly raises the rate. */
const SLOWLY = 0.04;

/** @param flows moments since the change, evenly spaced */
export function settlingOf(recording: Recording, flows: readonly Flow[]): Settling {
  const [first, last] = [flows[0], flows.at(-1)];
  if (!first || !last) return { draining: null, since: 0 };
  const queues = recording.topology.channels.map(({ node, id }) => {
    const depths = flows.map(({ depths }) => depths.get(node) ?? 0);
    const capacity = capacityAt(recording, id, last.time);
    return { channel: node, capacity, ...fallOf(flows, depths, capacity) };
  });
  // Behind a queue that has drained the next one may still be full: all of them together tell.
  const deepest = queues.toSorted((a, b) => b.depth / b.capacity - a.depth / a.capacity)[0];
  const sums = flows.map(({ depths }) => [...depths.values()].reduce((sum, depth) => sum + depth));
  const all = fallOf(flows, sums, deepest?.capacity ?? 1);
  const falling = queues.filter(({ isDraining }) => isDraining);
  const most = falling.toSorted((a, b) => b.fallen - a.fallen)[0];
  const draining = most ?? (all.isDraining && deepest?.hasSome ? deepest : null);
  return {
    draining: draining && {
      channel: draining.channel,
      depth: draining.depth,
      capacity: draining.capacity,
    },
    since: Math.max(all.since, ...queues.map(({ since }) => since)),
  };
}

interface Fall {
  depth: number;
  /** By how many records it has fallen since it was deepest. */
  fallen: number;
  /** Whether there is anything left to drain. */
  hasSome: boolean;
  isDraining: boolean;
  /** Since when it has not been deeper than now. */
  since: number;
}

function fallOf(flows: readonly Flow[], measured: readonly number[], capacity: number): Fall {
  const depths = smoothed(measured);
  const depth = meanOf(depths.slice(-Math.max(1, Math.round(depths.length * NOW))));
  const highest = Math.max(...depths);
  const fallen = highest - depth;
  const begin = flows[0]?.time ?? 0;
  const empty = Math.max(EMPTY_RECORDS, EMPTY * capacity);
  const hasSome = depth > empty;
  if (fallen < Math.max(FALLEN_RECORDS, FALLEN * capacity)) {
    return { depth, fallen, hasSome, isDraining: false, since: begin };
  }
  // Since it was last on its way down.
  const lowest = Math.max(empty, depth);
  const reached = depths.findLastIndex((other) => other > lowest + EMPTY_RECORDS) + 1;
  const since = flows[Math.min(reached, flows.length - 1)]?.time ?? begin;
  // One that has stopped falling part of the way: on the whole its fall then hardly counts any more.
  const peak = flows[depths.lastIndexOf(highest)];
  const finished = (flows.at(-1)?.finished ?? 0) - (peak?.finished ?? 0);
  return { depth, fallen, hasSome, isDraining: hasSome && fallen > SLOWLY * finished, since };
}

function smoothed(values: readonly number[]): number[] {
  return values.map((_, at) => meanOf(values.slice(Math.max(0, at - 1), at + 2)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
