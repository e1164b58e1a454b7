// Estimates before a run whether the browser has enough storage space for its results.

import { MEMORY_LIMIT } from '../engine/protocol';
import type { Storage } from '../engine/protocol';
import { bytes } from '../format';
import type { Settings } from '../settings/settings';

/** The space available for results. */
export interface StorageSpace {
  /** Infinite if there is enough. */
  bytes: number;
  storage: Storage;
}

/** The size of a generated record's line, in either file. */
const GENERATED_LINE = 270;

/** How much records grow: the pipeline adds fields, and each line of a table repeats the names of the columns. */
const GROWTH = { jsonl: 2, table: 4 };

/** Compressed files grow by this factor. */
const COMPRESSION_RATIO = 8;

/** Warn if there is less space than this, whatever the run. */
const SMALL = 16e6;

/** The largest size to probe: in a private window, probing takes up memory for a moment. */
const MAX_PROBED = 64e6;

/** The number of steps in the search for the available space, if there is little. */
const STEPS = 12;

/** The remaining space that Chromium always reports, so that pages can't fingerprint the user. */
const FAKE_QUOTA = 10 * 2 ** 30;

/** Probes whether a file may be this large; null if the browser can't tell. */
export type Fits = (bytes: number) => Promise<boolean | null>;

/**
 * Returns how much space there is, as far as it matters for results of about this size.
 *
 * @param fits null if the browser doesn't let the page have files
 * @param own the size of the last run's results, whose space the next run may reuse
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

/** Estimates the size of the results; null if it can't be known. */
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

/** Returns a warning, or null if there seems to be enough space. */
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
