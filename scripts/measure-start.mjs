/* global window, document, requestAnimationFrame -- in what runs in the page */

// Measures how fast the page starts: the first paint, the engine, and the first dot that moves
// after Run is pressed at the earliest possible moment.
//
//     npm run build && node scripts/measure-start.mjs [TIMES]      (default: 5)
//
// It prints milliseconds since the navigation began, each time in a fresh browser: nothing is in its cache.

import process from 'node:process';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { buildCommand, serve } from './lib/command.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

/**
 * Notes the time of each event, and presses the button. Must run in the page before the page's own
 * scripts.
 */
function watch() {
  /** @type {Record<string, number>} */
  const times = {};
  Object.assign(window, { startTimes: times });
  const note = (/** @type {string} */ what) => {
    times[what] ??= performance.now();
  };
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) times[name] ??= startTime;
  }).observe({ type: 'paint', buffered: true });
  requestAnimationFrame(function look() {
    const { session } = window.clearpipe ?? {};
    if (session?.info && !times.ready) {
      note('ready');
      [...document.querySelectorAll('button')]
        .find(({ innerText }) => innerText === 'Run')
        ?.click();
      note('pressed');
    }
    const { residencies, drawn } = session?.screen ?? {};
    if (residencies && drawn) {
      const [first, behind] = residencies.range(drawn.moment.time, drawn.moment.ramp);
      // A dot first comes in from the left.
      if (behind > first) note('moved');
    }
    if (!times.moved) requestAnimationFrame(look);
  });
}

await runAsScript(import.meta.url, async () => {
  const runs = Number(process.argv[2] ?? 5);
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to measure in.');
  await buildCommand();
  const server = await serve();
  say('Milliseconds since the navigation began.\n');
  say('first paint   engine ready   first dot moved   from pressing Run to that');
  for (let run = 0; run < runs; run += 1) {
    const browser = await chromium.launch({ executablePath, args: chromiumArgs });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.addInitScript(watch);
    await page.goto(server.url);
    await page.waitForFunction(() => /** @type {any} */ (window).startTimes.moved > 0);
    const times = await page.evaluate(() => /** @type {any} */ (window).startTimes);
    const columns = [times['first-contentful-paint'], times.ready, times.moved];
    const shown = [...columns, times.moved - times.pressed].map((time) => time.toFixed(0));
    say([11, 15, 18, 28].map((width, at) => shown[at]?.padStart(width)).join(''));
    await browser.close();
  }
  await server.close();
});
