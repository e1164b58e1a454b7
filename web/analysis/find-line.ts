// Finds the line of a record in a results file, which may be large: it is read in chunks.
//
// Generated records have ids such as `rec-0042`, in ascending order if the file is ordered: those
// are found by binary search. Otherwise the file is scanned from its beginning, up to a limit. The
// same applies to the ids of the user's own records, which several records may share.

export interface FindOptions {
  /** Whether the file is in the order of production; true by default. */
  ordered?: boolean;
  /** The maximum number of bytes to scan from the beginning of the file. */
  limit?: number;
}

/** The lines in both files that have one of the user's own ids. */
export interface OwnIdMatches {
  /** The first match, and the index of its file among those searched. */
  first: { file: number; line: string } | null;
  /** Whether there is another match. */
  isRepeated: boolean;
  /** Why a record could not be parsed that seems to have the id, because one of its cells equals it. */
  parseError: string | null;
  /** Whether the files were searched to their ends. */
  isWhole: boolean;
}

/** How many bytes of a file are scanned at most. */
export const LIMIT = 64_000_000;
const CHUNK = 64 * 1024;
/** The longest line to look for. A line of 64 MiB, escaped, is beyond that. */
const MAX_LINE = 2 ** 20;

/** Returns the id that the generator gives a record. */
export function generatedId(record: number): string {
  return `rec-${String(record).padStart(4, '0')}`;
}

/**
 * Returns the line of a generated record without its line end, or null if it isn't in the file or wasn't found within
 * the limit.
 */
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

/** Finds the lines that have one of the user's own ids. */
export async function findByOwnId(
  files: readonly Blob[],
  id: string,
  { limit = LIMIT, signal }: { limit?: number; signal?: AbortSignal } = {},
): Promise<OwnIdMatches> {
  // Compare as text first, which is faster than parsing each line. A line with a backslash may spell the id
  // differently.
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

/** Returns the number in the id of a generated record. */
function numberOf(id: string): number | null {
  const found = /^rec-(\d{4,15})$/.exec(id);
  return found ? Number(found[1]) : null;
}

/** Returns undefined if the file doesn't allow a binary search. */
async function binarySearch(
  blob: Blob,
  id: string,
  wanted: number,
): Promise<string | null | undefined> {
  // The line begins in [low, high).
  let low = 0;
  let high = blob.size;
  while (high - low > CHUNK) {
    const middle = low + Math.floor((high - low) / 2);
    const line = await lineAfter(blob, middle);
    // No line begins there, or none before `high`: continue before it.
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
  const end = Math.min(blob.size, high + MAX_LINE);
  return await scan(blob.slice(low, end), id, end - low);
}

/** Returns the first whole line that begins after an offset. */
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
    if (end === blob.size || length > MAX_LINE) return null;
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

/** Yields the lines of a file in chunks. The last line may be cut off by the limit. */
export async function* linesOf(blob: Blob, limit: number): AsyncGenerator<string[]> {
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

/** Returns the id of a record in a results file; null if its line has none. */
export function idOf(line: string): string | null {
  const id = parse(line)?.id;
  return typeof id === 'string' ? id : null;
}

/** The field that keeps the text of a record that could not be parsed. */
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

/** Returns the id in a JSON record as it is in the input. */
function ownId(raw: string): string | null {
  const id = parse(raw)?.id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

/** Whether a row of a table has a cell equal to the id, or a truncated JSON record contains it. */
function hasCell(raw: string, id: string): boolean {
  if (/^\s*[{[]/.test(raw)) return raw.includes(JSON.stringify(id));
  const cells = raw.split(/[,;\t|]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  return cells.includes(id.trim());
}
