import { expect, test } from 'vitest';
import text from '../tests/vectors/visible-text.json?raw';
import { visible } from './visible';

/** The same are read by the engine's test. */
const vectors = JSON.parse(text) as [string, string][];

test.each(vectors)('%j', (text, expected) => {
  expect(visible(text)).toBe(expected);
});
