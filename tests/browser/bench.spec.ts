// The bench of the page, with tiny sizes: whether it measures, not how fast it is.

import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { printedNatively } from './cli';
import { expect, test } from './page';
import { button, control, drop, open, openTab } from './steps';

async function openBench(page: Page, url: string): Promise<Locator> {
  await open(page, url);
  const bench = page.getByTestId('bench');
  await openTab(page, 'Bench');
  await control(page, 'Bench: workers').fill('2');
  await control(page, 'Bench: buffer').fill('100');
  await control(page, 'Bench: batch').fill('16');
  await control(page, 'Bench: records').fill('1000');
  await control(page, 'Bench: rounds').fill('1');
  return bench;
}

interface Report {
  clearpipe_bench: number;
  results: {
    parameters: Record<string, unknown>;
    records: number;
    records_per_second: { median: number };
  }[];
}

test('a point is measured, saved, and compared with native figures', async ({ page, servers }) => {
  const bench = await openBench(page, servers.isolated);
  await control(page, 'Bench: batch').fill('16,no');
  await expect(bench).toContainText('“no” is not allowed');
  await expect(button(page, 'Start')).toBeDisabled();
  await control(page, 'Bench: batch').fill('16');
  await button(page, 'Start').click();
  await expect(bench.getByRole('status')).toHaveText('Measured.', { timeout: 60_000 });
  const row = bench.locator('tbody tr');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('/s');
  await expect(bench).toContainText('Plain loop:');
  await expect(bench.getByRole('img')).toHaveCount(1);

  const downloading = page.waitForEvent('download');
  await button(page, 'Download these figures').click();
  const file = await (await downloading).path();
  const text = readFileSync(file, 'utf8');
  const report = JSON.parse(text) as Report;
  expect(report.clearpipe_bench).toBe(1);
  expect(report.results.map(({ records }) => records)).toEqual([1000, 1000]);

  // The command reads what the page has written, and the page what the command writes.
  expect(await printedNatively(['bench', 'compare', file, file])).toContain(
    'No change is larger than the spread of the rounds.',
  );
  const point = '--workers 2 --buffer 100 --batch 16 -n 1000 -r 1 --json - -q';
  const sweep = await printedNatively(['bench', 'sweep', ...point.split(' ')]);
  const choose = async (name: string, content: string) => {
    const buffer = Buffer.from(content);
    await native.setInputFiles({ name, mimeType: 'application/json', buffer });
  };
  const native = bench.getByLabel('Native figures');
  await choose('native.json', sweep);
  await expect(page.getByTestId('bench-native')).toContainText('1 of 1 points match');

  // The same from a native sweep that was twice as fast.
  for (const { records_per_second: rate } of report.results) rate.median *= 2;
  await choose('sweep.json', JSON.stringify(report));
  await expect(page.getByTestId('bench-native')).toContainText('1 of 1 points match');
  await expect(row).toContainText('50\u00a0%');
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const { violations } = await new AxeBuilder({ page }).include('[data-testid=bench]').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  }

  await choose('other.json', '{"some": "thing"}');
  await expect(bench.getByRole('alert')).toContainText('other.json: it was not written by');
  // What was there stays.
  await expect(row).toContainText('50\u00a0%');
});

test('a native file is dropped anywhere; without threads, there is one', async ({
  page,
  servers,
}) => {
  const bench = await openBench(page, servers.plain);
  await openTab(page, 'Bench');
  const parameters = { batch: 16, buffer: 100, workers: 2, threads: 8 };
  const results = [{ scenario: 'sweep', parameters, records_per_second: { median: 1e6 } }];
  await drop(page, 'sweep.json', JSON.stringify({ clearpipe_bench: 1, results }));
  await expect(page.getByTestId('bench-native')).toContainText('once the page has its own figures');
  await button(page, 'Start').click();
  await expect(bench.getByRole('status')).toHaveText('Measured.', { timeout: 60_000 });
  await expect(page.getByTestId('bench-native')).toContainText('the numbers of threads differ (8 ');
});

test('it can be cancelled, and waits for a run', async ({ page, servers }) => {
  const bench = await openBench(page, servers.isolated);
  for (const cancelIn of ['the plain loop', 'batch 1,']) {
    await control(page, 'Bench: batch').fill('1');
    await control(page, 'Bench: records').fill('100000000');
    await button(page, 'Start').click();
    if (cancelIn === 'the plain loop') {
      await expect(button(page, 'Run')).toBeDisabled();
    } else {
      // The loop of the warm-up takes its time with so many.
      await button(page, 'Cancel').click();
      await expect(bench.getByRole('status')).toHaveText('Cancelled.');
      await control(page, 'Bench: records').fill('5000000');
      await button(page, 'Start').click();
    }
    await expect(page.getByTestId('bench-progress')).toContainText(cancelIn, { timeout: 60_000 });
    await button(page, 'Cancel').click();
    await expect(bench.getByRole('status')).toHaveText('Cancelled.');
  }
  await control(page, 'Records').fill('100000000');
  await button(page, 'Run').click();
  await expect(bench).toContainText('A run is in progress: stop it first');
  await expect(button(page, 'Start')).toBeDisabled();
  await button(page, 'Stop').click();
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
  await expect(button(page, 'Start')).toBeEnabled();
});
