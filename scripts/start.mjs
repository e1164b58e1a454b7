// `npm start`: from a fresh clone to the page, served on this machine.

import { runAsScript } from './lib/run.mjs';
import { buildPage } from './build.mjs';
import { buildWasm } from './build-wasm.mjs';
import { serveFromCommandLine } from './serve.mjs';
import { setUp } from './setup.mjs';

await runAsScript(import.meta.url, async () => {
  await setUp();
  await buildWasm();
  await buildPage();
  await serveFromCommandLine();
});
