// The lines of traced records in the files with the results, for an event log that is to have them.

import { idOf, linesOf } from '../analysis/find-line';
import type { RecordIds } from '../recording/record-ids';

/** The most characters of lines that a log has. */
const MOST = 4_000_000;

/**
 * Returns the lines of traced records by their numbers. Left out are records whose id others have too, since it can't be
 * told which line is whose, and those beyond a few megabytes.
 *
 * @param files with the results, a JSON object on each line
 */
export async function linesOfRecords(
  files: readonly Blob[],
  ids: RecordIds,
  most = MOST,
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const repeated = new Set<number>();
  let size = 0;
  for (const file of files) {
    for await (const lines of linesOf(file, file.size)) {
      for (const line of lines) {
        const id = idOf(line);
        const record = id === null || ids.isRepeated(id) ? null : ids.numberOf(id);
        if (record === null) continue;
        if (found.has(record)) repeated.add(record);
        else if (size + line.length <= most) {
          found.set(record, line);
          size += line.length;
        }
      }
    }
  }
  for (const record of repeated) found.delete(record);
  return found;
}
