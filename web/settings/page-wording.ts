// Translates the engine's problems into the wording of the page: the engine mentions options of the command line.

import type { Problem } from '../engine/problems';
import { encodingName } from './encodings';

const REPLACEMENTS: readonly [RegExp, string][] = [
  // Order matters: longer ones first.
  [
    / If not, name one with --map (\w+)=COLUMN, or give all records the same with --map \1="'TEXT'"/g,
    ' If not, choose another column for $1 below, or a constant',
  ],
  [
    / name one with --map (\w+)=COLUMN, or give all records the same with --map \1="'TEXT'"/g,
    ' choose one for $1 in the mapping, or a constant',
  ],
  [/ If not, name one with --map (\w+)=COLUMN/g, ' If not, choose another column for $1'],
  [/ name one with --map (\w+)=COLUMN/g, ' choose one for $1 in the mapping'],
  [/did you mean --map ("?)'?\w+=(.+?)'?\1\?/g, 'did you mean the column “$2”?'],
  [/; leave (it|them) out: .+/g, '; leave $1 out of the file'],
  [/; if its columns are these, put one before it: .+/g, '; put a line with their names before it'],
  [/ \(tr '\\r' '\\n'\)/g, ''],
  [/if these are right, all of them: --map .+/g, 'if these are right, choose them in the mapping'],
  [/, or map a field to it \(--map FIELD=.+\)/g, ', or choose it for a field in the mapping'],
  [/for JSON Lines say --format jsonl/g, 'if it is, choose JSON Lines as its format'],
  [/say --format csv$/g, 'choose CSV as its format'],
  [/say --format csv --delimiter '(.)'/g, 'choose CSV as its format, and “$1” as the delimiter'],
  [/say --format tsv/g, 'choose a tab as the delimiter'],
  [/say --delimiter '(.)'/g, 'choose “$1” as the delimiter'],
  [/ \(--max-line\)/g, ''],
];

const ENCODING = /say --encoding ([\w-]+)/g;

/** A command-line option. */
const OPTION = /(^|[\s(`'"])--?[a-z][\w-]*/;

/** A text in parentheses, and the boundaries of clauses. */
const BRACKETED = / ?\([^()]*\)/g;
const PART = /(?<=[;.?!])\s+|(?<=,)\s+(?=(?:or|and)\b)/;

/** @param names names of files in the text, which belong to the user even if they look like options */
export function toPageWording(text: string, names: readonly string[] = []): string {
  const misleading = names
    .filter((name) => OPTION.test(name))
    .toSorted((a, b) => b.length - a.length);
  // Replace them with noncharacters in the meantime.
  const masked = misleading.reduce(
    (text, name, at) => text.replaceAll(name, () => `\uFDD0${at}\uFDD1`),
    text,
  );
  return translated(masked).replace(
    /\uFDD0(\d+)\uFDD1/g,
    (mask, at: string) => misleading[Number(at)] ?? mask,
  );
}

function translated(text: string): string {
  const replaced = REPLACEMENTS.reduce(
    (text, [flag, words]) => text.replace(flag, words),
    text.replace(ENCODING, (_, name: string) => `choose ${encodingName(name)} as its encoding`),
  );
  // Quoted text belongs to the user.
  if (!OPTION.test(withoutQuotes(replaced))) return replaced;
  // Drop advice that the page has no wording for. What is wrong remains.
  const parts = replaced
    .replace(BRACKETED, (part) => (OPTION.test(part) ? '' : part))
    .split(PART)
    .filter((part) => !OPTION.test(withoutQuotes(part)));
  const kept = parts.join(' ').replace(/[;,:\s]+$/, '');
  return kept === '' ? 'the input does not fit its settings' : kept;
}

/** Strips text in double quotes or backticks. */
function withoutQuotes(text: string): string {
  return text.replace(/"[^"]*"|`[^`]*`|“[^”]*”/g, '""');
}

/** Translates a problem. One of a single field of the mapping belongs to the mapping. */
export function toPageProblem({ path, text }: Problem, names: readonly string[] = []): Problem {
  const words = toPageWording(text, names);
  const field = /^input\.map\.(\w+)$/.exec(path)?.[1];
  if (field !== undefined) return { path: 'input.map', text: `${field} ${words}` };
  return { path, text: words };
}
