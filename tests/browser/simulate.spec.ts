// Whole runs on the virtual clock at once: for their metrics alone, and as a recording to replay.

import type { Page } from '@playwright/test';
import { openingRun } from '../../web/settings/settings';
import { buildNatively, printedNatively } from './cli';
import { expect, test } from './page';
import { control, open, run, showEnd, shown } from './steps';

/** A pipeline in which the Transformers are the slowest. */
const CONFIG = {
  records: 200,
  workers: 3,
  batch: '1',
  channels: { capacity: 10 },
  runtime: { cores: 4 },
  service: {
    producer: { wait: '1-2ms' },
    validator: { wait: '2-4ms' },
    transformer: { wait: '3-9ms' },
  },
};

const simulate = (page: Page, config: object) =>
  page.evaluate((config) => window.clearpipe.engine.simulate(config), config);

test('a simulation has the metrics of the native virtual clock', async ({ page, servers }) => {
  test.setTimeout(600_000);
  await buildNatively();
  await page.goto(servers.isolated);
  const args =
    'run --quiet -n 200 -w 3 -b 1 --buffer 10 --runtime virtual --cores 4 --wait producer=1-2ms ' +
    '--wait validator=2-4ms --wait transformer=3-9ms --processed /dev/null --failed /dev/null --metrics -';
  for (const seed of [undefined, 7]) {
    const found = await simulate(page, {
      ...CONFIG,
      runtime: { ...CONFIG.runtime, ...(seed !== undefined && { seed }) },
    });
    const schedule = seed === undefined ? [] : ['--schedule-seed', String(seed)];
    const native = await printedNatively([...args.split(' '), ...schedule]);
    expect(found).toEqual({ metrics: JSON.parse(native) as unknown });
  }
  const problems = await simulate(page, { workers: 0 });
  expect(problems).toMatchObject({ problems: [{ path: 'workers' }] });
});

for (const kind of ['isolated', 'plain'] as const) {
  test(`results of a sweep arrive one at a time, ${kind}`, async ({ page, servers }) => {
    await page.goto(servers[kind]);
    const found = await page.evaluate(async (config) => {
      const { engine } = window.clearpipe;
      await engine.start();
      const values = Array.from({ length: 30 }, (_, at) => at + 1);
      const arrived: { value: unknown; at: number; rate: number; p99: number }[] = [];
      const start = performance.now();
      for await (const result of engine.sweep(config, 'workers', values)) {
        if (!('metrics' in result)) throw new Error('it is valid');
        const { records_per_second: rate, latency } = result.metrics;
        const p99 = latency.processed.from_production.p99_seconds;
        arrived.push({ value: result.value, at: performance.now() - start, rate, p99 });
      }
      return arrived;
    }, CONFIG);
    expect(found.map(({ value }) => value)).toEqual(found.map((_, at) => at + 1));
    // More workers help until the Producer is the slowest.
    expect(found[2]?.rate).toBeGreaterThan(2 * (found[0]?.rate ?? NaN));
    expect(found[29]?.rate).toBeLessThan(700);
    expect(found[29]?.p99).toBeLessThan(found[0]?.p99 ?? NaN);
    const total = found.at(-1)?.at ?? NaN;
    console.log(`30 simulations of 200 records, ${kind}: ${total.toFixed(0)} ms`);
    // An order of magnitude more than it takes.
    expect(total).toBeLessThan(10_000);
  });
}

test('a simulation that is cancelled ends, and the engine answers meanwhile', async ({
  page,
  servers,
}) => {
  await page.goto(servers.isolated);
  const found = await page.evaluate(async (config) => {
    const { engine } = window.clearpipe;
    await engine.start();
    const controller = new AbortController();
    // It would take minutes.
    const simulated = engine.simulate({ ...config, records: 50_000_000 }, controller.signal);
    const ended = simulated.then(
      () => 'done',
      (error: unknown) => String(error),
    );
    const problems = await engine.check({ workers: 0 });
    const other = await engine.simulate(config);
    controller.abort();
    const again = await engine.simulate(config);
    return { problems: problems.length, ended: await ended, same: [other, again] };
  }, CONFIG);
  expect(found.problems).toBe(1);
  expect(found.ended).toContain('AbortError');
  expect(found.same[0]).toEqual(found.same[1]);
});

for (const kind of ['isolated', 'plain'] as const) {
  test(`at once, the recording is whole and can be replayed, ${kind}`, async ({
    page,
    servers,
  }) => {
    // Many times the events that fit into the ring, and 20 minutes of simulated time.
    const settings = { ...openingRun(), runtime: 'virtual' as const, records: 4000 };
    await open(page, servers[kind], settings);
    await expect(control(page, 'Pace')).toHaveValue('screen');
    await control(page, 'Pace').selectOption('at once');
    await expect(page).toHaveURL(/pace=at-once/);
    await run(page, 60_000);
    const metrics = await page.evaluate(() => window.clearpipe.session.result?.metrics);
    await showEnd(page);
    expect(metrics?.produced).toBe(4000);
    expect(metrics?.elapsed_seconds).toBeGreaterThan(500);
    expect([metrics?.trace_sample, metrics?.trace_dropped_records]).toEqual([1, 0]);
    // The figures follow a moment later.
    await expect
      .poll(async () => (await shown(page, 'processed')) + (await shown(page, 'failed')))
      .toBe(4000);
    const last = await page.evaluate(() => {
      const { recording, playback } = window.clearpipe.session.screen;
      return { last: (recording?.log.lastTime ?? 0) / 1e9, end: (playback?.end ?? 0) / 1e9 };
    });
    expect(last.last).toBeGreaterThan((metrics?.elapsed_seconds ?? NaN) - 1);
    // Half-way through the replay, half of the records are done.
    await page.getByLabel('Time on screen').fill('5000');
    const half = await page.evaluate(
      () => window.clearpipe.session.screen.scene.metrics?.processed ?? 0,
    );
    expect(half).toBeGreaterThan(1000);
    expect(half).toBeLessThan(3000);
  });
}
