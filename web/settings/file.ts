// Information from file names.

import type { Format } from '../engine/generated/Format';

function unpackedName(name: string): string {
  return name.toLowerCase().replace(/(\.(gz|zst|bz2|xz))+$/, '');
}

/** Returns the format by extension; `auto` leaves it to the first line. */
export function formatOf(name: string): Format {
  const ending = /\.([^.]+)$/.exec(unpackedName(name))?.[1] ?? '';
  if (['jsonl', 'ndjson', 'json'].includes(ending)) return 'jsonl';
  if (ending === 'csv') return 'csv';
  if (['tsv', 'tab'].includes(ending)) return 'tsv';
  return 'auto';
}
