// The picture shows what the event log says, and the log says what the engine did.

import type { Page } from '@playwright/test';
import { openingRun, referenceRun, waiting } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import { expect, test } from './page';
import {
  button,
  control,
  lines,
  open,
  openTab,
  results,
  run,
  showEnd,
  shown,
  unfold,
} from './steps';

/** Everything takes a while, and queues build up; over in a few seconds. */
const slow: Settings = {
  ...openingRun(),
  records: 40,
  service: waiting({
    producer: '10-20ms',
    validator: '20-40ms',
    transformer: '60-180ms',
    loader: '2-6ms',
  }),
};

/** At full speed. */
const fast: Settings = { ...referenceRun(), records: 3_000_000, batch: 'auto', buffer: null };

/** Waits until the first run has ended, and opens its results. */
async function ended(page: Page, timeout = 20_000): Promise<void> {
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible({ timeout });
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
}

/** Moves the time on screen to a share of the recording, and waits until everything is drawn and rendered. */
async function seek(page: Page, share: number): Promise<number> {
  return page.evaluate(async (share) => {
    const { screen } = window.clearpipe.session;
    screen.halt();
    screen.seek(screen.view.begin + share * (screen.view.end - screen.view.begin));
    for (let frames = 0; frames < 3; frames += 1) {
      await new Promise((next) => requestAnimationFrame(next));
    }
    return screen.view.time;
  }, share);
}

/** Returns how many records are in each channel after the events up to a time, counted one by one. */
async function counted(page: Page, time: number): Promise<number[]> {
  return page.evaluate((time) => {
    const log = window.clearpipe.session.screen.recording?.log;
    const occupancy = [0, 0, 0, 0, 0, 0, 0];
    if (!log) throw new Error('there is no recording');
    for (let index = log.begin; index < log.end && log.time(index) <= time; index += 1) {
      const channel = log.node(index) - 16;
      const change = log.kind(index) === 0 ? 1 : log.kind(index) === 1 ? -1 : 0;
      occupancy[channel] = (occupancy[channel] ?? 0) + change;
    }
    return occupancy;
  }, time);
}

const CHANNELS = [
  ...['dataCh', 'validCh', 'processedCh', 'errorCh'],
  ...['loaderCh', 'errorHandlerCh', 'metricsCh'],
];

test('the counts on screen are those of the files and of the event log', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, slow);
  await run(page);
  const { processed, failed } = await results(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'processed')).toBe(lines(processed).length);
  await expect.poll(() => shown(page, 'failed')).toBe(lines(failed).length);
  const logged = await page.evaluate(() => {
    const log = window.clearpipe.session.screen.recording?.log;
    const counts: Record<string, number> = {};
    for (let index = 0; index < (log?.end ?? 0); index += 1) {
      const key = `${log?.kind(index)} at ${log?.node(index)}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  });
  expect(logged['4 at 0']).toBe(40);
  expect(logged['10 at 4']).toBe(lines(processed).length);
  expect(logged['10 at 5']).toBe(lines(failed).length);
  expect(logged['11 at 6']).toBe(40);
});

test('the occupancy shown is the event log’s at that time', async ({ page, servers }) => {
  await open(page, servers.isolated, slow);
  await run(page);
  let fullest = 0;
  for (let step = 0; step <= 20; step += 1) {
    const time = await seek(page, step / 20);
    const expected = await counted(page, time);
    const found = await Promise.all(
      CHANNELS.map((channel) => page.getByTestId(`channel-${channel}`).getAttribute('data-depth')),
    );
    expect(found.map(Number), `after ${time} ns`).toEqual(expected);
    fullest = Math.max(fullest, ...expected);
  }
  expect(fullest).toBe(10);
});

test('a dot is where the log says, and is drawn there', async ({ page, servers }) => {
  await open(page, servers.isolated, slow);
  await run(page);
  let checked = 0;
  for (let step = 1; step < 12; step += 1) {
    await seek(page, step / 12);
    const dots = await page.evaluate(async () => {
      const { screen } = window.clearpipe.session;
      await new Promise((next) => requestAnimationFrame(next));
      return screen.probe();
    });
    for (const { record, node, worker, x, y, moving, drawn } of dots) {
      // The card that belongs to the node in the log.
      const expected = await page.evaluate(
        ({ record, time, node }) => {
          const log = window.clearpipe.session.screen.recording?.log;
          if (!log) throw new Error('there is no recording');
          const found = { kind: -1, node: -1, worker: -1 };
          const left = new Set<number>();
          for (let index = log.begin; index < log.end && log.time(index) <= time; index += 1) {
            const kind = log.kind(index);
            if (log.record(index) !== record || (kind !== 0 && kind !== 1 && kind !== 4)) continue;
            // After the fan-out a record is in three nodes; only the chain to this one counts.
            const at = log.node(index);
            const own = at < 20 || at === (node >= 20 ? node : node + 16);
            if (kind === 1) left.add(at);
            // Clocks have a limited resolution: of two events at the same time, the second may have come first.
            if (kind === 0 && left.has(at)) continue;
            if (own) Object.assign(found, { kind, node: at, worker: log.worker(index) });
          }
          return found;
        },
        { record, node, time: dots[0]?.time ?? 0 },
      );
      const receivers = [1, 2, 3, 3, 4, 5, 6];
      const at = expected.kind === 1 ? receivers[expected.node - 16] : expected.node;
      expect(at, `node of #${record}`).toBe(node);
      if (node === 1 || node === 2) expect(worker).toBe(expected.worker);
      // The graphics card has computed the same, also between two nodes.
      expect(drawn, `#${record} at ${x}, ${y}`).toBe(true);
      if (moving) continue;
      const stages = [
        ...['producer', 'validator', 'transformer', 'fan_out'],
        ...['loader', 'error_handler', 'metrics_collector'],
      ];
      const id =
        node >= 16 ? `channel-${CHANNELS[node - 16] ?? ''}` : `stage-${stages[node] ?? ''}`;
      const card = await page.getByTestId(id).boundingBox();
      const frame = await page.getByTestId('picture').boundingBox();
      if (!card || !frame) throw new Error('there is no picture');
      expect(x + frame.x).toBeGreaterThan(card.x);
      expect(x + frame.x).toBeLessThan(card.x + card.width);
      expect(y + frame.y).toBeGreaterThan(card.y);
      expect(y + frame.y).toBeLessThan(card.y + card.height);
      checked += 1;
    }
  }
  // How many are at rest at this moment is a matter of chance.
  expect(checked).toBeGreaterThan(30);
});

test('with sampling, the counts are the true ones and the page says what a dot stands for', async ({
  page,
  servers,
}) => {
  test.setTimeout(90_000);
  await open(page, servers.isolated, fast);
  await run(page, 60_000);
  await showEnd(page);
  await expect.poll(() => shown(page, 'produced')).toBe(3_000_000);
  await expect
    .poll(async () => (await shown(page, 'processed')) + (await shown(page, 'failed')))
    .toBe(3_000_000);
  const { sample, traced, dropped } = await page.evaluate(() => {
    const { recording } = window.clearpipe.session.screen;
    const metrics = recording?.snapshots.at(-1)?.metrics;
    let traced = 0;
    for (let index = recording?.log.begin ?? 0; index < (recording?.log.end ?? 0); index += 1) {
      if (recording?.log.kind(index) === 4) traced += 1;
    }
    return { sample: metrics?.trace_sample ?? 0, traced, dropped: metrics?.trace_dropped_records };
  });
  expect(sample).toBeGreaterThan(16);
  expect(traced).toBeGreaterThan(100);
  await expect(page.getByTestId('sampling')).toContainText(
    `1 dot = ${sample.toLocaleString('en')} records`,
  );
  if (dropped)
    await expect(page.getByTestId('dropped')).toContainText(dropped.toLocaleString('en'));
  else await expect(page.getByTestId('dropped')).toBeHidden();
});

test('pause, one more record, back and forth by event, slower and faster', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, { ...slow, records: 4000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(5);
  await button(page, 'Pause').click();
  await page.waitForTimeout(600);
  const finished = async () => (await shown(page, 'processed')) + (await shown(page, 'failed'));
  const before = await finished();
  // With the first step, consumers that were behind at the pause may catch up; they all stop at the same record.
  await button(page, 'Step').click();
  await expect.poll(finished).toBeGreaterThan(before);
  await page.waitForTimeout(1000);
  const afterFirst = await finished();
  await button(page, 'Step').click();
  const stepped = afterFirst + 1;
  await expect.poll(finished).toBe(stepped);
  await page.waitForTimeout(500);
  expect(await finished()).toBe(stepped);

  await button(page, 'Back one event').click();
  await expect(page.getByTestId('mode')).toHaveText('Replay, paused');
  await expect(page.getByTestId('event')).toContainText('#');
  const time = () => page.evaluate(() => window.clearpipe.session.screen.view.time);
  const first = await time();
  await button(page, 'Back one event').click();
  const second = await time();
  expect(second).toBeLessThan(first);
  await button(page, 'Forward one event').click();
  expect(await time()).toBe(first);

  await page.getByLabel('Time on screen').fill('2000');
  const moved = await time();
  expect(moved).toBeLessThan(second);
  await page.getByTestId('playback').getByLabel('Speed').selectOption({ label: '1/10' });
  await button(page, 'Replay').click();
  await expect(page.getByTestId('mode')).toHaveText('Replaying, 1/10 speed');
  await expect.poll(time).toBeGreaterThan(moved);
  await button(page, 'Back to live').click();
  await expect(page.getByTestId('mode')).toHaveText('Paused');
  await button(page, 'Resume').click();
  await expect(page.getByTestId('mode')).toHaveText('Live');
  await expect.poll(finished).toBeGreaterThan(stepped + 3);
  await button(page, 'Stop').click();
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
});

test('the picture is steered with the keyboard', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...slow, records: 4000 });
  await page.keyboard.press('Space');
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(5);
  await page.keyboard.press('Space');
  await expect(page.getByTestId('mode')).toHaveText('Paused');
  await expect(button(page, 'Resume')).toBeVisible();
  await page.waitForTimeout(600);
  const before = (await shown(page, 'processed')) + (await shown(page, 'failed'));
  await page.keyboard.press('n');
  await expect
    .poll(async () => (await shown(page, 'processed')) + (await shown(page, 'failed')))
    .toBeGreaterThan(before);
  const time = () => page.evaluate(() => window.clearpipe.session.screen.view.time);
  await page.keyboard.press('ArrowLeft');
  const first = await time();
  await page.keyboard.press('ArrowLeft');
  expect(await time()).toBeLessThan(first);
  await page.keyboard.press('ArrowRight');
  expect(await time()).toBe(first);
  await page.keyboard.press('-');
  await expect(page.getByTestId('playback').getByLabel('Speed')).toHaveValue('0.5');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await expect(page.getByTestId('playback').getByLabel('Speed')).toHaveValue('2');
  await page.keyboard.press('/');
  await expect(control(page, 'Follow record')).toBeFocused();
  await page.keyboard.type('4');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => window.clearpipe.session.screen.chosen)).toBe(4);
  await expect(page.getByRole('heading', { name: 'Record #4' })).toBeVisible();
});

test('workers come and go while it runs', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...slow, records: 2000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(5);
  const lanes = page.locator('[data-testid^="worker-transformer-"]');
  await expect(lanes).toHaveCount(3);
  await button(page, 'More Workers').click();
  await button(page, 'More Workers').click();
  await expect(lanes).toHaveCount(5);
  await expect(page.getByTestId('worker-transformer-4')).toHaveAttribute('data-state', 'busy');
  await control(page, 'Workers').fill('1');
  await expect(lanes).toHaveCount(1);
  const total = async () => (await shown(page, 'processed')) + (await shown(page, 'failed'));
  const now = await total();
  await expect.poll(total).toBeGreaterThan(now + 3);
  await button(page, 'Stop').click();
  await ended(page);
  await showEnd(page);
  await expect.poll(async () => (await total()) - (await shown(page, 'produced'))).toBe(0);
});

test('service times act at once', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...slow, records: 100_000_000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(5);
  await unfold(page, 'Service times');
  for (const stage of ['Producer', 'Validator', 'Transformer', 'Loader']) {
    await control(page, `${stage}, waiting`).fill('off');
  }
  await expect.poll(() => shown(page, 'produced')).toBeGreaterThan(5000);
  await button(page, 'Stop').click();
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
});

test('a restart begins anew with the settings as they are', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...slow, records: 5000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(3);
  await control(page, 'Records').fill('20');
  await button(page, 'Restart').click();
  await ended(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'produced')).toBe(20);
});

/** Says which texts of the picture are cut, outside of it, or on top of one another. */
function textFaults(page: Page): Promise<string[]> {
  return page.getByTestId('picture').evaluate((picture) => {
    const faults: string[] = [];
    const frame = picture.getBoundingClientRect();
    const labels = [...picture.querySelectorAll<HTMLElement>('.label')];
    const boxes = labels.map((label) => {
      const range = document.createRange();
      range.selectNodeContents(label);
      return range.getBoundingClientRect();
    });
    labels.forEach((label, at) => {
      const text = label.textContent;
      const box = boxes[at];
      if (label.scrollWidth > label.clientWidth) faults.push(`${text} is cut`);
      if (parseFloat(getComputedStyle(label).fontSize) < 10.5) faults.push(`${text} is small`);
      if (box.left < frame.left || box.right > frame.right) faults.push(`${text} is outside`);
      if (box.top < frame.top - 3 || box.bottom > frame.bottom + 3) {
        faults.push(`${text} is outside`);
      }
      boxes.slice(at + 1).forEach((other, later) => {
        const isApart =
          box.right <= other.left ||
          other.right <= box.left ||
          // The space above and below letters may overlap.
          box.bottom - 4 <= other.top ||
          other.bottom - 4 <= box.top;
        const name = labels[at + 1 + later]?.textContent ?? '';
        if (!isApart) faults.push(`${text} covers ${name}`);
      });
    });
    return faults;
  });
}

test('every text fits, however wide the window is, and however many workers and slots there are', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, { ...slow, records: 100_000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(5);
  for (const width of [320, 390, 700, 820, 1024, 1280, 1600]) {
    await page.setViewportSize({ width, height: 768 });
    // The picture follows in the next frames.
    await expect.poll(() => textFaults(page), { message: `${width} pixels` }).toEqual([]);
  }
  for (const [workers, buffer] of [
    [1, 1],
    [8, 24],
    [12, 25],
    [30, 1000],
    [31, 10],
    [64, 10],
  ] as const) {
    await page.evaluate(
      ([workers, buffer]) => {
        const { session } = window.clearpipe;
        Object.assign(session.settings, { workers, buffer });
        void session.restart();
      },
      [workers, buffer] as const,
    );
    await expect(page.getByTestId('worker-transformer-0')).toBeVisible();
    await expect(page.locator('[data-testid^="worker-transformer-"]')).toHaveCount(workers);
    for (const width of [390, 820, 1280]) {
      await page.setViewportSize({ width, height: 768 });
      await expect
        .poll(() => textFaults(page), { message: `${width} pixels, ${workers} workers` })
        .toEqual([]);
    }
  }
});

test('pressure is drawn from the full channel to exactly those workers that are blocked', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, slow);
  await run(page);
  let seen = 0;
  for (let step = 1; step < 16; step += 1) {
    await seek(page, step / 16);
    // A route that has ended is still seen for a moment.
    await page.waitForTimeout(600);
    const { blocked, routes } = await page.evaluate(() => {
      const { stages, channels } = window.clearpipe.session.screen;
      const isFull = (node: number | null) =>
        channels.some((one) => one.node === node && one.depth >= one.capacity);
      const blocked = stages.flatMap(({ node, workers }) =>
        workers.flatMap(({ state, blockedBy }, worker) => {
          if (state !== 'blocked' || blockedBy === null) return [];
          return [`${blockedBy}>${node}-${worker}${isFull(blockedBy) ? '' : ', not full'}`];
        }),
      );
      const routes = [...document.querySelectorAll<HTMLElement>('[data-testid^="pressure-"]')];
      return {
        blocked: blocked.sort(),
        routes: routes.map(({ dataset }) => dataset['testid']?.replace('pressure-', '')).sort(),
      };
    });
    expect(routes).toEqual(blocked);
    seen += routes.length;
  }
  expect(seen).toBeGreaterThan(3);
});

test('workers, capacities and service times are changed on the picture', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, { ...slow, records: 100_000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(3);
  const lanes = page.locator('[data-testid^="worker-transformer-"]');
  await expect(lanes).toHaveCount(3);
  await button(page, 'Transformers: one more').click();
  await expect(lanes).toHaveCount(4);
  const workers = page.getByRole('spinbutton', { name: 'Transformers, acts at once' });
  await workers.focus();
  await page.keyboard.press('ArrowDown');
  await expect(lanes).toHaveCount(3);
  await page.keyboard.press('Shift+ArrowUp');
  await expect(lanes).toHaveCount(13);
  await workers.dblclick();
  await expect(lanes).toHaveCount(3);

  // A capacity is for the next run.
  await button(page, 'validCh, capacity: one more').click();
  await expect(page.getByTestId('capacity-validCh')).toContainText('11');
  await expect(page.getByTestId('channel-validCh')).toHaveAttribute('data-capacity', '10');
  await expect(
    page.getByRole('spinbutton', { name: 'validCh, capacity, acts at the next run' }),
  ).toBeVisible();
  // Those of small channels are there when they are chosen.
  await expect(page.getByTestId('capacity-errorCh')).toBeHidden();
  await page.getByTestId('channel-errorCh').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('capacity-errorCh')).toBeVisible();

  const time = page.getByTestId('time-transformer');
  await expect(time).toHaveText('takes 60–180\u00a0ms');
  await time.focus();
  await page.keyboard.press('ArrowRight');
  await expect(time).toHaveText('takes 70–190\u00a0ms');
  await time.press('Enter');
  const least = control(page, 'Transformer, waiting time, at least, in milliseconds');
  await least.fill('5');
  await least.press('Tab');
  await expect(time).toHaveText('takes 5–190\u00a0ms');
  await page.keyboard.press('Escape');
  await expect(least).toBeHidden();
  await expect(time).toBeFocused();
  expect(
    await page.evaluate(() => window.clearpipe.session.settings.service.transformer.wait),
  ).toBe('5-190ms');
  await expect(page.getByTestId('faults')).toHaveText('1 in 10 fails');
});

test('a click on a channel means the channel, and one on a dot the record', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, slow);
  await run(page);
  await seek(page, 0.5);
  const dot = await page.evaluate(() =>
    window.clearpipe.session.screen.probe().find(({ node, moving }) => node === 17 && !moving),
  );
  if (!dot) throw new Error('validCh is empty');
  const picture = page.getByTestId('picture');
  await picture.click({ position: { x: dot.x, y: dot.y } });
  expect(await page.evaluate(() => window.clearpipe.session.screen.chosen)).toBe(dot.record);
  await picture.click({ position: { x: dot.x - 14, y: dot.y } });
  expect(await page.evaluate(() => window.clearpipe.session.screen.focus)).toEqual({ channel: 17 });
  await expect(page.getByTestId('chosen')).toBeVisible();
});

test('the virtual clock is shown at its own pace, and says so', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...slow, records: 30, runtime: 'virtual' });
  await button(page, 'Run').click();
  await expect(page.getByTestId('mode')).toHaveText('Live, virtual time');
  await page.waitForTimeout(700);
  // Even on an infinitely fast machine it takes over a second: the Transformers need their time.
  expect(await shown(page, 'processed')).toBeLessThan(20);
  await ended(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'produced')).toBe(30);
});

test('a record is followed: by its dot, its number, the list', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...slow, records: 4000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(5);
  await button(page, 'Pause').click();
  await page.waitForTimeout(600);
  const dot = await page.evaluate(() => window.clearpipe.session.screen.probe().at(0));
  if (!dot) throw new Error('there are no dots');
  await page.getByTestId('picture').hover({ position: { x: dot.x, y: dot.y } });
  await expect(page.getByText(/^record #\d+, /)).toBeVisible();
  await page.getByTestId('picture').click({ position: { x: dot.x, y: dot.y } });
  const chosen = () => page.evaluate(() => window.clearpipe.session.screen.chosen);
  expect(await chosen()).not.toBeNull();
  await control(page, 'Follow record').fill('rec-0003');
  await button(page, 'Find').click();
  expect(await chosen()).toBe(3);
  await button(page, 'Let the record go').click();
  expect(await chosen()).toBeNull();
  await control(page, 'Choose a record in flight').focus();
  await control(page, 'Choose a record in flight').selectOption({ index: 1 });
  expect(await chosen()).toBeGreaterThan(3);
  await button(page, 'Stop').click();
  await button(page, 'Restart').click();
});

test.describe('without WebGL2', () => {
  test('the picture is simplified, and all else works', async ({ page, servers }) => {
    await page.addInitScript(() => {
      const { prototype } = HTMLCanvasElement;
      const original = Object.getOwnPropertyDescriptor(prototype, 'getContext')?.value as (
        ...given: unknown[]
      ) => unknown;
      Object.defineProperty(prototype, 'getContext', {
        value(this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
          return kind === 'webgl2' ? null : original.call(this, kind, ...rest);
        },
      });
    });
    await open(page, servers.isolated, slow);
    await expect(page.getByText('the picture is simplified')).toBeVisible();
    await run(page);
    await seek(page, 0.5);
    const painted = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid=picture] canvas');
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels?.some((value) => value > 0) ?? false;
    });
    expect(painted).toBe(true);
  });
});

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('a run is started, paused and understood', async ({ page, servers }) => {
    await open(page, servers.isolated, { ...slow, records: 4000 });
    await button(page, 'Run').click();
    await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(3);
    await button(page, 'Pause').click();
    await expect(page.getByTestId('mode')).toHaveText('Paused');
    await expect(button(page, 'Resume')).toBeVisible();
    // Dots are in their places at once: none is seen in transition.
    const moving = await page.evaluate(() =>
      window.clearpipe.session.screen.probe().some((dot) => dot.moving),
    );
    expect(moving).toBe(false);
    await button(page, 'Resume').click();
    await button(page, 'Stop').click();
    await ended(page);
  });
});

test('thousands of workers are one card, and the page keeps up', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...openingRun(), workers: 9999, records: 2000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(0);
  await expect(page.getByTestId('stage-validator')).toContainText('9,999 workers');
  await expect(page.locator('[data-testid^="worker-validator-"]')).toHaveCount(0);
  const measured = () =>
    page.evaluate(() => window.clearpipe.session.screen.recording?.snapshots.length ?? 0);
  await expect.poll(measured).toBeGreaterThan(5);
  const { elements, told } = await page.evaluate(() => {
    const last = window.clearpipe.session.screen.recording?.snapshots.at(-1);
    const told = last?.metrics.stages[1]?.workers.length ?? 0;
    return { elements: document.querySelectorAll('*').length, told };
  });
  expect(elements).toBeLessThan(2000);
  // Each of them is part of every message from the engine.
  expect(told).toBeGreaterThan(3);
  expect(told).toBeLessThan(100);
  await button(page, 'Stop').click();
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
});
