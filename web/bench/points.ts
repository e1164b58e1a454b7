// The points to measure: every combination of the numbers in three lists.

import { MAX_AUTO_BATCH } from '../engine/generated/topology';
import type { PartialConfig } from '../engine/partial';
import { count } from '../format';

/** A number, or `auto`. */
export type Size = number | 'auto';

export interface Point {
  batch: Size;
  buffer: Size;
  workers: number;
}

/** What the user has entered. */
export interface Lists {
  workers: string;
  buffer: string;
  batch: string;
  records: number | null;
  rounds: number | null;
}

export interface Plan {
  points: Point[];
  records: number;
  rounds: number;
}

export const DEFAULTS: Lists = {
  workers: '1,2,4',
  buffer: '10,100,1000',
  batch: '1,16,256,auto',
  records: 200_000,
  rounds: 3,
};

const MAX_WORKERS = 1024;
const MAX_BUFFER = 16_777_216;
const MAX_BATCH = 65_536;
const MAX_RECORDS = 100_000_000;
const MAX_ROUNDS = 100;
const MAX_POINTS = 500;

/** In batches smaller than this, handing over is most of the work; the same as for `clearpipe bench sweep`. */
const LARGE_BATCH = 16;

/** The fixed time that `clearpipe bench` uses too. */
const CLOCK = 'fixed:2026-01-01T00:00:00Z';

/** Parses a list into distinct numbers, or returns what is wrong with it, in words. */
export function parseList(text: string, most: number, auto: boolean): Size[] | string {
  const sizes = new Set<Size>();
  for (const word of text.split(',').map((part) => part.trim())) {
    const number = Number(word);
    if (auto && word === 'auto') sizes.add('auto');
    else if (/^\d+$/.test(word) && number >= 1 && number <= most) sizes.add(number);
    else {
      const what = word === '' ? 'a number is missing' : `“${word}” is not allowed`;
      return `${what}: enter numbers from 1 to ${count(most)}${auto ? ', or auto' : ''}, separated by commas`;
    }
  }
  return [...sizes];
}

function wrongNumber(value: number | null, most: number): string | undefined {
  const isRight = value !== null && Number.isInteger(value) && value >= 1 && value <= most;
  return isRight ? undefined : `must be a whole number from 1 to ${count(most)}`;
}

/** Returns the plan, or what is wrong with each field. */
export function planOf(lists: Lists): Plan | { problems: Partial<Record<keyof Lists, string>> } {
  const workers = parseList(lists.workers, MAX_WORKERS, false);
  const buffer = parseList(lists.buffer, MAX_BUFFER, true);
  const batch = parseList(lists.batch, MAX_BATCH, true);
  const records = wrongNumber(lists.records, MAX_RECORDS);
  const rounds = wrongNumber(lists.rounds, MAX_ROUNDS);
  const problems: Partial<Record<keyof Lists, string>> = {};
  if (typeof workers === 'string') problems.workers = workers;
  if (typeof buffer === 'string') problems.buffer = buffer;
  if (typeof batch === 'string') problems.batch = batch;
  if (records !== undefined) problems.records = records;
  if (rounds !== undefined) problems.rounds = rounds;
  if (typeof workers === 'string' || typeof buffer === 'string' || typeof batch === 'string') {
    return { problems };
  }
  const points = batch.flatMap((batch) =>
    buffer.flatMap((buffer) =>
      workers.flatMap((workers) => (workers === 'auto' ? [] : [{ batch, buffer, workers }])),
    ),
  );
  if (points.length > MAX_POINTS) {
    problems.batch = `${count(points.length)} points are too many; the maximum is ${count(MAX_POINTS)}`;
  }
  if (Object.keys(problems).length > 0) return { problems };
  return { points, records: lists.records ?? 1, rounds: lists.rounds ?? 1 };
}

/** Returns the largest possible batch: a channel with a capacity limits it. */
export function largestBatch({ batch, buffer }: Point, records: number): number {
  const own = batch !== 'auto' ? batch : records > MAX_AUTO_BATCH ? MAX_AUTO_BATCH : 1;
  return buffer === 'auto' ? own : Math.min(own, buffer);
}

/** Returns how many records to measure: a tenth for small batches, which take much longer. */
export function recordsOf(point: Point, records: number): number {
  return largestBatch(point, records) < LARGE_BATCH
    ? Math.max(1, Math.floor(records / 10))
    : records;
}

export function loopConfig(records: number): PartialConfig {
  return { records, clock: CLOCK };
}

export function pointConfig({ batch, buffer, workers }: Point, records: number): PartialConfig {
  return {
    records,
    workers,
    clock: CLOCK,
    batch: String(batch),
    channels: buffer === 'auto' ? {} : { capacity: buffer },
    trace: { enabled: false },
  };
}

/** Returns the same key for equal points. */
export function keyOf({ batch, buffer, workers }: Point): string {
  return [batch, buffer, workers].join(' ');
}
