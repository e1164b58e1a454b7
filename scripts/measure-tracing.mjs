/* global window -- in what runs in the page */

// Measures the cost of tracing for a run on the page: the preset "Full speed", alternately with the
// page's usual tracing and without any.
//
//     npm run build && node scripts/measure-tracing.mjs [--rasterise] [TIMES]      (default: 5)
//
// Meanwhile the picture is drawn, including any dots. Without a graphics card, the processor would
// draw them and take time from the pool; so only one dot per picture is drawn, unless --rasterise
// is given.

import process from 'node:process';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { buildCommand, serve } from './lib/command.mjs';
import { drawOne } from './lib/draw-one.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/** The number of records of a run, which takes a few seconds. */
const RECORDS = 1_500_000;

/**
 * Runs once, and returns the finished records per second.
 * @param {Page} page
 * @param {boolean} traced
 * @param {boolean} shown whether the page shows the run, or only its engine runs
 */
function throughput(page, traced, shown) {
  return page.evaluate(
    async ({ traced, shown, records }) => {
      const { session } = window.clearpipe;
      const { engine } = session;
      session.settings = { ...session.settings, records };
      // The page's request is changed on its way to the engine, or only recorded.
      const run = engine.run.bind(engine);
      /** @type {Parameters<typeof run>[0] | null} */
      let asked = null;
      engine.run = (config, options) => {
        asked = traced ? config : { ...config, trace: { enabled: false } };
        return run(shown ? asked : { ...asked, records: 1 }, options);
      };
      await session.run();
      engine.run = run;
      const { result, failure } = session;
      if (!result || !asked) throw new Error(`the run failed: ${JSON.stringify(failure)}`);
      if (shown) return result.metrics.records_per_second;
      const alone = await run(asked, { onevents: () => undefined }).finished;
      return alone.metrics.records_per_second;
    },
    { traced, shown, records: RECORDS },
  );
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** @param {number} traced @param {number} not */
function row(traced, not) {
  const [on, off] = [traced, not].map((rate) => Math.round(rate).toLocaleString('en'));
  say(`${on?.padStart(10)} ${off?.padStart(12)} ${(traced / not).toFixed(3).padStart(7)}`);
}

await runAsScript(import.meta.url, async () => {
  const rasterises = process.argv.includes('--rasterise');
  const times = Number(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 5);
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to measure in.');
  await buildCommand();
  const server = await serve();
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  if (!rasterises) await page.addInitScript(drawOne);
  await page.goto(server.url);
  await page.locator('[data-engine]').waitFor();
  await page.getByLabel('Preset').selectOption('full-speed');
  say('Records in a second: the preset “Full speed”.');
  say(rasterises ? 'All dots are drawn.' : 'One dot is drawn of each picture.');
  for (const shown of [true, false]) {
    say(
      shown
        ? '\nThe page shows the run:'
        : '\nThe engine alone, events are taken from it and dropped:',
    );
    say('    traced   not traced   ratio');
    // The first run starts with cold caches.
    await throughput(page, true, shown);
    /** @type {number[]} */
    const on = [];
    /** @type {number[]} */
    const off = [];
    for (let time = 0; time < times; time += 1) {
      // Alternate which one comes first, too.
      const order = time % 2 === 0 ? [true, false] : [false, true];
      for (const traced of order) {
        (traced ? on : off).push(await throughput(page, traced, shown));
      }
      row(on.at(-1) ?? 0, off.at(-1) ?? 0);
    }
    say('Medians:');
    row(median(on), median(off));
  }
  await browser.close();
  await server.close();
});
