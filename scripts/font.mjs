// Makes the font of the page: Archivo with the characters and the range of weights and widths that the page uses.
//
//     node scripts/font.mjs

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import subsetFont from 'subset-font';
import { root } from './lib/paths.mjs';
import { runAsScript, say } from './lib/run.mjs';

/** Printable ASCII, and what else texts of the page contain. Other characters, in users' data, come from a system font. */
const CHARACTERS =
  Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index)).join('') +
  '\u00a0\u202f±²³·×÷µäöüß–—‘’“”…←→↑↓−≈≤≥';

await runAsScript(import.meta.url, async () => {
  const require = createRequire(import.meta.url);
  const name = '@fontsource-variable/archivo/files/archivo-latin-wdth-normal.woff2';
  const source = require.resolve(name);
  const font = await subsetFont(readFileSync(source), CHARACTERS, {
    targetFormat: 'woff2',
    variationAxes: { wght: { min: 400, max: 700 }, wdth: { min: 80, max: 118 } },
  });
  const folder = join(root, 'web/fonts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'archivo.woff2'), font);
  writeFileSync(join(folder, 'LICENSE'), readFileSync(join(dirname(source), '../LICENSE'), 'utf8'));
  say(`${font.length} bytes`);
});
