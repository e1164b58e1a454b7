// The mapping from columns of a table, or constants, to fields of a record. As text, one per line.

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

/** The id of the control for the origin of a field. */
export const originId = (field: Field): string => `origin-${field}`;

export const isField = (name: string): name is Field =>
  (FIELDS as readonly string[]).includes(name);

/** Parses lines such as `value=temp_max` and `unit='°C'`. The engine checks whether the columns exist. */
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

/** Parses the right-hand side as the engine does; null if it is invalid. */
export function parseOrigin(text: string): Origin | null {
  const quote = text.startsWith("'") ? "'" : text.startsWith('"') ? '"' : null;
  if (quote === null) return text === '' ? null : { column: text };
  return text.length > 1 && text.endsWith(quote) ? { constant: text.slice(1, -1) } : null;
}

export function originText(origin: Origin): string {
  return 'column' in origin ? origin.column : `'${origin.constant}'`;
}

/** Returns the mapping with a different origin for a field, or without one. All other lines remain as they are. */
export function withOrigin(text: string, field: Field, origin: Origin | null): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const fieldOf = (line: string) => line.slice(0, Math.max(0, line.indexOf('='))).trim();
  const at = lines.findIndex((line) => fieldOf(line) === field);
  const others = lines.filter((line) => fieldOf(line) !== field);
  if (origin === null) return others.join('\n');
  // Where it was before, or else in the order of the fields.
  const order = FIELDS.indexOf(field);
  const behind = others.findIndex((line) => {
    const other = fieldOf(line);
    return isField(other) && FIELDS.indexOf(other) > order;
  });
  const place = at >= 0 ? at : behind >= 0 ? behind : others.length;
  return others.toSpliced(place, 0, `${field}=${originText(origin)}`).join('\n');
}

/** Returns the fields that a table provides nothing for: neither a column nor a constant. Ids can be made up. */
export function missingFields(text: string, header: readonly string[]): Field[] {
  const names = header.map((name) => name.trim());
  const { map } = parseMapping(text);
  return FIELDS.filter((field) => {
    if (field === 'id' && map.id === undefined) return false;
    const origin = map[field] === undefined ? { column: field } : parseOrigin(map[field]);
    if (origin === null) return true;
    return 'column' in origin ? !names.includes(origin.column) : origin.constant.trim() === '';
  });
}

/** Common column names for a field, best first. */
const NAMES: Partial<Record<Field, string[]>> = {
  timestamp: ['timestamp', 'datetime', 'date_time', 'time', 'date', 'ts', 'when'],
  sensor_id: ['sensor', 'device', 'device_id', 'station', 'station_id', 'meter', 'symbol', 'name'],
  value: ['value', 'measurement', 'reading', 'temperature', 'temp_max', 'temp', 'price', 'amount'],
  unit: ['unit', 'units', 'uom'],
  location: ['location', 'place', 'city', 'site', 'region', 'area', 'country'],
};

/** For required fields without a column. */
const CONSTANTS: Partial<Record<Field, string>> = { unit: 'unknown', location: 'unknown' };

/**
 * Guesses a first mapping for a table, for the user to review. A column named like a field needs no line.
 *
 * @param rows the header and a few rows
 * @param stem the name of the file without its extension
 */
export function guessMapping(rows: string[][], stem: string): string {
  const header = (rows[0] ?? []).map((name) => name.trim());
  const taken = new Set(header.filter(isField));
  const used = new Set<string>(taken);
  const lines: string[] = [];
  for (const field of FIELDS) {
    // Without an id, the row number becomes one.
    if (field === 'id' || taken.has(field)) continue;
    const column = columnFor(field, header, used) ?? columnByContent(field, rows, header, used);
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

/** Whether the name of a column is common for this field. If not, the guess rests on its values alone. */
export function isNamedFor(field: Field, column: string): boolean {
  return column === field || (NAMES[field] ?? []).includes(simple(column));
}

const simple = (name: string) => name.toLowerCase().replaceAll(/[\s-]+/g, '_');

function columnFor(field: Field, header: string[], used: Set<string>): string | undefined {
  for (const name of NAMES[field] ?? []) {
    const column = header.find((column) => simple(column) === name && !used.has(column));
    if (column !== undefined) return column;
  }
  return undefined;
}

/** A number, even with a decimal comma, which is reported separately. */
const isNumber = (text: string) => /^[-+]?\d*[.,]?\d+(e[-+]?\d+)?$/i.test(text);

/** Matches `12,5`, which the engine doesn't parse as a number. */
export const hasDecimalComma = (text: string) => /^\s*[-+]?\d+(\.\d{3})*,\d+\s*$/.test(text);

const isTime = (text: string) => /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/.test(text);

/** Matches `°C`, `m/s`, `kWh`: nothing else is written like that. */
const isUnit = (text: string) =>
  /^(°[CFK]?|%|[a-zµ]{1,4}[²³]?\/[a-z]{1,4}[²³]?|[cmk]?m[²³]?|[mk]?g|[mc]?l|[mk]?W|[km]?Wh|[mk]?V|m?A|h?Pa|m?bar|ppm|lux?|dB|[kM]?Hz|[CFK])$/.test(
    text,
  );

/** Matches `S1`, `dev-03`. */
const isCode = (text: string) => /^[a-z]+[-_ ]?\d+$/i.test(text);

/** What the values of a field look like. Locations have no typical form. */
const VALUE_PATTERNS: Partial<Record<Field, (text: string) => boolean>> = {
  timestamp: isTime,
  sensor_id: isCode,
  value: isNumber,
  unit: isUnit,
};

/** A counter, or the number of a row or a device, rather than a measurement. */
function counts(name: string, values: readonly string[]): boolean {
  if (/(^|[_ ])(id|no|nr|index|row|year)$/i.test(name)) return true;
  const numbers = values.map(Number);
  return numbers.length > 2 && numbers.every((value, at) => value === (numbers[0] ?? 0) + at);
}

/**
 * Returns the first column whose values all match, or else, for numbers, one in which most do: the others are reported.
 */
function columnByContent(
  field: Field,
  rows: string[][],
  header: string[],
  used: Set<string>,
): string | undefined {
  const looksRight = VALUE_PATTERNS[field];
  if (!looksRight) return undefined;
  const columns = header
    .map((name, at) => {
      const values = rows.slice(1).map((row) => (row[at] ?? '').trim());
      return { name, values, right: values.filter(looksRight).length / values.length };
    })
    .filter(({ name, values }) => name !== '' && !used.has(name) && values.length > 0);
  const all = columns.filter(({ right }) => right === 1);
  if (field !== 'value') return all[0]?.name;
  const found =
    all.find(({ name, values }) => !counts(name, values)) ??
    all[0] ??
    columns.find(({ right }) => right >= 0.5);
  return found?.name;
}
