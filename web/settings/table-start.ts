// The first rows of a table, for a guess at what its columns mean. Reading the table is the engine's matter.

import { unpacked } from '../engine/input';
import { formatOf } from './file';

const ROWS = 6;
const BYTES = 64 * 1024;

/** The header and a few rows; null if the file is no table, as far as its beginning tells. */
export async function tableStart(file: File): Promise<string[][] | null> {
  const format = formatOf(file.name);
  if (format === 'jsonl') return null;
  const text = await startOf(file);
  if (format === 'auto' && text.trimStart().startsWith('{')) return null;
  return firstRows(text, format === 'tsv' ? '\t' : ',');
}

async function startOf(file: File): Promise<string> {
  const reader = (await unpacked(file)).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let size = 0; size < BYTES;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  void reader.cancel().catch(() => undefined);
  return (await new Blob(chunks).slice(0, BYTES).text()).replace(/^\ufeff/, '');
}

/** Quotes as RFC 4180 has them. */
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
