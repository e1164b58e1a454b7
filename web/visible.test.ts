import { expect, test } from 'vitest';
import text from '../tests/vectors/visible-text.json?raw';
import { visible } from './visible';

/** The engine's test reads the same vectors. */
const vectors = JSON.parse(text) as [string, string][];

test.each(vectors)('%j', (text, expected) => {
  expect(visible(text)).toBe(expected);
});
