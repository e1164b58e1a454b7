// Guesses what a file is from its start, and extracts its first rows for guesses and previews. Only the engine really
// parses files.

import type { Format } from '../engine/generated/Format';
import type { FileHead } from '../engine/protocol';
import { formatOf } from './file';
import { toPageProblem } from './hints';

const ROWS = 21;
const BYTES = 64 * 1024;
const DELIMITERS = [',', ';', '\t', '|'];
const [QUOTE, NEWLINE] = [0x22, 0x0a];

/** The start of a table. */
export interface TableStart {
  /** The header and a few rows. */
  rows: string[][];
  /** The delimiter, configured or detected. */
  delimiter: string;
}

export interface FileStart extends FileHead {
  /** Null if the file isn't a table, judging by its start. */
  table: TableStart | null;
}

/** Reads the start of a file with the engine. */
export type ReadHead = (file: Blob, most: number, encoding: string) => Promise<FileHead>;

/**
 * Why a file can't contain records, judging by its start, or else that start. Null if it can't be read or decompressed;
 * then the run reports it.
 */
export type FileCheck = { refusal: string } | { head: FileHead | null };

/** Checks a file that was chosen. Accepts what may be records in another encoding. */
export async function checkFile(
  file: File,
  encoding: string,
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
  const head = await readHead(file, BYTES, encoding).catch(() => null);
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

/** How the user wants the file to be read. */
export interface ReadOptions {
  /** `auto`: by the file name, then by its first line. */
  format: Format;
  encoding: string;
  /** If empty, it is detected. */
  delimiter: string;
}

export async function fileStart(
  file: File,
  reading: ReadOptions,
  readHead: ReadHead,
): Promise<FileStart> {
  return startOf(await readHead(file, BYTES, reading.encoding), file.name, reading);
}

/** Guesses what a file is from its start. */
export function startOf(head: FileHead, name: string, reading: ReadOptions): FileStart {
  const { bytes, problem } = head;
  return { ...head, table: problem === null ? tableStart(bytes, name, reading) : null };
}

function tableStart(bytes: Uint8Array, name: string, reading: ReadOptions): TableStart | null {
  const format = reading.format === 'auto' ? formatOf(name) : reading.format;
  if (format === 'jsonl') return null;
  const text = new TextDecoder().decode(bytes);
  if (format === 'auto' && reading.delimiter === '' && /^\s*[{[]\s*["{}\]]/.test(text)) return null;
  const delimiter = format === 'tsv' ? '\t' : reading.delimiter || guessDelimiter(text);
  return { rows: firstRows(text, delimiter), delimiter };
}

/** Returns the delimiter that splits all rows into the same number of cells, and into the most; by default a comma. */
export function guessDelimiter(text: string): string {
  let best = { delimiter: ',', even: false, cells: 1 };
  for (const delimiter of DELIMITERS) {
    const [header = [], ...rows] = firstRows(text, delimiter);
    // The last row may be truncated.
    const even = rows.slice(0, -1).every((row) => row.length === header.length);
    const cells = header.length;
    if (cells > 1 && (even === best.even ? cells > best.cells : even)) {
      best = { delimiter, even, cells };
    }
  }
  return best.delimiter;
}

/** Splits rows, with quotes as in RFC 4180. */
export function firstRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length && rows.length < ROWS; at += 1) {
    const char = text[at] ?? '';
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += char;
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === delimiter) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      row.push(cell.replace(/\r$/, ''));
      if (row.length > 1 || row[0] !== '') rows.push(row);
      [row, cell] = [[], ''];
    } else cell += char;
  }
  if (rows.length < ROWS && (row.length > 0 || cell !== '')) rows.push([...row, cell]);
  return rows;
}

/** A line of JSON, or a row of a table including quoted line ends. */
export interface RawRecord {
  /** Its first line in the file, from 1. */
  line: number;
  start: number;
  /** The offset after its last byte. */
  end: number;
}

/** Returns the first records of a file; for a table, without its header. Omits a record that isn't complete. */
export function firstRecords({ bytes, whole, table }: FileStart, most: number): RawRecord[] {
  const delimiter = table?.delimiter.charCodeAt(0);
  const found: RawRecord[] = [];
  const wanted = table ? most + 1 : most;
  let [start, line, lines, quoted, atCell] = [0, 1, 1, false, true];
  for (let at = 0; at <= bytes.length && found.length < wanted; at += 1) {
    const byte = bytes[at];
    const atEnd = byte === undefined;
    if (atEnd || (byte === NEWLINE && !quoted)) {
      const isBlank = new TextDecoder().decode(bytes.subarray(start, at)).trim() === '';
      if (!isBlank && (!atEnd || whole)) found.push({ line, start, end: at });
      start = at + 1;
      line = lines + 1;
      atCell = true;
    } else if (byte === QUOTE && table && (quoted || atCell)) {
      // Two quotes within quotes are an escaped one: leave and reenter.
      quoted = !quoted;
      atCell = quoted || bytes[at + 1] === QUOTE;
    } else atCell = byte === delimiter;
    if (byte === NEWLINE) lines += 1;
  }
  return table ? found.slice(1) : found;
}
