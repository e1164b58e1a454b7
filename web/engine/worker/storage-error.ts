// Why results can't be stored: what happened, and what the user can do.

import { bytes } from '../../format';

/** What Chromium answers, as an unsigned number, where there is no room left: its FILE_ERROR_NO_SPACE. */
const NO_SPACE = -8;

/** The results can't be stored. Its message is a whole sentence. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/**
 * Checks how many bytes a browser says it has written. In private windows Chromium answers errors as if they were counts.
 *
 * @param length how many it was given
 */
export function writtenOf(count: number, length: number): number {
  if (Number.isInteger(count) && count > 0 && count <= length) return count;
  // As a signed number.
  if (count === 0 || (count | 0) === NO_SPACE) {
    throw new DOMException('no space is left', 'QuotaExceededError');
  }
  throw new Error(`the browser answered ${count} when it was given ${length} bytes to write`);
}

/** The error with a reason that a user can do something about. */
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

/** How much the page has, where the browser tells the truth about it: some say that there is room left for ever. */
async function usage(): Promise<string> {
  const { usage, quota }: StorageEstimate = await navigator.storage.estimate().catch(() => ({}));
  if (usage === undefined || quota === undefined || usage < quota / 2) return '';
  return ` (it uses ${bytes(usage)} of ${bytes(quota)})`;
}
