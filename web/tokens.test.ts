import { expect, test } from 'vitest';
import css from './tokens.css?raw';

/** The tokens of a rule. */
function tokens(selector: string): string[] {
  const from = css.indexOf(`${selector} {`);
  expect(from, selector).toBeGreaterThanOrEqual(0);
  const rule = css.slice(from, css.indexOf('}', from));
  return [...rule.matchAll(/--[\w-]+: [^;]+/g)].map(([token]) => token);
}

test('dark is the same by the system’s choice and by the user’s', () => {
  const dark = tokens(":root[data-theme='dark']");
  expect(dark).toEqual(tokens(":root:not([data-theme='light'])"));
  expect(dark.length).toBeGreaterThan(10);
});
