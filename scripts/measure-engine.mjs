/* global Worker -- in what runs in the page */

// Measures the engine of the page on web workers: generated records, which are discarded, compared
// with loops without channels that do the same work in the same page; and with the native pipeline,
// measured at the same time.
//
//     npm run build && cargo build --release && node scripts/measure-engine.mjs [RECORDS]      (default: 4000000)
//
// It prints figures without judging them: the speed of a machine is not a test.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from './browser.mjs';
import { buildCommand, serve } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

const ROUNDS = 5;

/** @typedef {{ started: number, loop: number[], auto: number[], one: number[] }} Measured */

/**
 * Measures in a worker of the page, with a web worker in the pool for each thread.
 * @param {import('@playwright/test').Page} page
 * @param {string} address of the page
 * @param {number} threads
 * @param {number} records
 * @returns {Promise<Measured>}
 */
function measure(page, address, threads, records) {
  return page.evaluate(([address, threads, records, rounds]) => {
    const work = `
        import init, { initThreadPool, measureLoop, Run } from '${address}engine/threads/engine.js';
        await init();
        const start = performance.now();
        await initThreadPool(${threads} + 1);
        const measured = { started: performance.now() - start, loop: [], auto: [], one: [] };
        const config = { records: ${records}, clock: 'fixed:2026-01-01T00:00:00Z', runtime: { threads: ${threads} } };
        const textbook = { ...config, records: ${records} / 10, batch: 1, channels: { capacity: 100 } };
        const pipeline = async (config) => {
          const run = new Run(config, false, true);
          const { records_per_second } = await run.finished();
          run.free();
          return records_per_second;
        };
        measureLoop({ ...config, records: ${records} / 10 });
        for (let round = 0; round < ${rounds}; round += 1) {
          measured.loop.push(config.records / measureLoop(config));
          measured.auto.push(await pipeline(config));
          measured.one.push(await pipeline(textbook));
        }
        postMessage(measured);`;
    const source = URL.createObjectURL(new Blob([work], { type: 'text/javascript' }));
    const worker = new Worker(source, { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        worker.terminate();
        resolve(data);
      };
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  }, /** @type {const} */ ([address, threads, records, ROUNDS]));
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** @param {number} threads @param {number} records @returns {Record<string, number>} by title */
function native(threads, records) {
  const command = join(root, 'target/release/clearpipe');
  if (!existsSync(command)) throw new Failure('First: cargo build --release');
  const args = [
    'bench',
    'generated',
    '-q',
    '-t',
    String(threads),
    '-n',
    String(records),
    '-r',
    '3',
    '--json',
    '-',
  ];
  const report = JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));
  return Object.fromEntries(
    report.results.map((/** @type {any} */ { name, records_per_second }) => [
      name.trim(),
      records_per_second.median,
    ]),
  );
}

const millions = (/** @type {number} */ rate) => `${(rate / 1e6).toFixed(2)} M`.padStart(9);
const percent = (/** @type {number} */ ratio) => `${(100 * ratio).toFixed(0)} %`.padStart(5);

await runAsScript(import.meta.url, async () => {
  const records = Number(process.argv[2] ?? 4_000_000);
  const executablePath = findChromium();
  if (!executablePath) throw new Failure('There is no Chromium or Chrome to measure in.');
  await buildCommand();
  const server = await serve();
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  // The measuring code is not a file of the page, so the page's policy would block it.
  const page = await browser.newPage({ bypassCSP: true });
  await page.goto(server.url);
  await page.locator('[data-engine]').waitFor();
  for (const threads of [1, 2]) {
    const here = native(threads, records);
    const { started, loop, auto, one } = await measure(page, server.url, threads, records);
    say(
      `${threads === 1 ? '1 web worker' : `${threads} web workers`}, started in ${started.toFixed(0)} ms`,
    );
    say('                             records/s   of its loop   of the native');
    const row = (
      /** @type {string} */ name,
      /** @type {number} */ rate,
      /** @type {string} */ title,
    ) =>
      say(
        `  ${name.padEnd(26)}${millions(rate)}  ${percent(rate / median(loop)).padStart(11)}  ${percent(rate / (here[title] ?? NaN)).padStart(13)}`,
      );
    row('loop without channels', median(loop), 'loop without channels');
    row('pipeline, batch auto', median(auto), 'pipeline, batch auto');
    row('pipeline, batch 1', median(one), 'pipeline, batch 1');
  }
  await browser.close();
  await server.close();
});
