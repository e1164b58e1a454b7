// Checks whether a file that was chosen may contain records, judging by its start. Only the engine parses files.

import type { FileHead, ReadOptions } from '../engine/protocol';
import { toPageProblem } from './hints';

/** Reads the start of a file with the engine. */
export type ReadHead = (file: File, reading: ReadOptions) => Promise<FileHead>;

/**
 * Why a file can't contain records, judging by its start, or else that start. Null if it can't be read or decompressed;
 * then the run reports it.
 */
export type FileCheck = { refusal: string } | { head: FileHead | null };

/** Checks a file that was chosen. Accepts what may be records in another encoding. */
export async function checkFile(
  file: File,
  reading: ReadOptions,
  readHead: ReadHead,
): Promise<FileCheck> {
  if (file.size === 0)
    return { refusal: `${file.name} is empty: there is nothing in it to run on.` };
  // A dropped folder has a name and a size like a file.
  const isReadable = await file
    .slice(0, 1)
    .arrayBuffer()
    .then(Boolean, () => false);
  if (!isReadable) {
    const refusal = `${file.name} can’t be read. If it is a folder, choose the files in it instead.`;
    return { refusal };
  }
  const head = await readHead(file, reading).catch(() => null);
  if (head === null) return { head };
  const { bytes, whole, problem, mayBeEncoded } = head;
  if (whole && bytes.length === 0) {
    return {
      refusal: `${file.name} is empty once it is unpacked: there is nothing in it to run on.`,
    };
  }
  if (problem === null || mayBeEncoded) return { head };
  const { text } = toPageProblem(problem);
  return { refusal: `${text.replace(/^the input /, () => `${file.name} `)}.` };
}
