// The page as one file, opened without a server and without a network, from a folder in which nothing else is.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { distDir } from '../../scripts/lib/paths.mjs';
import { toHash } from '../../web/settings/link';
import { openingRun, referenceRun } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import { filesOf, inputOf } from './cases';
import { expect, test } from './page';
import {
  FIXED_TIME,
  button,
  control,
  drop,
  engineStarted,
  fixClock,
  lines,
  open,
  openTab,
  results,
  revealed,
  run,
  setMore,
  showEnd,
  shown,
} from './steps';

let stick: string;
let file: string;

test.beforeAll(() => {
  stick = mkdtempSync(join(tmpdir(), 'clearpipe-stick-'));
  // As people name their folders.
  mkdirSync(join(stick, 'Übung 1 #2'));
  const copy = join(stick, 'Übung 1 #2/clearpipe.html');
  copyFileSync(join(distDir, 'clearpipe.html'), copy);
  file = pathToFileURL(copy).href;
});

test.afterAll(() => {
  rmSync(stick, { recursive: true, force: true });
});

/** What the page has asked for, besides itself and its own worker. */
let others: string[];

test.beforeEach(async ({ context }) => {
  others = [];
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(file) && !/^(blob:null|data:)/.test(url)) others.push(url);
  });
  await context.setOffline(true);
});

test.afterEach(() => {
  expect(others, 'what the page asked for').toEqual([]);
});

test('a preset runs to its end, with the results of every other engine', async ({ page }) => {
  await open(page, file);
  await expect(page.locator('[data-engine=single]')).toBeVisible();
  await control(page, 'Preset').selectOption('reference');
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toContainText('41');
  await fixClock(page);
  await run(page);
  expect(await results(page)).toEqual(filesOf('reference-run'));
  await openTab(page, 'Charts');
  await expect(page.getByText('Records per second').first()).toBeVisible();
});

test('a run on the virtual clock has the figures of the page that is served', async ({
  page,
  context,
  servers,
}) => {
  const settings: Settings = {
    ...referenceRun(),
    ...{ records: 120, buffer: 10, runtime: 'virtual', cores: 2, pace: 'at-once' },
    ...{ clock: 'fixed', fixedTime: FIXED_TIME },
  };
  const figures = async () => {
    await run(page);
    const { processed, failed } = await results(page);
    const metrics = await page.evaluate(() => {
      const { result } = window.clearpipe.session;
      return result?.metrics;
    });
    const events = await page.evaluate(
      () => window.clearpipe.session.screen.recording?.log.length ?? 0,
    );
    expect(events).toBeGreaterThan(1000);
    return { processed, failed, metrics, events };
  };
  await open(page, file, settings);
  const found = await figures();
  expect(found.metrics?.produced).toBe(120);

  await context.setOffline(false);
  await open(page, servers.plain, settings);
  const served = await figures();
  expect(found).toEqual(served);
  others = [];
});

test('files that are dropped are read, looked at and run', async ({ page }) => {
  await open(page, file);
  await fixClock(page);
  await drop(page, 'input.csv', 'date;flow\n2026-01-01;5.5\n2026-01-02;abc\n2026-01-03;7\n');
  await expect(page.getByTestId('preview')).toContainText('"value":5.5');
  await revealed(page, page.getByText('As text')).click();
  await control(page, 'Mapping').fill(
    "timestamp=date\nvalue=flow\nunit='m³/s'\nsensor_id='s'\nlocation='Rhine'",
  );
  await run(page);
  const { processed, failed } = await results(page);
  expect(lines(processed)).toHaveLength(2);
  expect(failed).toContain('column `flow`: \\"abc\\" is not a number');
  // Compressed, too.
  await drop(page, 'input.jsonl.zst', inputOf('compressed-zstd'));
  await expect(page.getByTestId('file')).toContainText('input.jsonl.zst');
  await run(page);
  expect(await results(page)).toEqual(filesOf('compressed-zstd'));
});

test('an event log is saved, and shown again', async ({ page }) => {
  await open(page, file);
  await run(page);
  const downloading = page.waitForEvent('download');
  await button(page, 'Download event log').click();
  const path = await (await downloading).path();
  await page.reload();
  await engineStarted(page);
  await control(page, 'A file of yours').check();
  await control(page, 'File').setInputFiles(path);
  await expect
    .poll(() => page.evaluate(() => window.clearpipe.session.screen.recording?.origin))
    .toBe('file');
  await showEnd(page);
  await expect.poll(() => shown(page, 'produced')).toBe(50);
});

test('its pictures are those of the page that is served, to the pixel', async ({
  page,
  context,
  servers,
}) => {
  const settings: Settings = {
    ...openingRun(),
    ...{ records: 60, seed: 7, runtime: 'virtual', cores: 2, pace: 'at-once' },
  };
  await open(page, file, settings);
  await run(page);
  const saving = page.waitForEvent('download');
  await button(page, 'Download event log').click();
  const log = readFileSync(await (await saving).path());

  // Of a log, everything follows from its events: what was measured of a run depends on when.
  const picture = async (url: string) => {
    await open(page, url);
    await drop(page, 'run.events', log);
    await expect
      .poll(() => page.evaluate(() => window.clearpipe.session.screen.recording?.origin))
      .toBe('file');
    await page.evaluate(() => {
      window.clearpipe.session.screen.standAt(6.2e9);
    });
    const downloading = page.waitForEvent('download');
    await button(page, 'PNG, 1920 × 1080').click();
    const saved = await downloading;
    expect(saved.suggestedFilename()).toBe('clearpipe-1920x1080-6.2s.png');
    return readFileSync(await saved.path());
  };
  const found = await picture(file);
  expect(found.length).toBeGreaterThan(50_000);
  await context.setOffline(false);
  const served = await picture(servers.plain);
  others = [];
  expect(found.equals(served)).toBe(true);
});

test('a link holds settings, and says where it leads', async ({ page }) => {
  await page.addInitScript(() => {
    // As in browsers that don't let a file copy.
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  await open(page, file);
  await control(page, 'Workers').fill('7');
  const hash = toHash({ ...referenceRun(), workers: 7 });
  await expect.poll(() => page.evaluate(() => location.hash)).toBe(hash);
  await button(page, 'Share').click();
  await expect(page.getByText('does not let this page copy')).toContainText(
    'It leads to this file, so it works only on this machine.',
  );
  const link = await page.getByLabel('Link to these settings').inputValue();
  expect(link).toBe(`${file}${hash}`);
  await page.goto('about:blank');
  await page.goto(link);
  await engineStarted(page);
  await expect(control(page, 'Workers')).toHaveValue('7');
});

test('it says that it has one thread, and how to have several', async ({ page }) => {
  await open(page, file, openingRun());
  const note = page.getByText('This file runs on one thread');
  for (const [width, height] of [
    [1280, 800],
    [1024, 768],
    [390, 664],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect(note).toBeInViewport({ ratio: 1 });
  }
  await setMore(page, true);
  await expect(page.getByText('this page is a single file')).toBeVisible();
  await page.getByText('Same results, only slower. What to do').click();
  await expect(page.getByText('Open the page from a server')).toContainText('npm start');
  await expect(page.getByText('Cross-Origin-Opener-Policy')).toHaveCount(0);
  await setMore(page, false);
  await button(page, 'Run').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await expect(note).toBeHidden();
});

test('it can’t be made to load or to send anything', async ({ browser }) => {
  const page: Page = await browser.newPage();
  await page.goto(file);
  await engineStarted(page);
  const blocked = await page.evaluate(async () => {
    const found: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      found.push(effectiveDirective);
    });
    await fetch('https://example.com/').catch(() => undefined);
    const inline = document.createElement('script');
    inline.textContent = 'document.title = "changed"';
    document.body.append(inline);
    document.body.insertAdjacentHTML(
      'beforeend',
      '<img src="https://example.com/x.png" /><p style="color: red"></p>',
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { found: found.sort(), title: document.title };
  });
  expect(blocked).toEqual({
    found: ['connect-src', 'img-src', 'script-src-elem', 'style-src-attr'],
    title: 'Clearpipe',
  });
  await page.close();
});

test('a video is made without loading anything', async ({ page }) => {
  const settings: Settings = {
    ...openingRun(),
    ...{ records: 60, seed: 7, runtime: 'virtual', cores: 2, pace: 'at-once' },
  };
  await open(page, file, settings);
  await run(page);
  await openTab(page, 'Timeline');
  await page.evaluate(() => {
    const { screen } = window.clearpipe.session;
    screen.standAt(5e9);
    screen.setSpeed(1);
    screen.timeline = { from: 5e9, to: 7e9 };
  });
  await setMore(page, true);
  await expect(page.getByTestId('exports')).toContainText(
    'At the speed on screen it is 2.00 s long.',
  );
  const downloading = page.waitForEvent('download', { timeout: 110_000 });
  await button(page, 'Video (WebM)').click();
  const saved = await downloading;
  expect(saved.suggestedFilename()).toBe('clearpipe-video-5s.webm');
  const bytes = readFileSync(await saved.path());
  // The header of EBML (RFC 8794), and the codec of the track. What it shows is tested where the page is served.
  expect(bytes.subarray(0, 4).toString('hex')).toBe('1a45dfa3');
  expect(bytes.toString('latin1')).toContain('V_VP9');
  expect(bytes.length).toBeGreaterThan(100_000);
});
