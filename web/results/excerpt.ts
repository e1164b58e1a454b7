// Reads an excerpt of a results file, which may be larger than memory.

/** How much to read at either end. */
const BYTES = 16 * 1024;

export interface Excerpt {
  first: string[];
  /** The last lines, except those that are among the first. */
  last: string[];
}

/** Returns the first and the last lines of a file that ends with a line end. */
export async function excerptOf(file: Blob, first: number, last: number): Promise<Excerpt> {
  if (file.size <= BYTES) {
    const lines = linesOf(await file.text());
    const head = lines.slice(0, first);
    return { first: head, last: lines.slice(Math.max(head.length, lines.length - last)) };
  }
  const head = linesOf(await file.slice(0, BYTES).text());
  const tail = linesOf(await file.slice(Math.max(BYTES, file.size - BYTES)).text());
  return {
    // The last line of the first part and the first line of the last part may be cut. A single line longer than the
    // part is shown as far as it goes.
    first: head.slice(0, Math.max(1, Math.min(first, head.length - 1))),
    last: tail.slice(Math.max(1, tail.length - last)),
  };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
