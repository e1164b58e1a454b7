// Tables as CSV, as of RFC 4180.

import { visible } from '../visible';

/** Writes rows, the first of which has the names of the columns. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Writes a number. Nanoseconds are the least that is measured. */
export const digits = (value: number): string => String(Number(value.toFixed(9)));

/** Names may be anybody's: spreadsheets must not take one for a formula. A number is one. */
function cell(text: string): string {
  const isFormula = /^[=+@\t\r-]/.test(text) && !Number.isFinite(Number(text));
  const shown = visible(isFormula ? `'${text}` : text);
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
