// Prints the shell commands that add the tools from the setup to PATH, for working in crates/wasm
// by hand:
//
//     eval "$(npm run --silent env)"; cd crates/wasm; wasm-pack test --headless --chrome

import { delimiter } from 'node:path';
import { runAsScript, say } from './lib/run.mjs';
import { ensureWasmBindgen, ensureWasmPack } from './tools.mjs';

await runAsScript(import.meta.url, async () => {
  const folders = new Set([await ensureWasmBindgen(), await ensureWasmPack()]);
  say(`export PATH="${[...folders].join(delimiter)}${delimiter}$PATH"`);
});
