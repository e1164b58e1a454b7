// Finds actions by what is typed: by the beginning of a title, of a word, by what is within, or by letters in order.

import type { Action } from './action';

// A token of the query is worth more, the earlier and the more literally the text has it.
const [START, PROPER_START, WORD_START, WITHIN, OTHER_WORD, IN_ORDER] = [100, 90, 70, 40, 30, 10];

/** In front of the title proper, as in “Situation: Full speed”. */
const PREFIX = /^[^:]{1,20}: /;

/** Returns a text in lower case and without accents. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Returns where in a text a word begins with these letters; −1 if none does. */
function wordStart(text: string, letters: string): number {
  for (let at = text.indexOf(letters); at >= 0; at = text.indexOf(letters, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return at;
  }
  return -1;
}

/** Returns how many characters of a text lie between the first and the last of these letters in order; −1 without them. */
function spread(text: string, letters: string): number {
  let first = -1;
  let at = -1;
  for (const letter of letters) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return -1;
    if (first < 0) first = at;
  }
  return at - first + 1 - letters.length;
}

/** Returns how well a token fits; 0 if it doesn't. */
function fit(title: string, words: string, token: string): number {
  const share = token.length / title.length;
  if (title.startsWith(token)) return START + share;
  if (title.replace(PREFIX, '').startsWith(token)) return PROPER_START + share;
  if (wordStart(title, token) >= 0) return WORD_START + share;
  if (title.includes(token)) return WITHIN;
  if (wordStart(words, token) >= 0) return OTHER_WORD;
  const gap = token.length > 1 ? spread(title, token) : -1;
  // Letters that are far apart are there by chance.
  return gap >= 0 && gap <= 2 * token.length + 4 ? IN_ORDER / (1 + gap / 4) : 0;
}

/**
 * Returns how well an action fits what was typed; 0 if some of it doesn't fit at all. The order of the words doesn't
 * matter.
 */
export function score(action: Pick<Action, 'title' | 'words' | 'group'>, query: string): number {
  const tokens = plain(query)
    .split(/\s+/)
    .filter((token) => token !== '');
  const title = plain(action.title);
  const words = plain(`${action.group} ${action.words ?? ''}`);
  let sum = 0;
  for (const token of tokens) {
    const found = fit(title, words, token);
    if (found === 0) return 0;
    sum += found;
  }
  return tokens.length === 0 ? 1 : sum / tokens.length;
}

/** Returns the actions that fit, best first; of those that fit equally well, in their own order. */
export function search<A extends Pick<Action, 'title' | 'words' | 'group'>>(
  actions: readonly A[],
  query: string,
  most = 50,
): A[] {
  return actions
    .map((action) => ({ action, score: score(action, query) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ action }) => action);
}
