// Why results can't be stored: what happened, and what the user can do.

import { bytes } from '../../format';

/** Chromium's FILE_ERROR_NO_SPACE, which it returns as an unsigned number. */
const NO_SPACE = -8;

/** The results can't be stored. The message is a whole sentence. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/**
 * Validates the number of bytes that a browser claims to have written. In private windows, Chromium returns errors as
 * if they were counts.
 *
 * @param length the number of bytes passed to it
 */
export function writtenOf(count: number, length: number): number {
  if (Number.isInteger(count) && count > 0 && count <= length) return count;
  // As a signed number.
  if (count === 0 || (count | 0) === NO_SPACE) {
    throw new DOMException('no space is left', 'QuotaExceededError');
  }
  throw new Error(`the browser answered ${count} when it was given ${length} bytes to write`);
}

/** Converts an error into one with a reason that the user can act on. */
export async function asStorageError(error: unknown): Promise<StorageError> {
  if (error instanceof StorageError) return error;
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return new StorageError(
      `the results can’t be stored: the browser gives this page no more room on disk${await usage()}. Process fewer ` +
        'records, make room on the disk, or leave a private window, where there is less.',
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(
    `the results can’t be stored: ${reason}. Run again; if that does not help, reload the page.`,
  );
}

/**
 * Describes how much of its quota the page uses, if the browser's answer is credible: some always report free space.
 */
async function usage(): Promise<string> {
  const { usage, quota }: StorageEstimate = await navigator.storage.estimate().catch(() => ({}));
  if (usage === undefined || quota === undefined || usage < quota / 2) return '';
  return ` (it uses ${bytes(usage)} of ${bytes(quota)})`;
}
