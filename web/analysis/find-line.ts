// Finds the line of a record in a results file, which may be large: it is read in pieces.
//
// Generated records are `rec-0042`, and an ordered file has them in ascending order: those are found by halving the
// file. Others are looked for from the beginning, up to a limit, and so are the ids of the user's own records, which
// several records may have.

export interface FindOptions {
  /** Whether the file is in the order of production; true unless said. */
  ordered?: boolean;
  /** Bytes that are read at most where the file has to be read from its beginning. */
  limit?: number;
}

/** The lines of both files that have an id of the user's own. */
export interface OwnIdMatches {
  /** The first of them, and the place of its file among those that were searched. */
  first: { file: number; line: string } | null;
  /** Whether there is another one. */
  isRepeated: boolean;
  /** Why a record failed that could not be read and seems to have the id: a cell of it is the same. */
  parseError: string | null;
  /** Whether the files were searched to their ends. */
  isWhole: boolean;
}

/** The most of a file that is read for a line by line search. */
export const LIMIT = 64_000_000;
const CHUNK = 64 * 1024;
/** The longest line there may be: what one of 64 MiB becomes when it is escaped is not looked for. */
const LONGEST_LINE = 2 ** 20;

/** The id that the generator gives a record. */
export function generatedId(record: number): string {
  return `rec-${String(record).padStart(4, '0')}`;
}

/** The line of a generated record, without its end; null if it is not in the file, or not found within the limit. */
export async function findLine(
  blob: Blob,
  record: number,
  { ordered = true, limit = LIMIT }: FindOptions = {},
): Promise<string | null> {
  const id = generatedId(record);
  if (ordered && blob.size > CHUNK) {
    const found = await binarySearch(blob, id, record);
    if (found !== undefined) return found;
  }
  return await scan(blob, id, limit);
}

/** Finds the lines that have an id of the user's own. */
export async function findByOwnId(
  files: readonly Blob[],
  id: string,
  { limit = LIMIT, signal }: { limit?: number; signal?: AbortSignal } = {},
): Promise<OwnIdMatches> {
  // Compared as text first, which is faster than to parse each line; with a backslash, it may be written in another way.
  const quoted = JSON.stringify(id);
  const isWhole = files.every(({ size }) => size <= limit);
  const found: OwnIdMatches = { first: null, isRepeated: false, parseError: null, isWhole };
  for (const [file, blob] of files.entries()) {
    for await (const lines of linesOf(blob, limit)) {
      signal?.throwIfAborted();
      for (const line of lines) {
        if (!line.includes(quoted) && !line.includes('\\') && !line.includes(RAW)) continue;
        const record = parse(line);
        const hasId = isUnparsed(record) ? ownId(record.raw) === id : record?.id === id;
        if (hasId) {
          if (found.first) return { ...found, isRepeated: true };
          found.first = { file, line };
        } else if (found.parseError === null && isUnparsed(record) && hasCell(record.raw, id)) {
          found.parseError = record.error;
        }
      }
    }
  }
  return found;
}

/** The number in the id of a generated record. */
function numberOf(id: string): number | null {
  const found = /^rec-(\d{4,15})$/.exec(id);
  return found ? Number(found[1]) : null;
}

/** Undefined if the file is not what this can be done with. */
async function binarySearch(
  blob: Blob,
  id: string,
  wanted: number,
): Promise<string | null | undefined> {
  // The line that is looked for begins in [low, high).
  let low = 0;
  let high = blob.size;
  while (high - low > CHUNK) {
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
  const quoted = JSON.stringify(id);
  for await (const lines of linesOf(blob, limit)) {
    const found = lines.find((line) => line.includes(quoted) && idOf(line) === id);
    if (found !== undefined) return found;
  }
  return null;
}

/** The lines of a file, many at a time. The last one is cut off if the limit is within it. */
async function* linesOf(blob: Blob, limit: number): AsyncGenerator<string[]> {
  const part = blob.slice(0, limit);
  const decoder = new TextDecoder();
  let rest = '';
  for (let from = 0; from < part.size; from += CHUNK) {
    const bytes = await part.slice(from, from + CHUNK).arrayBuffer();
    const isLast = from + CHUNK >= part.size;
    const lines = (rest + decoder.decode(bytes, { stream: !isLast })).split('\n');
    rest = lines.pop() ?? '';
    if (isLast) lines.push(rest);
    yield lines;
  }
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const record = JSON.parse(line) as unknown;
    return typeof record === 'object' ? (record as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function idOf(line: string): string | null {
  const id = parse(line)?.id;
  return typeof id === 'string' ? id : null;
}

/** How the text of a record that could not be read is kept. */
const RAW = '"raw":';

interface UnparsedRecord {
  error: string;
  raw: string;
}

function isUnparsed(
  record: Partial<Record<keyof UnparsedRecord | 'id', unknown>> | null,
): record is UnparsedRecord {
  return (
    record !== null &&
    record.id === undefined &&
    typeof record.error === 'string' &&
    typeof record.raw === 'string'
  );
}

/** The id in a record of JSON as it stands in the input. */
function ownId(raw: string): string | null {
  const id = parse(raw)?.id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

/** Whether a row of a table has a cell that is this id; or, cut short, a record of JSON. */
function hasCell(raw: string, id: string): boolean {
  if (/^\s*[{[]/.test(raw)) return raw.includes(JSON.stringify(id));
  const cells = raw.split(/[,;\t|]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  return cells.includes(id.trim());
}
