// Two runs beside each other: how one gets there, what both show, and that they show the same moment.

import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { withSetting } from '../../web/engine/sweep';
import { toConfig } from '../../web/settings/config';
import { openingRun } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, open, run, setMore } from './steps';

const rail = (page: Page) => page.getByTestId('compare-rail');
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Compare two runs' });
const timeline = (page: Page) => page.getByTestId('pair-timeline');
const playhead = (page: Page) => page.getByRole('slider', { name: 'Playhead of both runs' });
/** The figures of a row of the table: of A, of B, and the difference. */
const figures = (page: Page, name: RegExp) =>
  rail(page).getByRole('row', { name }).getByRole('cell').allInnerTexts();

/** The number of Transformers, in the picture. */
const workers = (page: Page) => page.getByTestId('workers-transformer').getByRole('spinbutton');

/** On the virtual clock, so that both runs are the same on every machine. */
const SETTINGS = { ...openingRun(), runtime: 'virtual' as const, records: 200 };

/** Begins a comparison with another number of Transformers. */
async function compare(page: Page, transformers = 4): Promise<void> {
  await page.keyboard.press('v');
  await dialog(page).getByLabel('Setting').selectOption('transformer.workers');
  const other = `${transformers} Transformer${transformers === 1 ? '' : 's'}`;
  await dialog(page).getByLabel('In run B').selectOption({ label: other });
  await dialog(page).getByRole('button', { name: 'Compare', exact: true }).click();
  await read(page);
}

async function read(page: Page): Promise<void> {
  await expect(timeline(page)).toHaveAttribute('data-complete', 'true');
}

test('one change is simulated, and the figures of both runs are true', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, SETTINGS);
  await compare(page);
  await expect(page.getByTestId('run-A')).toContainText('3 Transformers');
  await expect(page.getByTestId('run-B')).toContainText('4 Transformers');
  await expect(page.getByTestId('difference')).toHaveText(/^B passes \d+\s% more$/);
  await expect(page.getByTestId('changed')).toHaveText('Transformers 3 → 4. All else is the same.');
  await expect(page.getByTestId('compare-note')).toHaveText(
    /^Simulated: 200 records on the virtual clock with \d+ cores?\.$/,
  );

  // Against the metrics of the engine: only the middle of a run is compared, where it isn't slower than on average.
  const { config } = toConfig(SETTINGS, null);
  const configs = [3, 4].map((workers) => withSetting(config, 'transformer.workers', workers));
  const metrics = await page.evaluate(
    (configs) =>
      Promise.all(
        configs.map(async (config) => {
          const result = await window.clearpipe.engine.simulate(config);
          if (!('metrics' in result)) throw new Error('the engine refuses the settings');
          const { records_per_second: rate, elapsed_seconds: elapsed, latency } = result.metrics;
          return { rate, elapsed, median: latency.processed.from_production.p50_seconds };
        }),
      ),
    configs,
  );
  const rates = (await figures(page, /^records\/s/)).slice(0, 2).map(Number);
  const medians = (await figures(page, /^median latency/)).slice(0, 2).map(parseFloat);
  for (const [at, { rate, median }] of metrics.entries()) {
    expect(rates[at]).toBeGreaterThan(rate - 0.05);
    expect(rates[at]).toBeLessThan(1.15 * rate);
    expect(Math.abs((medians[at] ?? NaN) - median)).toBeLessThan(0.2 * median);
  }
  // The clock goes on to the end of the run that takes longer.
  const ends = metrics.map(({ elapsed }) => elapsed);
  const end = Number(await playhead(page).getAttribute('aria-valuemax'));
  expect(Math.abs(end - Math.max(...ends))).toBeLessThan(1e-3);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);

  // The same figures as a file.
  await setMore(page, true);
  const downloading = page.waitForEvent('download');
  await button(page, 'Differences (CSV)').click();
  const file = await downloading;
  expect(file.suggestedFilename()).toBe('clearpipe-differences.csv');
  const rows = readFileSync(await file.path(), 'utf8')
    .split('\r\n')
    .map((row) => row.split(','));
  expect(rows).toContainEqual(['setting', 'Transformers', '', '3', '4', '']);
  const saved = rows.find(([, name]) => name === 'records/s')?.slice(3) ?? [];
  expect(saved.slice(0, 2).map((rate) => Number(rate).toFixed(1))).toEqual(
    rates.map((rate) => rate.toFixed(1)),
  );
});

/** Both clocks, in nanoseconds, how many records each shows as counted, and the record that is followed. */
const clocks = (page: Page) =>
  page.evaluate(() => {
    const { current } = window.clearpipe.comparing;
    if (!current) throw new Error('nothing is compared');
    const clock = (screen: typeof current.a) => ({
      time: screen.view.time,
      duration: screen.recording?.duration ?? NaN,
      counted: screen.scene.stages.find(({ id }) => id === 'metrics_collector')?.finished ?? NaN,
      chosen: screen.chosen,
    });
    return { a: clock(current.a), b: clock(current.b) };
  });

test('both show the same moment, however they are aligned', async ({ page, servers }) => {
  await open(page, servers.isolated, SETTINGS);
  // One Transformer takes about three times as long.
  await compare(page, 1);
  await page.keyboard.press('k');
  const align = (by: string) => page.getByLabel('Aligned by').selectOption(by);
  const isAt = (share: number, isRight: (now: Awaited<ReturnType<typeof clocks>>) => boolean) => {
    const seek = async () => {
      await page.getByLabel('Time on screen').fill(String(Math.round(share * 10_000)));
      return isRight(await clocks(page));
    };
    return expect.poll(seek, `at ${share}`).toBe(true);
  };
  for (const share of [0, 0.2, 0.5, 1]) {
    // The shorter run waits for the other one at its end.
    await isAt(share, ({ a, b }) => Math.min(b.time, a.duration) === a.time || a.time === b.time);
  }
  await align('share');
  for (const share of [0.1, 0.5, 0.9, 1]) {
    await isAt(share, ({ a, b }) => Math.abs(a.time / a.duration - b.time / b.duration) < 1e-6);
  }
  await align('records');
  for (const share of [0.2, 0.5, 0.7, 1]) {
    await isAt(share, ({ a, b }) => a.counted > 5 && Math.abs(a.counted - b.counted) <= 1);
  }

  // A record that is followed in one is followed in the other, and the table says how long it took.
  await page.evaluate(() => {
    window.clearpipe.comparing.current?.b.choose(17);
  });
  await expect.poll(async () => (await clocks(page)).a.chosen).toBe(17);
  const [inA = '', inB = ''] = await figures(page, /^record #17/);
  expect(inA).toMatch(/ s$/);
  expect(parseFloat(inB)).toBeGreaterThan(parseFloat(inA));
});

test('the run before, and a log, stand beside what is on screen', async ({ page, servers }) => {
  await open(page, servers.plain, { ...SETTINGS, pace: 'at-once' });
  await page.keyboard.press('v');
  // There is nothing to compare with yet.
  await expect(dialog(page).getByRole('button', { name: 'Compare with it' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await run(page);
  for (let more = 0; more < 2; more += 1) await workers(page).press('ArrowUp');
  await run(page);
  await page.keyboard.press('v');
  await dialog(page).getByRole('button', { name: 'Compare with it' }).click();
  await read(page);
  await expect(page.getByTestId('changed')).toContainText('Transformers 3 → 5');
  await expect(page.getByTestId('difference')).toHaveText(/more$/);
  await button(page, 'Leave comparison').click();
  await expect(rail(page)).toBeHidden();
  await expect(page.getByTestId('verdict')).toBeVisible();

  // A log of it differs in nothing.
  await setMore(page, true);
  const downloading = page.waitForEvent('download');
  await button(page, 'Download event log').click();
  const path = await (await downloading).path();
  await setMore(page, false);
  await page.keyboard.press('v');
  await dialog(page).getByLabel('Compare with an event log').setInputFiles(path);
  await read(page);
  await expect(page.getByTestId('difference')).toHaveText('Both come out the same');
  await expect(page.getByTestId('changed')).toHaveText('Both have the same settings.');
});

test('what can’t be compared is refused with a reason', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...SETTINGS, source: 'file' });
  await page.keyboard.press('v');
  await expect(page.getByTestId('cannot-compare')).toContainText('can’t tell how those of a file');
  await dialog(page)
    .getByLabel('Compare with an event log')
    .setInputFiles({
      name: 'not a log.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('hello\n'),
    });
  await expect(dialog(page).getByRole('alert')).toContainText('There is no run on screen');
});

test('B’s settings are kept, and a run leaves the comparison', async ({ page, servers }) => {
  await open(page, servers.isolated, SETTINGS);
  await compare(page, 6);
  await button(page, 'Keep B’s settings').click();
  await expect(rail(page)).toBeHidden();
  await expect(workers(page)).toHaveAttribute('aria-valuenow', '6');
  await compare(page, 2);
  await page.keyboard.press(' ');
  await expect(rail(page)).toBeHidden();
  await expect(button(page, 'Pause')).toBeVisible();
});

test('a link brings both runs back', async ({ page, servers, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, servers.isolated, SETTINGS);
  await compare(page, 2);
  await page.keyboard.press('k');
  await page.getByLabel('Time on screen').fill('4000');
  const before = await clocks(page);
  await page.keyboard.press('c');
  await expect(page.getByText('The link to both runs is copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain('vs=transformers:2');
  const headline = await page.getByTestId('difference').innerText();

  const other = await context.newPage();
  await other.goto(link);
  await read(other);
  await expect(other.getByTestId('difference')).toHaveText(headline);
  await expect(other.getByTestId('run-A')).toContainText('Transformers 3');
  await expect(other.getByTestId('run-B')).toContainText('Transformers 2');
  await expect.poll(async () => (await clocks(other)).a.time).toBe(Math.round(before.a.time));
  expect((await clocks(other)).a.duration).toBe(before.a.duration);

  // What stands beside the lanes is what the pictures show, although nobody has moved the playhead.
  let sum = 0;
  for (const [side, name] of [
    ['a', 'A'],
    ['b', 'B'],
  ] as const) {
    const picture = other.getByTestId(`run-${name}`);
    for (const [node, id] of [
      [16, 'dataCh'],
      [17, 'validCh'],
    ] as const) {
      const depth = await picture.getByTestId(`channel-${id}`).getAttribute('data-depth');
      sum += Number(depth);
      const reading = timeline(other).locator(`[data-lane="channel ${node} ${side}"]`);
      await expect(reading).toHaveText(new RegExp(`^(full )?${depth}$`));
    }
  }
  expect(sum).toBeGreaterThan(0);
  await other.close();
});
