// The built page in Firefox, driven by WebDriver BiDi: that what matters most works there as well. `tests/browser` tests
// everything in Chromium; Playwright drives no Firefox but its own build of it.
//
//     node --test tests/firefox/smoke.mjs     needs a built page, and Firefox on PATH or in the variable FIREFOX

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { findFirefox } from '../../scripts/firefox.mjs';
import { buildCommand, serve } from '../../scripts/lib/command.mjs';

/** @import { Browser, Page } from 'puppeteer-core' */

/** Much longer than anything takes, in milliseconds: nothing fails because a machine is slow. */
const PATIENCE = 120_000;

/** The reference run with a fixed clock, as a link. */
const REFERENCE =
  '#v1&records=50&buffer=100&clock=fixed&producer.wait=off&validator.wait=off&transformer.wait=off&loader.wait=off&error_handler.wait=off';

/** A run in which queues build up, over in seconds. */
const SLOW =
  '#v1&records=40&producer.wait=10-20ms&validator.wait=20-40ms&transformer.wait=60-180ms&loader.wait=2-6ms&error_handler.wait=off';

const CASES = fileURLToPath(new URL('../cases/', import.meta.url));

/** @type {Browser} */
let browser;
/** @type {Page} */
let page;
/** @type {string[]} */
let complaints = [];
/** @type {string} */
let folder;
/** @type {import('../../scripts/lib/command.mjs').Running} */
let isolated;
/** @type {import('../../scripts/lib/command.mjs').Running} */
let plain;

before(async () => {
  const executablePath = findFirefox();
  assert.ok(executablePath, 'Firefox is not installed');
  folder = mkdtempSync(join(tmpdir(), 'clearpipe-firefox-'));
  await buildCommand();
  isolated = await serve({ isolated: true });
  plain = await serve({ isolated: false });
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    timeout: PATIENCE,
    defaultViewport: { width: 1280, height: 800 },
    extraPrefsFirefox: {
      'browser.download.dir': folder,
      'browser.download.folderList': 2,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
    },
  });
});

after(async () => {
  await browser?.close();
  await isolated?.close();
  await plain?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  complaints = [];
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
});

afterEach(async () => {
  await page.close();
  assert.deepEqual(complaints, [], 'what the page complained about on the console');
});

/**
 * Opens the page and waits until it has its engine. Now and then, that takes a second worker, which the page starts.
 * @param {string} url
 * @param {string} hash the link to settings
 */
async function open(url, hash) {
  await page.goto('about:blank');
  await page.goto(`${url}${hash}`);
  await page.waitForSelector('[data-engine]');
}

/**
 * Waits until an expression of the page is true.
 * @param {string} expression
 * @param {string} what it means, for the message if it never is
 */
async function until(expression, what) {
  try {
    await page.waitForFunction(expression, { polling: 50 });
  } catch (error) {
    throw new Error(`it did not happen that ${what}`, { cause: error });
  }
}

/** @param {string} label of a button, whole or its beginning */
async function press(label) {
  const button = await page.waitForSelector(
    `::-p-xpath(//button[starts-with(normalize-space(.), '${label}') or starts-with(@aria-label, '${label}')])`,
  );
  assert.ok(button, `there is a button “${label}”`);
  await button.click();
}

const SCREEN = 'window.clearpipe.session.screen';

/** What the run on screen has counted. */
async function finished() {
  const counts = await page.evaluate(() =>
    ['processed', 'failed'].map((figure) =>
      Number(document.querySelector(`[data-testid=${figure}]`)?.textContent?.replaceAll(',', '')),
    ),
  );
  return (counts[0] ?? 0) + (counts[1] ?? 0);
}

/**
 * Downloads a result, and returns it once it is what is expected, or else what it has become after a while: Firefox puts
 * an empty file in its place first.
 * @param {string} name
 * @param {string} expected
 */
async function downloaded(name, expected) {
  const path = join(folder, name);
  rmSync(path, { force: true });
  await page.$eval(`a[download="${name}"]`, (link) => link.click());
  const deadline = Date.now() + PATIENCE;
  let found = '';
  while (found !== expected && Date.now() < deadline) {
    await new Promise((next) => setTimeout(next, 50));
    if (existsSync(path)) found = readFileSync(path, 'latin1');
  }
  return found;
}

/** Runs, and waits for the results. */
async function run() {
  await press('Run');
  await until(
    `document.querySelector('a[download="failed_data.jsonl"]') !== null`,
    'there are results',
  );
}

/**
 * Asserts that the results are those of a case.
 * @param {string} name
 */
async function areThoseOf(name) {
  for (const file of ['processed', 'failed']) {
    const expected = readFileSync(join(CASES, name, `${file}.jsonl`), 'latin1');
    const found = await downloaded(`${file}_data.jsonl`, expected);
    assert.equal(found, expected, `the ${file} records of ${name}`);
  }
}

for (const [kind, threads] of /** @type {const} */ ([
  ['isolated', true],
  ['plain', false],
])) {
  test(`the reference run, byte for byte, ${kind}`, async () => {
    await open((kind === 'isolated' ? isolated : plain).url, REFERENCE);
    assert.equal(await page.evaluate('crossOriginIsolated'), threads);
    const engine = await page.$eval('[data-testid=engine]', (element) =>
      element.textContent?.trim(),
    );
    assert.match(engine ?? '', threads ? /^\d+ threads?$/ : /^one thread$/);
    // A bar for scrolling would take space from the picture.
    const scrolls = () => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
      return [scrollWidth - clientWidth, scrollHeight - clientHeight];
    };
    assert.deepEqual(await page.evaluate(scrolls), [0, 0], 'the page fits into the window');
    await run();
    await areThoseOf('reference-run');
  });
}

test('a table that is dropped is read as natively, byte for byte', async () => {
  await open(isolated.url, REFERENCE);
  const name = 'csv-cr-only';
  const base64 = readFileSync(join(CASES, name, 'input.csv')).toString('base64');
  await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], 'input.csv'));
    for (const type of ['dragenter', 'drop']) {
      const init = { dataTransfer, bubbles: true, cancelable: true };
      document.querySelector('main')?.dispatchEvent(new DragEvent(type, init));
    }
  }, base64);
  await until(
    `document.querySelector('[data-testid=file]')?.textContent.includes('input.csv')`,
    'the file is shown',
  );
  await run();
  await areThoseOf(name);
});

test('the dots of a run are painted', async (context) => {
  await open(isolated.url, SLOW);
  await press('Run');
  await until(
    `(${SCREEN}.recording?.log.length ?? 0) > 0 && ${SCREEN}.recording.origin === 'over'`,
    'the run ends',
  );
  /**
   * Returns how many pixels of the picture the dots change, at a share of the recording.
   * @param {number} share
   */
  const painted = async (share) => {
    await page.evaluate(async (share) => {
      const { screen } = /** @type {any} */ (window).clearpipe.session;
      screen.halt();
      screen.seek(screen.view.begin + share * (screen.view.end - screen.view.begin));
      for (let frames = 0; frames < 4; frames += 1)
        await new Promise((next) => requestAnimationFrame(next));
    }, share);
    const pictures = [];
    for (const visibility of ['visible', 'hidden']) {
      await page.$eval(
        'canvas',
        (canvas, visibility) => {
          canvas.style.visibility = visibility;
        },
        visibility,
      );
      const canvas = await page.$('canvas');
      pictures.push(await canvas?.screenshot({ encoding: 'base64' }));
    }
    await page.$eval('canvas', (canvas) => {
      canvas.style.visibility = 'visible';
    });
    return page.evaluate(async (pictures) => {
      const pixels = [];
      for (const base64 of pictures) {
        const bytes = Uint8Array.from(atob(base64 ?? ''), (character) => character.charCodeAt(0));
        const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        pixels.push(
          context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray(),
        );
      }
      const [shown, hidden] = pixels;
      let changed = 0;
      for (let at = 0; at < (shown?.length ?? 0); at += 4) {
        const difference = [0, 1, 2].reduce(
          (sum, channel) =>
            sum + Math.abs((shown?.[at + channel] ?? 0) - (hidden?.[at + channel] ?? 0)),
          0,
        );
        if (difference > 60) changed += 1;
      }
      return changed;
    }, pictures);
  };
  const [middle, end] = [await painted(0.5), await painted(1)];
  context.diagnostic(`${middle} pixels in the middle of the run, ${end} at its end`);
  assert.ok(middle > end + 100, `${middle} pixels in the middle of the run, ${end} at its end`);
});

test('pause, and one more record', async () => {
  await open(isolated.url, SLOW.replace('records=40', 'records=4000'));
  await press('Run');
  await until(
    `Number(document.querySelector('[data-testid=processed]')?.textContent) > 5`,
    'records are processed',
  );
  await press('Pause');
  await until(
    `${SCREEN}.recording !== null && document.querySelector('[data-testid=mode]') !== null`,
    'it is paused',
  );
  await new Promise((next) => setTimeout(next, 600));
  const before = await finished();
  await press('Step');
  const deadline = Date.now() + PATIENCE;
  while ((await finished()) <= before) assert.ok(Date.now() < deadline, 'a step finishes a record');
  await new Promise((next) => setTimeout(next, 1000));
  const first = await finished();
  await press('Step');
  while ((await finished()) !== first + 1)
    assert.ok(Date.now() < deadline, 'and another one finishes one more');
});

test('a link opens the same settings', async () => {
  const link = '#v1&records=60&seed=7&workers=2&buffer=4&runs-on=virtual';
  await open(isolated.url, link);
  const settings = () =>
    page.evaluate(() => JSON.stringify(/** @type {any} */ (window).clearpipe.session.settings));
  const first = await settings();
  assert.deepEqual(
    (({ records, seed, workers, buffer, runtime }) => ({
      records,
      seed,
      workers,
      buffer,
      runtime,
    }))(JSON.parse(first)),
    { records: 60, seed: 7, workers: 2, buffer: 4, runtime: 'virtual' },
  );
  // The page's own link leads to them as well.
  const own = await page.evaluate('location.hash');
  await page.goto('about:blank');
  await open(plain.url, String(own));
  assert.equal(await settings(), first);
});
