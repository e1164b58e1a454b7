// What happens where the browser has too little room for the results: in a private window, where Chromium answers errors
// as if they were counts, and in an ordinary one, where it throws.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import type { Page } from '@playwright/test';
import { filesOf } from './cases';
import { complaintsOf, expect, test } from './page';
import { button, control, fixClock, open, results, run } from './steps';

const RECORDS = 20_000;

async function limit(page: Page, url: string, quotaSize: number | undefined): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(url);
  await session.send('Storage.overrideQuotaForOrigin', {
    origin,
    ...(quotaSize !== undefined && { quotaSize }),
  });
}

const failure = (page: Page) => page.getByRole('alert').filter({ hasText: 'The run failed' });

/** A run that has too little room fails and says so, and the next one that has enough is right. */
async function tryWithLittle(page: Page, url: string): Promise<void> {
  await open(page, url);
  // Once the browser has kept the page itself.
  await page.evaluate(() => navigator.serviceWorker.ready);
  const { usage = 0 } = await page.evaluate(() => navigator.storage.estimate());
  // For some of the results, not for all of them.
  await limit(page, url, usage + 4_000_000);
  await control(page, 'Records').fill(String(RECORDS));
  await control(page, 'Buffer').fill('');
  await control(page, 'Batch').fill('auto');
  await expect(
    page.getByText(/The results may take about 5\.40.MB, but .* only [34]\.\d\d.MB/),
  ).toBeVisible();
  await button(page, 'Run').click();
  await expect(failure(page)).toContainText('no more room on disk', { timeout: 30_000 });
  await expect(failure(page)).toContainText('Process fewer records');
  await expect(page.getByTestId('results')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Download', includeHidden: true })).toHaveCount(0);

  // What it had written is no longer in the way.
  await control(page, 'Records').fill('50');
  await fixClock(page);
  await run(page);
  expect(await results(page)).toEqual(filesOf('reference-run'));
  await expect(failure(page)).toBeHidden();
}

test('in a private window', async ({ page, servers }) => {
  test.setTimeout(90_000);
  await tryWithLittle(page, servers.isolated);
});

test('in an ordinary window', async ({ launchOptions, servers }) => {
  test.setTimeout(90_000);
  const profile = mkdtempSync(join(tmpdir(), 'clearpipe-profile-'));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  try {
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await tryWithLittle(page, servers.isolated);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
