// The files that the build compresses.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveConfig } from 'vite';
import { root } from '../../scripts/lib/paths.mjs';
import { precompress } from '../../scripts/lib/precompress.mjs';

/** @type {string} */
let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearpipe-precompress-'));
  mkdirSync(join(folder, 'engine/single'), { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const unpacked = (/** @type {string} */ name) =>
  brotliDecompressSync(readFileSync(join(folder, `${name}.br`))).toString();

test('what is worth it gets a compressed form beside it, in all folders', async () => {
  const compressible = [
    ...['index.html', 'page.css', 'page.js', 'icon.svg', 'data.json', 'manifest.webmanifest'],
    'engine/single/engine_bg.wasm',
  ];
  const others = ['font.woff2', 'icon.png', 'LICENSE', 'old.js.br'];
  for (const name of [...compressible, ...others]) {
    writeFileSync(join(folder, name), `${name} `.repeat(100));
  }
  await precompress(folder);
  for (const name of compressible) expect(unpacked(name)).toBe(`${name} `.repeat(100));
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  expect(all.filter((name) => name.endsWith('.br')).sort()).toEqual(
    [...compressible.map((name) => `${name}.br`), 'old.js.br'].sort(),
  );
});

test('a compressed form of an earlier build is replaced', async () => {
  writeFileSync(join(folder, 'page.js'), 'earlier');
  await precompress(folder);
  writeFileSync(join(folder, 'page.js'), 'now');
  await precompress(folder);
  expect(unpacked('page.js')).toBe('now');
});

test('a build of the page alone leaves none of an earlier one behind', async () => {
  const { build } = await resolveConfig({ root, logLevel: 'silent' }, 'build');
  // Not set, so that Vite empties it: it is within the project.
  expect(build.emptyOutDir).toBeNull();
  expect(join(root, build.outDir)).toBe(join(root, 'dist'));
});
