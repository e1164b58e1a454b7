// Finds the line of a record in a results file, which may be large: it is read in pieces.
//
// Generated records are `rec-0042`, and an ordered file has them in ascending order: those are found by halving the
// file. Others are looked for from the beginning, up to a limit.

export interface FindOptions {
  /** Whether the file is in the order of production; true unless said. */
  ordered?: boolean;
  /** Bytes that are read at most where the file has to be read from its beginning. */
  limit?: number;
}

/** The most that is read for a line by line search. */
const LIMIT = 64 * 2 ** 20;
const PIECE = 64 * 1024;
/** The longest line there may be: what one of 64 MiB becomes when it is escaped is not looked for. */
const LONGEST_LINE = 2 ** 20;

/** The id that the generator gives a record. */
export function generatedId(record: number): string {
  return `rec-${String(record).padStart(4, '0')}`;
}

/**
 * The line of a record, without its end; null if it is not in the file, or not found within the limit.
 *
 * @param record its number, if it was generated, or its `id`
 */
export async function findLine(
  blob: Blob,
  record: number | string,
  { ordered = true, limit = LIMIT }: FindOptions = {},
): Promise<string | null> {
  const id = typeof record === 'number' ? generatedId(record) : record;
  const wanted = numberOf(id);
  if (ordered && wanted !== null && blob.size > PIECE) {
    const found = await halve(blob, id, wanted);
    if (found !== undefined) return found;
  }
  return await scan(blob, id, limit);
}

/** The number in the id of a generated record. */
function numberOf(id: string): number | null {
  const found = /^rec-(\d{4,15})$/.exec(id);
  return found ? Number(found[1]) : null;
}

/** Undefined if the file is not what this can be done with. */
async function halve(blob: Blob, id: string, wanted: number): Promise<string | null | undefined> {
  // The line that is looked for begins in [low, high).
  let low = 0;
  let high = blob.size;
  while (high - low > PIECE) {
    const middle = low + Math.floor((high - low) / 2);
    const line = await lineAfter(blob, middle);
    // No line begins there, or none that begins before `high`: look before it.
    if (line === null || line.start >= high) {
      high = middle;
      continue;
    }
    const number = numberOf(idOf(line.text) ?? '');
    if (number === null) return undefined;
    if (number === wanted) return line.text;
    if (number < wanted) low = line.start;
    else high = middle;
  }
  const end = Math.min(blob.size, high + LONGEST_LINE);
  return await scan(blob.slice(low, end), id, end - low);
}

/** The first whole line that begins behind a place. */
async function lineAfter(
  blob: Blob,
  place: number,
): Promise<{ start: number; text: string } | null> {
  for (let length = 4096; ; length *= 4) {
    const end = Math.min(blob.size, place + length);
    const bytes = new Uint8Array(await blob.slice(place, end).arrayBuffer());
    const start = bytes.indexOf(0x0a) + 1;
    const stop = start > 0 ? bytes.indexOf(0x0a, start) : -1;
    if (stop >= 0 || (end === blob.size && start > 0 && start < bytes.length)) {
      const line = bytes.subarray(start, stop >= 0 ? stop : undefined);
      return { start: place + start, text: new TextDecoder().decode(line) };
    }
    if (end === blob.size || length > LONGEST_LINE) return null;
  }
}

async function scan(blob: Blob, id: string, limit: number): Promise<string | null> {
  const part = blob.slice(0, limit);
  const decoder = new TextDecoder();
  // As it stands in the file; compared as text first, which is faster than to parse each line.
  const quoted = JSON.stringify(id);
  let rest = '';
  for (let from = 0; from < part.size; from += PIECE) {
    const bytes = await part.slice(from, from + PIECE).arrayBuffer();
    const isLast = from + PIECE >= part.size;
    const lines = (rest + decoder.decode(bytes, { stream: !isLast })).split('\n');
    rest = lines.pop() ?? '';
    if (isLast) lines.push(rest);
    const found = lines.find((line) => line.includes(quoted) && idOf(line) === id);
    if (found !== undefined) return found;
  }
  return null;
}

function idOf(line: string): string | null {
  try {
    const record = JSON.parse(line) as unknown;
    if (typeof record !== 'object' || record === null || !('id' in record)) return null;
    return typeof record.id === 'string' ? record.id : null;
  } catch {
    return null;
  }
}
