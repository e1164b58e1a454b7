// Which field of a record comes from which column of a table, or from a constant: as text, one a line.

import type { Field } from '../engine/generated/Field';
import type { Mapping } from '../engine/generated/Mapping';

export const FIELDS: readonly Field[] = [
  'id',
  'timestamp',
  'sensor_id',
  'value',
  'unit',
  'location',
];

export const isField = (name: string): name is Field =>
  (FIELDS as readonly string[]).includes(name);

/** Reads `value=temp_max` and `unit='°C'`, one a line. Whether the columns exist is the engine's matter. */
export function parseMapping(text: string): { map: Mapping; problems: string[] } {
  const map: Mapping = {};
  const problems: string[] = [];
  for (const line of text.split(/\r?\n/).map((line) => line.trim())) {
    if (line === '') continue;
    const at = line.indexOf('=');
    const field = line.slice(0, at).trim();
    const origin = line.slice(at + 1).trim();
    if (at < 0 || origin === '') {
      problems.push(`“${line}” is no mapping; write field=column or field='constant'`);
    } else if (!isField(field)) {
      problems.push(`there is no field “${field}”; the fields are ${FIELDS.join(', ')}`);
    } else if (map[field] !== undefined && map[field] !== origin) {
      problems.push(`the field ${field} is mapped twice`);
    } else {
      map[field] = origin;
    }
  }
  return { map, problems };
}

/** Where a field comes from. */
export type Origin = { column: string } | { constant: string };

/** What stands behind the `=`, read as the engine reads it; null if it is neither. */
export function parseOrigin(text: string): Origin | null {
  const quote = text.startsWith("'") ? "'" : text.startsWith('"') ? '"' : null;
  if (quote === null) return text === '' ? null : { column: text };
  return text.length > 1 && text.endsWith(quote) ? { constant: text.slice(1, -1) } : null;
}

export function originText(origin: Origin): string {
  return 'column' in origin ? origin.column : `'${origin.constant}'`;
}

/** The mapping with another origin for a field, or with none; all other lines stay as they are. */
export function withOrigin(text: string, field: Field, origin: Origin | null): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const fieldOf = (line: string) => line.slice(0, Math.max(0, line.indexOf('='))).trim();
  const at = lines.findIndex((line) => fieldOf(line) === field);
  const others = lines.filter((line) => fieldOf(line) !== field);
  if (origin === null) return others.join('\n');
  // Where it was, or in the order of the fields.
  const order = FIELDS.indexOf(field);
  const behind = others.findIndex((line) => {
    const other = fieldOf(line);
    return isField(other) && FIELDS.indexOf(other) > order;
  });
  const place = at >= 0 ? at : behind >= 0 ? behind : others.length;
  return others.toSpliced(place, 0, `${field}=${originText(origin)}`).join('\n');
}

/** Words that columns for a field are often called by, best first. */
const NAMES: Partial<Record<Field, string[]>> = {
  timestamp: ['timestamp', 'datetime', 'date_time', 'time', 'date', 'ts', 'when'],
  sensor_id: ['sensor', 'device', 'device_id', 'station', 'station_id', 'meter', 'symbol', 'name'],
  value: ['value', 'measurement', 'reading', 'temperature', 'temp_max', 'temp', 'price', 'amount'],
  unit: ['unit', 'units', 'uom'],
  location: ['location', 'place', 'city', 'site', 'region', 'area', 'country'],
};

/** For fields that must be there and have no column. */
const CONSTANTS: Partial<Record<Field, string>> = { unit: 'unknown', location: 'unknown' };

/**
 * A first mapping for a table, to be looked at and changed. A column named like a field needs no line.
 *
 * @param rows the header and a few rows
 * @param stem what the file is called, without its ending
 */
export function guessMapping(rows: string[][], stem: string): string {
  const header = (rows[0] ?? []).map((name) => name.trim());
  const taken = new Set(header.filter(isField));
  const used = new Set<string>(taken);
  const lines: string[] = [];
  for (const field of FIELDS) {
    // Without an id the number of the row makes one.
    if (field === 'id' || taken.has(field)) continue;
    const column =
      columnFor(field, header, used) ??
      (field === 'value' ? numericColumn(rows, header, used) : undefined);
    const constant = field === 'sensor_id' ? stem.replaceAll("'", '') : CONSTANTS[field];
    if (column !== undefined) {
      used.add(column);
      lines.push(`${field}=${column}`);
    } else if (constant !== undefined) {
      lines.push(`${field}='${constant}'`);
    }
  }
  return lines.join('\n');
}

function columnFor(field: Field, header: string[], used: Set<string>): string | undefined {
  const simple = (name: string) => name.toLowerCase().replaceAll(/[\s-]+/g, '_');
  for (const name of NAMES[field] ?? []) {
    const column = header.find((column) => simple(column) === name && !used.has(column));
    if (column !== undefined) return column;
  }
  return undefined;
}

/** The first column that is a number in all rows, or else in most of them: the others then are told of. */
function numericColumn(rows: string[][], header: string[], used: Set<string>): string | undefined {
  const values = rows.slice(1);
  const isNumber = (text = '') => /^\s*[-+]?[0-9]*\.?[0-9]+(e[-+]?[0-9]+)?\s*$/i.test(text);
  const withNumbers = (share: number) =>
    header.find(
      (name, at) =>
        name !== '' &&
        !used.has(name) &&
        values.length > 0 &&
        values.filter((row) => isNumber(row[at])).length >= share * values.length,
    );
  return withNumbers(1) ?? withNumbers(0.5);
}
