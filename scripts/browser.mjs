// Chromium and its driver, for tests only.

import { existsSync } from 'node:fs';
import process from 'node:process';
import * as debian from './lib/debian.mjs';
import { Failure, step, which } from './lib/run.mjs';

const BROWSERS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * The arguments of headless Chromium: as root (in containers) it has no sandbox, and in a test it
 * must not access the network.
 */
export const chromiumArgs = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Returns the path of Chromium or Chrome: $CHROME, or the one on PATH. */
export function findChromium() {
  if (process.env.CHROME) return process.env.CHROME;
  for (const name of BROWSERS) {
    const path = which(name);
    if (path) return path;
  }
  return existsSync(MAC) ? MAC : undefined;
}

/** Returns the path of chromedriver: $CHROMEDRIVER, or the one on PATH. */
export function findChromedriver() {
  return process.env.CHROMEDRIVER || which('chromedriver');
}

/** Makes sure that Chromium is installed. */
export async function ensureBrowser() {
  // chromedriver alone may be missing: wasm-pack then downloads the matching version.
  if (findChromium() && (findChromedriver() || !debian.canInstall())) return;
  if (debian.canInstall()) {
    await step('Chromium for the tests: installing (usually under a minute)', async () => {
      const packages = ['chromium', 'chromium-driver'];
      if (!(await debian.packageVersion('chromium', 'Candidate'))) await debian.update();
      await debian.install(packages);
    });
  }
  if (!findChromium()) {
    throw new Failure(
      'The tests need Chromium or Chrome: install it (and chromedriver), or name it in the variable CHROME.',
    );
  }
}
