// Many records in a bounded memory, and both files whole: a million, or with CLEARPIPE_LONG=1 five.

import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { complaintsOf, expect, test } from './page';
import { peakMemory } from './processes';
import { control, download, open, run, showEnd, shown } from './steps';

const RECORDS = process.env['CLEARPIPE_LONG'] === undefined ? 1_000_000 : 5_000_000;
const MB = 2 ** 20;

/** How many lines a file has, and its bytes. */
async function measure(path: string): Promise<{ lines: number; bytes: number }> {
  const found = { lines: 0, bytes: 0 };
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * MB })) {
    const bytes = chunk as Buffer;
    found.bytes += bytes.length;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) found.lines += 1;
  }
  return found;
}

// A window of its own with a profile on disk: others keep their files in memory.
test('millions of records', async ({ launchOptions, servers }) => {
  test.skip(process.platform !== 'linux', 'memory is measured through /proc');
  test.setTimeout(300_000);
  const profile = mkdtempSync(join(tmpdir(), 'clearpipe-profile-'));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  try {
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await open(page, servers.isolated);
    await control(page, 'Buffer').fill('');
    await control(page, 'Batch').fill('auto');

    await control(page, 'Records').fill(String(RECORDS / 10));
    await run(page, 120_000);
    const small = peakMemory(profile);

    await control(page, 'Records').fill(String(RECORDS));
    const start = Date.now();
    await run(page, 240_000);
    const seconds = (Date.now() - start) / 1000;
    const large = peakMemory(profile);
    const engine = /^([\d.]+)\sMB$/.exec(await page.getByTestId('memory').innerText())?.[1];
    const rounded = (bytes: number) => Math.round(bytes / MB);
    console.log(
      `  ${RECORDS.toLocaleString('en')} records in ${seconds.toFixed(1)} s; engine ${engine ?? '?'} MB; ` +
        `peak of the renderer ${rounded(large.renderer)} MB (a tenth of them: ${rounded(small.renderer)} MB), ` +
        `of the browser ${rounded(large.browser)} MB (${rounded(small.browser)} MB)`,
    );

    await showEnd(page);
    await expect.poll(() => shown(page, 'produced')).toBe(RECORDS);
    await expect(page.getByText('Kept in this browser')).toBeVisible();
    expect(Number(engine)).toBeLessThan(128);
    // Ten times the records take no more memory, apart from what garbage collection leaves for later, and from the event
    // log, which is full only now (40 MB, and what is worked out from it).
    expect(large.renderer - small.renderer).toBeLessThan(200 * MB);
    expect(large.browser - small.browser).toBeLessThan(100 * MB);

    const { processed, failed } = {
      processed: await measure(await download(page, 'processed_data.jsonl')),
      failed: await measure(await download(page, 'failed_data.jsonl')),
    };
    expect(processed.lines).toBe(await shown(page, 'processed'));
    expect(failed.lines).toBe(await shown(page, 'failed'));
    expect(processed.lines + failed.lines).toBe(RECORDS);
    expect(processed.bytes + failed.bytes).toBeGreaterThan(200 * RECORDS);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
