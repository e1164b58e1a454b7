// Builds everything that the page consists of, into dist/.

import { runAsScript, runNpmTool, step } from './lib/run.mjs';
import { buildWasm } from './build-wasm.mjs';
import { setUp } from './setup.mjs';

export function buildPage() {
  return step('page: building', () => runNpmTool('vite', ['build']));
}

await runAsScript(import.meta.url, async () => {
  await setUp();
  await buildWasm();
  await buildPage();
});
