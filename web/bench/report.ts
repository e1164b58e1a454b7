// Measurements in the JSON format of `clearpipe bench --json`, version 1; see `crates/bench/src/report.rs`.

import { figureOf, over } from './figure';
import type { Figure } from './figure';
import type { Bottleneck } from './limits';
import { keyOf, largestBatch } from './points';
import type { Point, Size } from './points';

const FORMAT = 1;
const LOOP = 'loop without channels';

/** A point that was measured. */
export interface Measured {
  point: Point;
  records: number;
  rate: Figure;
  ratio: Figure;
  bottleneck: Bottleneck;
}

/** All that the page has measured. */
export interface Measurements {
  version: string;
  cores: number;
  threads: number;
  records: number;
  loop: Figure;
  measured: Measured[];
}

/** Figures from a file. */
export interface Native {
  /** A description of what was measured. */
  title: string;
  /** The thread counts that were measured. */
  threads: number[];
  rows: { point: Point; threads: number; rate: number }[];
}

/** Returns records per second from the duration of each round. */
export function ratesOf(seconds: readonly number[], records: number): Figure {
  return figureOf(seconds.map((time) => records / time));
}

export function measuredOf(
  point: Point,
  records: number,
  rate: Figure,
  loop: Figure,
  bottleneck: Bottleneck,
): Measured {
  return { point, records, rate, ratio: over(rate, loop), bottleneck };
}

/** Writes the page's own figures as the command line would. The loop is a row of each group, as its baseline. */
export function toReport(of: Measurements): string {
  const { version, cores, threads, records, loop, measured } = of;
  const groups = [...new Set(measured.map(({ point }) => point.batch))];
  const results = groups.flatMap((batch) => {
    const common = { scenario: 'sweep', group: `batch ${batch}` };
    return [
      {
        ...common,
        name: LOOP,
        parameters: { threads },
        records,
        records_per_second: loop,
        ...{ ratio: null, baseline: null, ideal_ratio: null, bottleneck: null },
      },
      ...measured
        .filter(({ point }) => point.batch === batch)
        .map((row) => ({
          ...common,
          name: `workers ${row.point.workers}, buffer ${row.point.buffer}`,
          parameters: {
            ...row.point,
            threads,
            largest_batch: largestBatch(row.point, row.records),
          },
          records: row.records,
          records_per_second: row.rate,
          ratio: row.ratio,
          baseline: LOOP,
          ideal_ratio: null,
          bottleneck: row.bottleneck,
        })),
    ];
  });
  const report = {
    clearpipe_bench: FORMAT,
    version,
    ...{ os: 'browser', arch: 'wasm32', cores, cpu: null },
    records,
    repeats: loop.rounds.length,
    results,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Whether a file starts like a report. */
export function looksLikeReport(start: string): boolean {
  return /^\s*\{\s*"clearpipe_bench"\s*:/.test(start);
}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

function isSize(value: unknown): value is Size {
  return value === 'auto' || (typeof value === 'number' && value >= 1);
}

/** Reads the figures of a sweep from a file. Throws an error that says what is wrong with it. */
export function readReport(text: string): Native {
  let report: Fields | null;
  try {
    report = fieldsOf(JSON.parse(text));
  } catch {
    throw new Error('it is not JSON');
  }
  const format = report?.clearpipe_bench;
  if (!report || format === undefined) {
    throw new Error('it was not written by clearpipe bench sweep --json');
  }
  if (format !== FORMAT) {
    throw new Error(
      `it has format ${JSON.stringify(format)}, but this page reads format ${FORMAT}`,
    );
  }
  const results: unknown[] = Array.isArray(report.results) ? report.results : [];
  const rows = results.flatMap((row) => rowOf(fieldsOf(row)) ?? []);
  if (rows.length === 0) {
    throw new Error('it has no sweep over workers, buffers and batches with the default settings');
  }
  const { version, os, arch, cpu } = report;
  const words = [os, arch, cpu].filter((word) => typeof word === 'string');
  return {
    title: `Clearpipe ${typeof version === 'string' ? version : '?'}, ${words.join(', ')}`,
    threads: [...new Set(rows.map(({ threads }) => threads))],
    rows,
  };
}

/** Returns a row of a sweep; null for other rows, and for workloads that the page doesn't measure. */
function rowOf(row: Fields | null): Native['rows'][number] | null {
  const parameters = fieldsOf(row?.parameters);
  const rate = fieldsOf(row?.records_per_second)?.median;
  if (row?.scenario !== 'sweep' || !parameters || typeof rate !== 'number' || !(rate > 0)) {
    return null;
  }
  const { batch, buffer, workers, threads, wait, compute, set } = parameters;
  if (wait !== undefined || compute !== undefined || set !== undefined) return null;
  if (!isSize(batch) || !isSize(buffer) || typeof workers !== 'number') return null;
  if (typeof threads !== 'number') return null;
  return { point: { batch, buffer, workers }, threads, rate };
}

/** Returns rates by the key of their point, for a number of threads. */
export function nativeRates(
  native: Native | null,
  threads: number | undefined,
): Map<string, number> {
  if (!native || threads === undefined) return new Map();
  return new Map(
    native.rows
      .filter((row) => row.threads === threads)
      .map(({ point, rate }) => [keyOf(point), rate]),
  );
}
