// The mapping from columns of a table, or constants, to fields of a record. As text, one per line.

import type { Field } from '../engine/generated/Field';
import type { GuessedOrigin } from '../engine/generated/GuessedOrigin';
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

/** Writes a guessed mapping as text. */
export const guessText = (guess: readonly GuessedOrigin[]): string =>
  guess.map(({ field, origin }) => `${field}=${origin}`).join('\n');

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
  const { map } = parseMapping(text);
  return FIELDS.filter((field) => {
    if (field === 'id' && map.id === undefined) return false;
    const origin = map[field] === undefined ? { column: field } : parseOrigin(map[field]);
    if (origin === null) return true;
    return 'column' in origin ? !header.includes(origin.column) : origin.constant.trim() === '';
  });
}
