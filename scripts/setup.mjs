// Setup: everything that a build or a test needs in addition to a clone. Each part first checks
// whether it has anything to do, so that running this again takes seconds.

import { ensureBrowser } from './browser.mjs';
import { ensureNodeModules } from './lib/node-modules.mjs';
import { runAsScript, say } from './lib/run.mjs';
import { ensureToolchain } from './toolchain.mjs';
import { ensureWasmBindgen, ensureWasmPack } from './tools.mjs';

/** For building and serving the page. */
export async function setUp() {
  await ensureNodeModules();
  await ensureToolchain();
  await ensureWasmBindgen();
}

/** For tests as well. */
export async function setUpForTests() {
  await setUp();
  await ensureWasmPack();
  await ensureBrowser();
}

await runAsScript(import.meta.url, async () => {
  await setUpForTests();
  say('Everything is set up.');
});
