// Tests the engine in a real browser: `wasm-pack test --headless --chrome` in crates/wasm.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { findChromedriver } from './browser.mjs';
import { countTests } from './lib/count-tests.mjs';
import { targetDir, wasmCrate } from './lib/paths.mjs';
import { Failure, run, runAsScript, say } from './lib/run.mjs';
import { setUpForTests } from './setup.mjs';
import { toolchainEnv } from './toolchain.mjs';
import { ensureWasmBindgen, ensureWasmPack } from './tools.mjs';

/**
 * How many tests have to run. A suite that the browser never sees (one without
 * `wasm_bindgen_test_configure!`, say) passes without running anything. Raise it with the tests.
 */
const AT_LEAST = 12;

/** @returns {Promise<string>} what the tests printed */
export async function testWasm() {
  const folders = [await ensureWasmBindgen(), await ensureWasmPack()];
  const driver = findChromedriver();
  const env = {
    ...toolchainEnv(),
    PATH: [...folders, process.env.PATH].join(delimiter),
    // In seconds. A busy machine may need a while to start the browser.
    WASM_BINDGEN_TEST_TIMEOUT: '120',
    ...webdriverSettings(),
  };
  const output = await run(
    'wasm-pack',
    ['test', '--headless', '--chrome', ...(driver ? ['--chromedriver', driver] : [])],
    { cwd: wasmCrate, env, timeout: 1200 },
  );
  const { passed } = countTests(output);
  if (passed < AT_LEAST) {
    throw new Failure(
      `Only ${passed} tests ran in the browser, where at least ${AT_LEAST} should.`,
      output,
    );
  }
  return output;
}

/**
 * If the browser is set explicitly, the driver needs its path: returns webdriver.json with the path
 * added.
 */
function webdriverSettings() {
  if (!process.env.CHROME) return {};
  const settings = JSON.parse(readFileSync(join(wasmCrate, 'webdriver.json'), 'utf8'));
  settings['goog:chromeOptions'].binary = process.env.CHROME;
  const path = join(targetDir, 'webdriver.json');
  mkdirSync(targetDir, { recursive: true });
  writeFileSync(path, JSON.stringify(settings));
  return { WASM_BINDGEN_TEST_WEBDRIVER_JSON: path };
}

await runAsScript(import.meta.url, async () => {
  await setUpForTests();
  const { passed } = countTests(await testWasm());
  say(`${passed} tests passed in the browser.`);
});
