/* global window -- in what runs in the page */

// Measures the cost of the picture for the page's main thread: script, style and layout for each
// frame, with many dots moving simultaneously, while the pool runs at full speed.
//
//     npm run build && node scripts/measure-page.mjs [--rasterise] [DOTS …]      (default: 0 20000 100000)
//
// Without a graphics card, the processor takes a second to draw that many dots, and there are too
// few frames for a statement about the slowest ones. So the call that draws the dots draws only one
// of them, unless --rasterise is given: the main thread does the same work, since it only forwards
// the call.
//
// It prints figures without judging them: the speed of a machine is not a test.

import process from 'node:process';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { buildCommand, serve } from './lib/command.mjs';
import { drawOne } from './lib/draw-one.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/** The recorded part of a dot's path in milliseconds, and the number of its moves in that time. */
const [LENGTH, MOVES] = [400, 4];

/** The duration of the measurement in milliseconds. */
const MEASURED = 8000;

/** The work that belongs to a frame: script, style and layout, by Chromium's names. */
const OF_FRAME = ['FireAnimationFrame', 'UpdateLayoutTree', 'Layout', 'PrePaint'];

/** The other work of the page, a few times per second. */
const BETWEEN = ['TimerFire', 'EventDispatch', 'RunMicrotasks', 'FunctionCall'];

/** Microseconds within which callbacks belong to the same frame. */
const SAME_FRAME = 3000;

/**
 * Opens an event log in the page in which this many records are always moving.
 * @param {Page} page
 * @param {number} dots
 */
function openLog(page, dots) {
  return page.evaluate(
    async ({ dots, length, moves }) => {
      const { session } = window.clearpipe;
      const config = (await session.engine.start()).defaults;
      const header = { clearpipe_events: 1, places: {}, kinds: [], config };
      /** @type {[time: number, kind: number, node: number, record: number][]} */
      const events = [];
      // Produced, into dataCh, out of it, into validCh: after each event it moves to the next node.
      const steps = [
        [4, 0],
        [0, 16],
        [1, 16],
        [0, 17],
      ];
      const each = (length * 1e6) / moves;
      for (let record = 0; record < dots; record += 1) {
        const late = (record / dots) * 1e6;
        steps.forEach(([kind = 0, node = 0], step) =>
          events.push([late + step * each, kind, node, record]),
        );
      }
      events.sort(([a], [b]) => a - b);
      const words = new BigUint64Array(events.length * 2);
      events.forEach(([time, kind, node, record], at) => {
        words[2 * at] = (BigInt(Math.round(time)) << 16n) | BigInt((kind << 8) | node);
        words[2 * at + 1] = BigInt(record) << 24n;
      });
      const file = new File([`${JSON.stringify(header)}\n`, words], 'many.events');
      await session.choose([file]);
      const { screen } = session;
      // Slow enough that all of them are always between two nodes.
      screen.setSpeed(1);
      return screen.recording?.log.length ?? 0;
    },
    { dots, length: LENGTH, moves: MOVES },
  );
}

/**
 * Returns the main thread's time per frame in milliseconds, from Chromium's own trace.
 * @param {Page} page
 * @returns {Promise<{ frames: number[], between: number }>} per frame; and per second between
 * frames
 */
async function frameTimes(page) {
  const client = await page.context().newCDPSession(page);
  /** @type {{ name: string, ph: string, ts: number, dur?: number, tdur?: number, tid: number, pid: number, args?: any }[]} */
  const events = [];
  client.on('Tracing.dataCollected', ({ value }) => events.push(.../** @type {any} */ (value)));
  await client.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'blink', 'cc', '__metadata'] },
  });
  // Repeat the same short time span.
  await page.evaluate(
    async ({ measured }) => {
      const { screen } = window.clearpipe.session;
      const end = performance.now() + measured;
      while (performance.now() < end) {
        screen.seek(0);
        screen.play();
        await new Promise((done) => setTimeout(done, 300));
      }
    },
    { measured: MEASURED },
  );
  const complete = new Promise((done) => client.once('Tracing.tracingComplete', () => done(null)));
  await client.send('Tracing.end');
  await complete;

  const main = events.find(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const work = events
    .filter(
      ({ name, tid, ph }) =>
        ph === 'X' && tid === main?.tid && [...OF_FRAME, ...BETWEEN].includes(name),
    )
    .sort((a, b) => a.ts - b.ts);
  /** @type {number[]} */
  const frames = [];
  let between = 0;
  let frameStart = -Infinity;
  let until = -Infinity;
  for (const { name, ts, dur = 0, tdur = dur } of work) {
    // Several callbacks of one frame come right after one another.
    if (name === 'FireAnimationFrame' && ts - frameStart > SAME_FRAME) {
      frameStart = ts;
      frames.push(0);
    }
    // Nested work is counted with the work around it.
    if (ts < until) continue;
    until = ts + dur;
    // The actual CPU time of the thread: the pool and the drawing use the processors, too.
    if (OF_FRAME.includes(name) && frames.length > 0) frames[frames.length - 1] += tdur / 1000;
    else between += tdur / 1000;
  }
  return { frames, between: between / (MEASURED / 1000) };
}

/** @param {number[]} times @param {number} share */
function percentile(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0).toFixed(2);
}

await runAsScript(import.meta.url, async () => {
  const rasterises = process.argv.includes('--rasterise');
  const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const counts = given.length > 0 ? given.map(Number) : [0, 20_000, 100_000];
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to measure in.');
  await buildCommand();
  const server = await serve();
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  say(
    'Milliseconds of the main thread a frame: script, style and layout; the pool at full speed beside it.',
  );
  say(rasterises ? 'All dots are drawn.\n' : 'One dot is drawn, the calls are those for all.\n');
  say('   dots    frames   median      p95      p99   moving   besides, in a second');
  for (const dots of counts) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    if (!rasterises) await page.addInitScript(drawOne);
    await page.goto(server.url);
    await page.locator('[data-engine]').waitFor();
    await openLog(page, dots);
    await page.evaluate(() => {
      const { engine } = window.clearpipe;
      const run = engine.run({ records: 1e9, batch: 'auto' });
      run.finished.catch(() => undefined);
      Object.assign(window, { stopMeasuring: run });
    });
    await page.waitForTimeout(500);
    const { frames, between } = await frameTimes(page);
    const moving = await page.evaluate(() => {
      const { residencies, drawn } = window.clearpipe.session.screen;
      if (!residencies || !drawn) return 0;
      const [first, behind] = residencies.range(drawn.moment.time, drawn.moment.ramp);
      return behind - first;
    });
    const columns = [percentile(frames, 0.5), percentile(frames, 0.95), percentile(frames, 0.99)];
    say(
      `${String(dots).padStart(7)} ${String(frames.length).padStart(9)} ${columns.map((text) => text.padStart(8)).join(' ')} ${String(moving).padStart(8)} ${between.toFixed(0).padStart(8)} ms`,
    );
    await page.evaluate(() => /** @type {any} */ (window).stopMeasuring.abort());
    await page.close();
  }
  await browser.close();
  await server.close();
});
