// The timeline: a log of a million events, sums that are those of the engine, keys and pointer.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { journeyEvents, recordingOf, words } from '../../web/analysis/testing';
import { WORKER_STATES } from '../../web/analysis/worker-state-machine';
import type { Config } from '../../web/engine/generated/Config';
import type { Metrics } from '../../web/engine/generated/Metrics';
import { EventLog } from '../../web/recording/event-log';
import { Recording } from '../../web/recording/recording';
import { openingRun, referenceRun, waiting } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import { RUNS, TimelineData } from '../../web/timeline/timeline-data';
import { expect, test } from './page';
import { bytesOf, inFormat1 } from './logs';
import { button, drop, open, openTab, run } from './steps';
import type {} from './in-page';

/** Shows each worker of a pool in a lane of its own, however little room there is. */
async function unfoldPool(page: Page, name: string): Promise<void> {
  const folded = timeline(page).getByRole('button', { name, expanded: false });
  if (await folded.isVisible()) await folded.click();
}

const timeline = (page: Page) => page.getByTestId('timeline');
const playhead = (page: Page) => page.getByRole('slider', { name: 'Playhead of the timeline' });

/** A log of some records that are a millisecond with each worker and in each channel. */
async function logOf(records: number): Promise<Buffer> {
  const events = Array.from({ length: records }, (_, record) =>
    journeyEvents(record, record * 0.7, record % 3, record % 4),
  )
    .flat()
    .sort((a, b) => a.at - b.at);
  const whole = await bytesOf(inFormat1(recordingOf(journeyEvents(0))));
  const head = whole.subarray(0, whole.indexOf(10) + 1);
  return Buffer.concat([head, Buffer.from(words(events).buffer)]);
}

test('a log of a million events is shown bit by bit, and zoomed at once', async ({
  page,
  servers,
}) => {
  // The page draws in software here, and shares the machine.
  test.setTimeout(600_000);
  await open(page, servers.isolated);
  const log = await logOf(36_000);
  await page.evaluate(() => {
    const found = { start: 0, first: 0, complete: 0, longest: 0, pauses: 0 };
    Object.assign(window, { found });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        if (found.complete === 0) found.longest = Math.max(found.longest, duration);
      }
    }).observe({ entryTypes: ['longtask'] });
    addEventListener('drop', () => {
      const start = performance.now();
      found.start = start;
      found.longest = 0;
      const look = () => {
        const { until, complete } = document.querySelector<HTMLElement>('[data-testid=timeline]')
          ?.dataset ?? { until: '0', complete: 'false' };
        const { recording } = window.clearpipe.session.screen;
        if (recording?.origin === 'file' && Number(until) > 0) {
          if (found.first === 0) found.first = performance.now() - start;
          if (complete === 'true') found.complete = performance.now() - start;
        }
        // Between two tasks of the page.
        found.pauses += 1;
        if (found.complete === 0) setTimeout(look);
      };
      look();
    });
  });
  await drop(page, 'million.events', log);
  await expect(timeline(page)).toHaveAttribute('data-complete', 'true', { timeout: 300_000 });
  const found = await page.evaluate(() => {
    const { first, complete, longest, pauses } = (
      window as unknown as {
        found: { first: number; complete: number; longest: number; pauses: number };
      }
    ).found;
    return { first, complete, longest, pauses };
  });

  // Each notch of the wheel zooms, and everything visible is drawn anew.
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const script = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0;
  };
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20;
  const before = await script();
  const frames = await page.evaluate(async () => {
    const target = document.querySelector('[data-testid=timeline] [role=slider]');
    if (!target) throw new Error('there is no timeline');
    const { left, top, width } = target.getBoundingClientRect();
    for (let frame = 0; frame < 60; frame += 1) {
      const deltaY = frame % 20 < 10 ? -100 : 100;
      const clientX = left + width * (0.3 + 0.005 * frame);
      const at = { clientX, clientY: top + 50, bubbles: true, cancelable: true };
      target.dispatchEvent(new WheelEvent('wheel', { deltaY, ...at }));
      await new Promise(requestAnimationFrame);
    }
    return 60;
  });
  const each = (((await script()) - before) / frames) * 1000;
  console.log(
    `  first lanes after ${Math.round(found.first)} ms, all after ${Math.round(found.complete)} ms in ` +
      `${found.pauses} parts; longest task ${Math.round(found.longest)} ms; heap ${Math.round(heap)} MB; ` +
      `${each.toFixed(1)} ms of script a frame of zooming, with the picture`,
  );
  expect(found.pauses, 'the log is read in parts').toBeGreaterThan(30);
  expect(heap).toBeLessThan(300);
  // A tenth of what it would take to look at each event.
  expect(each).toBeLessThan(200);
});

/** A run of the page as it is known here. */
async function recordedOn(page: Page): Promise<{ recording: Recording; metrics: Metrics }> {
  const found = await page.evaluate(() => {
    const { recording } = window.clearpipe.session.screen;
    const metrics = recording?.snapshots.at(-1)?.metrics;
    if (!recording || !metrics) throw new Error('nothing was recorded');
    const { log } = recording;
    const events: number[][] = [];
    for (let index = log.begin; index < log.end; index += 1) {
      const event = log.at(index);
      if (!event) continue;
      const { time, kind, node, worker, thread, record } = event;
      events.push([time, kind, node, worker, thread, record]);
    }
    return { events, metrics: JSON.stringify(metrics), config: JSON.stringify(recording.config) };
  });
  const log = new EventLog();
  const packed = found.events.flatMap(
    ([time = 0, kind = 0, node = 0, worker = 0, thread = 0, record = 0]) => [
      (BigInt(time) << 16n) | (BigInt(kind) << 8n) | BigInt(node),
      (BigInt(record < 0 ? 2 ** 40 - 1 : record) << 24n) | (BigInt(worker) << 8n) | BigInt(thread),
    ],
  );
  log.add(BigUint64Array.from(packed), Infinity);
  log.finish();
  const metrics = JSON.parse(found.metrics) as Metrics;
  return { recording: new Recording(JSON.parse(found.config) as Config, 'over', { log }), metrics };
}

/** The opening run for a few records, on simulated cores or on threads. */
const few = (changes: Partial<Settings>): Settings => ({
  ...openingRun(),
  records: 40,
  ...changes,
});

for (const runtime of ['virtual', 'pool'] as const) {
  test(`the spans of a run add up to what the engine measured: ${runtime}`, async ({
    page,
    servers,
  }) => {
    // Six workers that compute share two cores or threads.
    const { service } = openingRun();
    const computes = { ...service, transformer: { ...service.transformer, compute: '20-40ms' } };
    const size = runtime === 'virtual' ? { cores: 2 } : { threads: 2 };
    await open(page, servers.isolated, few({ runtime, service: computes, ...size }));
    await run(page, 90_000);
    const { recording, metrics } = await recordedOn(page);
    const data = new TimelineData(recording);
    data.advance();
    const end = Math.round(metrics.elapsed_seconds * 1e9);
    let spans = 0;
    // What the Producer does between two records, and a consumer while it keeps one for the order, has no event.
    const told = recording.topology.stages.filter(
      ({ node, is_pool: isPool }) => isPool || recording.topology.isFanOut(node),
    );
    for (const { node, id } of told) {
      const workers = metrics.stages.find(({ stage }) => stage === id)?.workers ?? [];
      for (const [worker, measured] of workers.entries()) {
        const track = data.worker(node, worker);
        const sums = track?.sumsBetween(0, end) ?? [];
        spans += track?.length ?? 0;
        const { busy_seconds: busy, ready_seconds: ready, blocked_seconds: blocked } = measured;
        for (const [state, seconds] of [busy, ready, blocked].entries()) {
          // With threads, the clock of an event isn't read at the same instant as that of the measurement.
          const most = runtime === 'virtual' ? 1 : 1000 * ((track?.length ?? 0) + 1) + end * 0.02;
          const name = `${id} ${worker} ${WORKER_STATES[state] ?? ''}`;
          expect.soft(Math.abs((sums[state] ?? 0) - seconds * 1e9), name).toBeLessThan(most);
        }
      }
    }
    expect(spans).toBeGreaterThan(100);
    // All simulated cores are on one thread.
    expect(data.threads.length).toBe(runtime === 'virtual' ? 1 : 2);
    // Each of two threads had tasks to run, one at a time.
    for (const track of runtime === 'pool' ? data.threads : []) {
      expect(track.sumsBetween(0, end)[RUNS]).toBeGreaterThan(0.01 * end);
    }
  });
}

test('keys move the playhead and zoom', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await run(page);
  await button(page, 'Pause replay').click();
  await openTab(page, 'Timeline');
  const time = () => page.evaluate(() => window.clearpipe.session.screen.playback?.time ?? -1);
  const bounds = await page.evaluate(() => {
    const { begin = 0, end = 0 } = window.clearpipe.session.screen.playback ?? {};
    return { begin, end };
  });
  await playhead(page).focus();
  await page.keyboard.press('End');
  expect(await time()).toBe(bounds.end);
  await page.keyboard.press('Home');
  expect(await time()).toBe(bounds.begin);
  await page.keyboard.press('ArrowRight');
  const one = await time();
  expect(one).toBeGreaterThan(bounds.begin);
  await page.keyboard.press('Shift+ArrowRight');
  expect((await time()) - one).toBeGreaterThan((one - bounds.begin) * 8);
  await expect(playhead(page)).toHaveAttribute('aria-valuetext', / (s|ms|µs)$/);

  const division = page.getByRole('group', { name: 'Part of the run' }).locator('.division');
  const first = await division.innerText();
  await page.keyboard.press('+');
  await expect(division).not.toHaveText(first);
  await page.keyboard.press('-');
  await expect(division).toHaveText(first);
  await button(page, 'Zoom the timeline in').click();
  await expect(division).not.toHaveText(first);
  await button(page, 'Fit').click();
  await expect(division).toHaveText(first);
});

test('what is pointed at is told, a click selects it, and a drag measures', async ({
  page,
  servers,
}) => {
  const service = waiting({ transformer: '10ms' });
  await open(page, servers.isolated, { ...referenceRun(), records: 200, service });
  await run(page);
  await button(page, 'Pause replay').click();
  await openTab(page, 'Timeline');
  await expect(timeline(page)).toHaveAttribute('data-complete', 'true');
  await unfoldPool(page, 'Validators');
  await timeline(page).scrollIntoViewIfNeeded();
  const box = await playhead(page).boundingBox();
  if (!box) throw new Error('the timeline has no place');
  const label = timeline(page).getByRole('button', { name: 'Validator 1', exact: true });
  const row = await label.boundingBox();
  if (!row) throw new Error('there is no Validator');
  const y = row.y + row.height / 2;
  const hovered = () => page.evaluate(() => window.clearpipe.session.screen.hovered);
  let record: number | null = null;
  for (let x = box.x + 2; x < box.x + box.width && record === null; x += 3) {
    await page.mouse.move(x, y);
    record = await hovered();
  }
  expect(record).not.toBeNull();
  await page.mouse.down();
  await page.mouse.up();
  expect(await page.evaluate(() => window.clearpipe.session.screen.chosen)).toBe(record);
  await page.mouse.move(box.x - 30, y);
  await expect.poll(hovered).toBeNull();

  await label.click();
  await expect(label).toHaveAttribute('aria-pressed', 'true');

  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + 30, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await expect(timeline(page).getByRole('status')).toHaveText(
    /^[\d.]+ (µs|ms|s): [\d,]+ records, [\d.,]+\/s × .+ = [\d.,]+ in flight/,
  );
  await playhead(page).focus();
  await page.keyboard.press('Escape');
  await expect(timeline(page).getByRole('status')).toHaveCount(0);
});

test('the table tells what the lanes show, and axe finds nothing', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await run(page);
  await button(page, 'Pause replay').click();
  await openTab(page, 'Timeline');
  await playhead(page).focus();
  await page.keyboard.press('End');
  await unfoldPool(page, 'Transformers');
  const table = timeline(page).getByRole('table');
  await expect(table.getByRole('row', { name: /^Transformer 1/ })).toContainText(/% busy/);
  await expect(table.getByRole('row', { name: /^validCh/ })).toContainText(
    /^validCh\s*0 of [\d,]+/,
  );
  const { violations } = await new AxeBuilder({ page }).include('[data-testid=timeline]').analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});
