// Builds everything that the page consists of, into dist/.

import { distDir } from './lib/paths.mjs';
import { precompress } from './lib/precompress.mjs';
import { runAsScript, runNpmTool, step } from './lib/run.mjs';
import { buildWasm } from './build-wasm.mjs';
import { setUp } from './setup.mjs';

export function buildPage() {
  return step('page: building', async () => {
    await runNpmTool('vite', ['build']);
    await precompress(distDir);
  });
}

/** Builds the page as one file, into the folder of the page. Building that empties the folder, so it comes first. */
export function buildOneFile() {
  return step('page as one file: building', () =>
    runNpmTool('vite', ['build', '--config', 'vite.one-file.config.ts']),
  );
}

await runAsScript(import.meta.url, async () => {
  await setUp();
  await buildWasm();
  await buildPage();
  await buildOneFile();
});
