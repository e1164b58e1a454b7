// Without a network, and with a page that was built anew.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { distDir } from '../../scripts/lib/paths.mjs';
import { filesOf } from './cases';
import { expect, test } from './page';
import { control, engineStarted, fixClock, open, results, run } from './steps';

/** Waits until the browser has all of the page. */
async function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const names = await caches.keys();
    const files = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return files.flat().map(({ url }) => url);
  });
}

for (const kind of ['isolated', 'plain'] as const) {
  test(`a reload and a run without a network (${kind})`, async ({ page, context, servers }) => {
    await open(page, servers[kind]);
    const engine = await page.getByTestId('engine').innerText();
    const files = await kept(page);
    expect(files).toContain(servers[kind]);
    expect(files.filter((url) => url.endsWith('.wasm'))).toHaveLength(2);

    await context.setOffline(true);
    await page.reload();
    await expect(page.getByTestId('engine')).toHaveText(engine);
    await fixClock(page);
    await run(page);
    expect(await results(page)).toEqual(filesOf('reference-run'));
    // The engine starts anew from what was kept.
    if (kind === 'isolated') {
      await control(page, 'Threads').fill('1');
      await run(page);
      await expect(page.getByTestId('engine')).toHaveText('1 thread');
    }
  });
}

test('with a network the newest page is shown', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await kept(page);
  await page.reload();
  await engineStarted(page);
  expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const html = readFileSync(join(distDir, 'index.html'), 'utf8');
  const fetched = () => page.evaluate(async () => (await fetch('./')).text());
  expect(await fetched()).toBe(html);
  // The server gives another one: that is what comes, not what was kept.
  await page.context().route('**/', (route) => route.fulfill({ body: 'built anew' }));
  expect(await fetched()).toBe('built anew');
});

test('it can be installed', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const session = await page.context().newCDPSession(page);
  const { errors, data } = (await session.send('Page.getAppManifest')) as {
    errors: unknown[];
    data?: string;
  };
  expect(errors).toEqual([]);
  const manifest = JSON.parse(data ?? '{}') as { icons: { src: string }[] };
  for (const { src } of manifest.icons) {
    expect((await page.request.get(`${servers.isolated}${src}`)).ok()).toBe(true);
  }
});
