// Makes the pictures for the documentation: runs the built page in Chromium and takes screenshots.
//
//     npm run build && node scripts/screenshots.mjs [FOLDER]      (default: docs/pictures)

import { join } from 'node:path';
import process from 'node:process';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { buildCommand, serve } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/**
 * @typedef {object} Picture
 * @property {string} name
 * @property {number} [width]
 * @property {number} [height]
 * @property {'light' | 'dark'} [colorScheme]
 * @property {'reduce' | 'no-preference'} [reducedMotion]
 * @property {string} [link] what the page opens with; see web/settings/link.ts
 * @property {string} [preset] the title of a preset that is run instead
 * @property {(page: Page) => Promise<unknown>} [then] actions on the page before the picture is taken
 */

/** On the virtual clock, a link brings the same run and the same moment, so that pictures only change with the page. */
const OPENING = '#v1&records=200&runs-on=virtual';
const SLOW_LOADER = `${OPENING}&loader.wait=400-600ms`;

/** @type {Picture[]} */
const pictures = [
  { name: 'page', link: `${OPENING}&at=12s` },
  { name: 'page-dark', link: `${OPENING}&at=12s`, colorScheme: 'dark' },
  { name: 'wide', link: `${OPENING}&at=12s`, width: 1920, height: 1080 },
  { name: 'projector', link: `${OPENING}&at=12s`, width: 1024, height: 768, then: present },
  {
    ...{ name: 'presenter', link: `${OPENING}&at=12s`, width: 1920, height: 1080 },
    ...{ colorScheme: 'dark', then: present },
  },
  { name: 'tablet', link: `${OPENING}&at=12s&sel=channel:validCh`, width: 820, height: 1180 },
  { name: 'phone', link: `${OPENING}&at=12s`, width: 390, height: 664 },
  { name: 'phone-dark', link: `${OPENING}&at=12s`, width: 390, height: 844, colorScheme: 'dark' },
  { name: 'backpressure', link: `${SLOW_LOADER}&at=30s` },
  {
    name: 'full-speed',
    preset: 'Full speed',
    then: async (page) => {
      const results = page.getByRole('heading', { name: /^Results of run/, includeHidden: true });
      await results.waitFor({ state: 'attached', timeout: 120_000 });
      await page.keyboard.press('ControlOrMeta+k');
      await page.keyboard.type('replay slowly');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(6000);
      await page.keyboard.press('k');
    },
  },
  { name: 'journey', link: `${OPENING}&at=12s&sel=record:60&view=timeline:6s-14s` },
  {
    name: 'timeline',
    link: `${OPENING}&at=8s&view=timeline:6.5s-9.5s&mark=7.5s:validCh+is+full`,
    ...{ width: 1440, height: 900, colorScheme: 'dark' },
  },
  {
    ...{ name: 'two-runs', link: `${OPENING}&vs=transformers:4&at=19s` },
    ...{ width: 1440, height: 900 },
    then: (page) => page.locator('[data-testid=pair-timeline][data-complete=true]').waitFor(),
  },
  {
    ...{ name: 'curve', link: `${OPENING}&at=12s`, colorScheme: 'dark' },
    then: async (page) => {
      await page.getByTestId('workers-transformer').getByRole('spinbutton').click();
      await page.getByText(/^\d+ values simulated\.$/).waitFor({ state: 'attached' });
    },
  },
  {
    name: 'workers',
    link: '#v1&records=2000&runs-on=virtual&cores=64&validators=40&transformers=64&producer.wait=2ms&at=2.5s',
    ...{ width: 1440, height: 900 },
  },
  { name: 'reduced-motion', reducedMotion: 'reduce', link: `${OPENING}&at=12s` },
];

/** @param {Page} page */
function present(page) {
  return page.getByRole('button', { name: 'Present' }).click();
}

/** @param {Page} page @param {Picture} picture */
async function prepare(page, { preset, then }) {
  await page.locator('[data-engine]').waitFor();
  if (preset !== undefined) await page.getByLabel('Preset', { exact: true }).selectOption(preset);
  await then?.(page);
  // A run of a link is made at once, and the page comes to rest.
  await page.waitForTimeout(4000);
}

/** Saves the moving picture, as a user of the page does. @param {Page} page @param {string} path */
async function saveClip(page, path) {
  const saving = page.waitForEvent('download', { timeout: 90_000 });
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('animated');
  await page.getByRole('option', { name: /animated PNG/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await (await saving).saveAs(path);
}

await runAsScript(import.meta.url, async () => {
  const folder = process.argv[2] ?? join(root, 'docs', 'pictures');
  await buildCommand();
  const server = await serve();
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to take pictures with.');
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  for (const picture of pictures) {
    const {
      name,
      width = 1280,
      height = 800,
      colorScheme = 'light',
      reducedMotion = null,
    } = picture;
    const page = await browser.newPage({
      ...{ viewport: { width, height }, colorScheme, reducedMotion },
      deviceScaleFactor: width < 500 ? 2 : 1,
    });
    await page.goto(`${server.url}${picture.link ?? ''}`);
    await prepare(page, picture);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    say(path);
    if (name === 'page') await saveClip(page, join(folder, 'clip.png'));
    await page.close();
  }
  await browser.close();
  await server.close();
});
