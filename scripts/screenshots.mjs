// Makes the pictures of the documentation: runs the built page in Chromium and photographs it.
//
//     npm run build && node scripts/screenshots.mjs [FOLDER]      (default: docs)

import { join } from 'node:path';
import process from 'node:process';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';
import { serve } from './serve.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/** @type {{ name: string, width: number, height: number, colorScheme: 'light' | 'dark' }[]} */
const pictures = [
  { name: 'page', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'page-dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'page-phone', width: 360, height: 740, colorScheme: 'light' },
];

/** A run that takes long enough to be seen, and has something to show in each place. @param {Page} page */
async function run(page) {
  await page.getByLabel('Preset').selectOption('reference');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('link', { name: /processed_data\.jsonl/ }).waitFor();
}

await runAsScript(import.meta.url, async () => {
  const folder = process.argv[2] ?? join(root, 'docs');
  const server = await serve({});
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to take pictures with.');
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  for (const { name, width, height, colorScheme } of pictures) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(server.url);
    await run(page);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path, fullPage: true });
    say(path);
    await page.close();
  }
  await browser.close();
  await server.close();
});
