// What a visitor has to load: the page and the engine that it chooses, compressed.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { distDir } from '../../scripts/lib/paths.mjs';
import { expect, test } from './page';

/** Compressed, in bytes: 523,000 of the engine, 45,000 of the font. The goal is 700,000. */
const LIMIT = 820_000;

function files(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}

test('the page and its engine are small', () => {
  const loaded = files(distDir).filter((path) => !relative(distDir, path).includes('single'));
  const sizes = loaded.map((path) => gzipSync(readFileSync(path), { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // Otherwise it has looked in the wrong place.
  expect(total).toBeGreaterThan(100_000);
  expect(total).toBeLessThan(LIMIT);
});
