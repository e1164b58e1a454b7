// Splits a line of Rust or Go into what is set apart when it is shown: comments, texts, keywords. Strings and comments
// end with their line in the code that is shown.

import type { Language } from './section';

/** What a token is; null for everything that isn't set apart. */
export type TokenKind = 'comment' | 'keyword' | 'text' | null;

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  rust: new Set(
    `as async await break const continue crate dyn else enum false fn for if impl in let loop match mod move mut
    pub ref return self Self static struct super trait true type use where while`.split(/\s+/),
  ),
  go: new Set(
    `break case chan const continue default defer else fallthrough false for func go goto if import interface map nil
    package range return select struct switch true type var`.split(/\s+/),
  ),
};

/** A comment, a text, a word, a lifetime, or anything else up to the next of these. A lifetime isn't a text. */
const PARTS =
  /(?<comment>\/\/.*)|(?<text>"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.[^']*)'|\b\d[\w.]*)|(?<word>'?[A-Za-z_]\w*)|[^"`'\w/]+|./g;

/** Returns the tokens of a line; together they are its text. */
export function tokens(line: string, language: Language): Token[] {
  const found: Token[] = [];
  for (const match of line.matchAll(PARTS)) {
    const { comment, text, word } = match.groups ?? {};
    const isKeyword = word !== undefined && KEYWORDS[language].has(word);
    const kind = comment ? 'comment' : text ? 'text' : isKeyword ? 'keyword' : null;
    const last = found.at(-1);
    if (last?.kind === null && kind === null) {
      found[found.length - 1] = { kind, text: last.text + match[0] };
    } else found.push({ kind, text: match[0] });
  }
  return found;
}
