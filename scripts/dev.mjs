// `npm run dev`: the page with Vite's development server. Changes of the page take effect
// immediately. The engine is built only if there is none yet: after changing Rust, run `npm run
// build:wasm` and reload.

import process from 'node:process';
import { buildWasm, hasEngines } from './build-wasm.mjs';
import { ensureNodeModules } from './lib/node-modules.mjs';
import { runAsScript, runNpmTool, say } from './lib/run.mjs';
import { setUp } from './setup.mjs';

await runAsScript(import.meta.url, async () => {
  await ensureNodeModules();
  if (hasEngines()) {
    say('The engine is the one last built; `npm run build:wasm` builds it anew.');
  } else {
    await setUp();
    await buildWasm();
  }
  await runNpmTool('vite', process.argv.slice(2), { inherit: true });
});
