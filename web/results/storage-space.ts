// Whether the browser has room for the results of a run: told before it begins, as far as that can be guessed.

import { MEMORY_LIMIT } from '../engine/protocol';
import type { Storage } from '../engine/protocol';
import { bytes } from '../format';
import type { Settings } from '../settings/settings';

/** What results may take up. */
export interface StorageSpace {
  /** Infinite if there is enough. */
  bytes: number;
  storage: Storage;
}

/** A line of a generated record, in either file. */
const GENERATED_LINE = 270;

/** A record of a file with what the pipeline adds to it; the names of the columns in each line, if it is a table. */
const GROWTH = { jsonl: 2, table: 4 };

/** What is packed is this many times as large. */
const COMPRESSION_RATIO = 8;

/** Less than this is worth a word, whatever is to be run. */
const SMALL = 16e6;

/** No more than this is tried: in a private window it takes up memory for a moment. */
const MAX_PROBED = 64e6;

/** How exactly it is found out what there is, where that is little. */
const STEPS = 12;

/** What Chromium says is left, however much there is, so that nobody learns anything about the user. */
const FAKE_QUOTA = 10 * 2 ** 30;

/** Tries whether a file may be as large; null where the browser can't tell. */
export type Fits = (bytes: number) => Promise<boolean | null>;

/**
 * How much there is, as far as it matters for results of about this size.
 *
 * @param fits null if the browser lets this page have no files
 * @param own what the results of the last run take up, which the next one may have
 */
export async function findSpace(
  fits: Fits | null,
  wanted: number,
  own: number,
): Promise<StorageSpace> {
  if (!fits) return { bytes: MEMORY_LIMIT, storage: 'memory' };
  const [reported, probed] = await Promise.all([
    reportedSpace(),
    probedSpace(fits, Math.min(Math.max(wanted, SMALL), MAX_PROBED)),
  ]);
  return { bytes: Math.min(reported, probed) + own, storage: 'disk' };
}

async function reportedSpace(): Promise<number> {
  const { quota, usage }: StorageEstimate = await navigator.storage.estimate().catch(() => ({}));
  if (quota === undefined || usage === undefined) return Infinity;
  return quota - usage === FAKE_QUOTA ? Infinity : Math.max(0, quota - usage);
}

async function probedSpace(fits: Fits, most: number): Promise<number> {
  if ((await fits(most)) !== false) return Infinity;
  let [least, tooMuch] = [0, most];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = Math.floor((least + tooMuch) / 2);
    if (await fits(middle)) least = middle;
    else tooMuch = middle;
  }
  return least;
}

/** About how large the results will be; null if that can't be known. */
export function expectedSize(
  settings: Pick<Settings, 'source' | 'records'>,
  files: readonly Pick<File, 'name' | 'size'>[],
): number | null {
  if (settings.source === 'generator') return (settings.records ?? 50) * GENERATED_LINE;
  if (files.length === 0) return null;
  return files.reduce((sum, { name, size }) => {
    const isTable = /\.(csv|tsv|tab)(\.\w+)?$/i.test(name);
    const isCompressed = /\.(gz|zst|bz2|xz)$/i.test(name);
    return (
      sum + size * (isTable ? GROWTH.table : GROWTH.jsonl) * (isCompressed ? COMPRESSION_RATIO : 1)
    );
  }, 0);
}

/** What there is to say before a run; null if there seems to be room enough. */
export function warningOf(space: StorageSpace, expected: number | null): string | null {
  const isTooMuch = expected !== null && expected > space.bytes;
  if (space.storage === 'memory') {
    return isTooMuch
      ? `The results may take about ${bytes(expected)}. The browser gives this page no room on disk here, so it keeps ` +
          `them in memory: at most ${bytes(space.bytes)}, then the run is stopped.`
      : null;
  }
  if (isTooMuch) {
    return (
      `The results may take about ${bytes(expected)}, but the browser has room for only ${bytes(space.bytes)}. A run ` +
      'that fills it fails, without results: process fewer records, make room on the disk, or leave a private window.'
    );
  }
  return space.bytes < SMALL
    ? `The browser has room for only ${bytes(space.bytes)} of results.`
    : null;
}
