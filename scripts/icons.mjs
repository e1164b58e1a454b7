// Generates the icons of the installed page from the vector icon:
//
//     node scripts/icons.mjs

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

await runAsScript(import.meta.url, async () => {
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to draw icons with.');
  const folder = join(root, 'web/public');
  const svg = readFileSync(join(folder, 'icon.svg'), 'utf8');
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  for (const size of [192, 512]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
    const path = join(folder, `icon-${size}.png`);
    await page.screenshot({ path });
    say(path);
  }
  await browser.close();
});
