// What the user can do about a problem of an input, phrased with the names of the page's controls.

import type { Hint } from '../engine/generated/Hint';
import type { LikelyEncoding } from '../engine/generated/LikelyEncoding';
import type { EngineProblem, Problem } from '../engine/problems';
import { encodingName } from './encodings';

/**
 * Phrases a problem that the engine reports. A problem of a single field of the mapping belongs to
 * the mapping.
 */
export function toPageProblem({ path, text, hint }: EngineProblem): Problem {
  const advice = hint === null ? null : phraseOf(hint);
  const words = advice === null ? text : `${text}; ${advice}`;
  const field = /^input\.map\.(\w+)$/.exec(path)?.[1];
  return field === undefined
    ? { path, text: words }
    : { path: 'input.map', text: `${field} ${words}` };
}

/** Returns what the user can do, to follow the problem; null if the page has no control for it. */
export function phraseOf(hint: Hint): string | null {
  switch (hint.kind) {
    case 'map_field':
      return hint.field === 'id'
        ? `${didYouMean(hint.column)} Only a table without such a column has its rows numbered`
        : didYouMean(hint.column);
    case 'choose_column': {
      const { field, suggestion } = hint;
      const constant = field === 'value' ? '' : ', or a constant';
      return suggestion === null
        ? `choose one for ${field} in the mapping${constant}`
        : `${didYouMean(suggestion)} If not, choose another one for ${field} in the mapping${constant}`;
    }
    case 'map_fields':
      return 'if they do, choose them in the mapping';
    case 'keep_column':
      return 'rename the column in the header, or choose it for a field in the mapping';
    case 'rename_columns':
      return 'rename all but one';
    case 'read_as_json':
      return 'if it is, choose JSON Lines as its format';
    case 'read_as_table':
      return `if it is one, choose ${tableFormat(hint.delimiter)}`;
    case 'set_delimiter':
      return hint.delimiter === '\t'
        ? 'if tabs separate its cells, choose a tab as the delimiter'
        : `if “${hint.delimiter}” separates its cells, choose it as the delimiter`;
    case 'set_encoding':
      return `if the input is ${family(hint.encoding)}, choose ${encodingName(hint.encoding)} as its encoding`;
    case 'raise_max_line':
      return null;
    case 'unify_line_ends':
      return 'make them all end with a line feed';
    case 'skip_lines':
      return `leave ${hint.lines === 1 ? 'it' : 'them'} out of the file`;
    case 'add_header':
      return 'put a line with the names of its columns before it';
    case 'name_columns':
      return `put a line with the names of its ${hint.count} columns before it`;
    case 'convert':
      return 'convert it to CSV or JSON Lines first';
    case 'save_as_csv':
      return 'save the sheet as CSV first';
    case 'export_table':
      return 'export a table as CSV first';
    case 'save_as_text':
      return 'save it as plain text first';
    case 'convert_to_utf8':
      return 'convert it to UTF-8 first';
    case 'unpack':
      return 'unpack it first';
  }
}

function didYouMean(column: string): string {
  return `did you mean the column “${column}”?`;
}

function tableFormat(delimiter: string): string {
  if (delimiter === '\t') return 'TSV as its format';
  if (delimiter === ',') return 'CSV as its format';
  return `CSV as its format, and “${delimiter}” as the delimiter`;
}

function family(encoding: LikelyEncoding): string {
  return encoding === 'windows-1252' ? 'Windows-1252 or Latin-1' : 'UTF-16';
}
