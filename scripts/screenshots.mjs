// Makes the pictures for the documentation: runs the built page in Chromium and takes screenshots.
//
//     npm run build && node scripts/screenshots.mjs [FOLDER]      (default: docs)

import { join } from 'node:path';
import process from 'node:process';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';
import { serve } from './server/server.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/**
 * @typedef {object} Picture
 * @property {string} name
 * @property {number} [width]
 * @property {number} [height]
 * @property {'light' | 'dark'} [colorScheme]
 * @property {string} [preset] the title of a preset; by default the initial settings
 * @property {number} [after] milliseconds that the run continues before the picture is taken
 * @property {(page: Page) => Promise<void>} [then] actions on the page before the picture is taken
 * @property {string} [of] the part of the page to capture; by default the window
 */

/** @type {Picture[]} */
const pictures = [
  { name: 'page', after: 9000 },
  { name: 'page-dark', after: 9000, colorScheme: 'dark' },
  { name: 'backpressure', after: 9000, preset: 'One slow consumer stalls everything', height: 660 },
  {
    name: 'full-speed',
    preset: 'Full speed',
    after: 0,
    height: 720,
    then: async (page) => {
      await page.getByTestId('results').waitFor({ timeout: 120_000 });
      await page.getByRole('button', { name: 'Replay slowly' }).click();
      await page.waitForTimeout(6000);
    },
  },
  {
    name: 'journey',
    after: 9000,
    of: '.closer',
    then: async (page) => {
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await page.waitForTimeout(700);
      await page.getByLabel('Follow record').fill('12');
      await page.getByRole('button', { name: 'Find', exact: true }).click();
      await page.waitForTimeout(1200);
    },
  },
  { name: 'phone', after: 9000, width: 360, height: 900 },
  {
    name: 'presenter',
    after: 9000,
    width: 1920,
    height: 1080,
    then: async (page) => {
      await page.getByRole('button', { name: 'Presenter' }).click();
      await page.waitForTimeout(500);
    },
  },
];

/** @param {Page} page @param {Picture} picture */
async function prepare(page, { preset, after = 0, then }) {
  await page.locator('[data-engine]').waitFor();
  if (preset !== undefined) await page.getByLabel('Preset', { exact: true }).selectOption(preset);
  // A preset that is chosen starts by itself.
  else await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.waitForTimeout(after);
  await then?.(page);
  await page.evaluate(() => globalThis.scrollTo(0, 0));
}

await runAsScript(import.meta.url, async () => {
  const folder = process.argv[2] ?? join(root, 'docs');
  const server = await serve({});
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to take pictures with.');
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  for (const picture of pictures) {
    const { name, width = 1280, height = 900, colorScheme = 'light', of } = picture;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(server.url);
    await prepare(page, picture);
    const path = join(folder, `${name}.png`);
    await (of === undefined ? page : page.locator(of)).screenshot({ path });
    say(path);
    await page.close();
  }
  await browser.close();
  await server.close();
});
