import { defineConfig } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../scripts/browser.mjs';

// The browser of the machine; Playwright's own is never downloaded.
const executablePath = findChromium();
if (!executablePath) throw new Error('no Chromium was found: run `npm run setup`');

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  globalSetup: './servers.ts',
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  // Each page starts as many threads as there are cores.
  workers: 1,
  // Much longer than anything takes: no test fails because a machine is slow.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    launchOptions: {
      executablePath,
      // A name for this machine that the browser takes for another one.
      args: [...chromiumArgs, '--host-resolver-rules=MAP clearpipe.test 127.0.0.1'],
    },
  },
});
