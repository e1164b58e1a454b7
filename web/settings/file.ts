// What the name of a file tells.

import type { Format } from '../engine/generated/Format';

function unpackedName(name: string): string {
  return name.toLowerCase().replace(/(\.(gz|zst|bz2|xz))+$/, '');
}

/** The format by the name's ending; `auto` leaves it to the first line. */
export function formatOf(name: string): Format {
  const ending = /\.([^.]+)$/.exec(unpackedName(name))?.[1] ?? '';
  if (['jsonl', 'ndjson', 'json'].includes(ending)) return 'jsonl';
  if (ending === 'csv') return 'csv';
  if (['tsv', 'tab'].includes(ending)) return 'tsv';
  return 'auto';
}

/** The name without its endings, to call something after it. */
export function stemOf(name: string): string {
  const base = name.replace(/(\.(gz|zst|bz2|xz))+$/i, '');
  return base.replace(/\.[^.]+$/, '') || base;
}
