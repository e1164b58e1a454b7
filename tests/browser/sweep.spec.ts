// What other values of a setting would bring: simulated while one waits, named by key and pointer, and set.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import curves from '../vectors/lesson-curves.json' with { type: 'json' };
import type { PartialConfig } from '../../web/engine/partial';
import { withSetting } from '../../web/engine/sweep';
import { openingRun, referenceRun, waiting } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, open, shown } from './steps';

const window_ = (page: Page): Locator => page.getByTestId('sweep');
const values = (page: Page): Locator => window_(page).getByRole('listbox');
const options = (page: Page): Locator => window_(page).getByRole('option');
const named = (page: Page): Locator => page.getByTestId('point');
const number = (page: Page, stage: string): Locator =>
  page.getByTestId(`workers-${stage}`).getByRole('spinbutton');

/** Waits until all values have been simulated. */
async function whole(page: Page): Promise<void> {
  await expect(window_(page).getByRole('status')).toHaveText(/^\d+ values simulated\.$/, {
    timeout: 60_000,
  });
}

/** What has been asked of the engine since `hold`. */
interface Asked {
  asked: number;
  aborted: number;
}

/** From now on, the engine simulates nothing, and counts what it is asked. */
async function hold(page: Page): Promise<void> {
  await page.evaluate(() => {
    const counts = { asked: 0, aborted: 0 };
    Object.assign(window, { counts });
    window.clearpipe.engine.simulate = (_, signal) =>
      new Promise((_, reject) => {
        counts.asked += 1;
        signal?.addEventListener('abort', () => {
          counts.aborted += 1;
          reject(signal.reason as Error);
        });
      });
  });
}

const asked = (page: Page): Promise<Asked> =>
  page.evaluate(() => (window as unknown as { counts: Asked }).counts);

/** The rates of the tables are rounded to a tenth. */
const RATE_TOLERANCE = 0.06;

/** The latencies of the metrics are this much off at most, and those of the tables half a millisecond. */
const latencyTolerance = (milliseconds: number): number => 0.016 * milliseconds + 0.51;

/** A curve of tests/vectors/lesson-curves.json. */
interface Curve {
  about: string;
  config: PartialConfig;
  paths: readonly string[];
  points: readonly {
    value: number | string;
    /** By seed. */
    rate?: readonly number[];
    p99?: readonly number[];
    /** The least and the most of all seeds. */
    p50?: readonly number[];
  }[];
}

for (const { about, config, paths, points } of curves.curves as readonly Curve[]) {
  test(`the curve of ${about}`, async ({ page, servers }) => {
    test.setTimeout(600_000);
    await page.goto(servers.isolated);
    for (const [at, seed] of [1, 2, 3].entries()) {
      const found = await page.evaluate(
        async (runs) => {
          const { engine } = window.clearpipe;
          const found: { rate: number; p50: number; p99: number }[] = [];
          for (const { config, path, value } of runs) {
            for await (const result of engine.sweep(config, path, [value])) {
              if (!('metrics' in result)) throw new Error(JSON.stringify(result.problems));
              const { records_per_second: rate, latency } = result.metrics;
              const { p50_seconds, p99_seconds } = latency.processed.from_production;
              found.push({ rate, p50: p50_seconds * 1e3, p99: p99_seconds * 1e3 });
            }
          }
          return found;
        },
        points.map(({ value }) => {
          const [path = '', ...others] = paths;
          const own = others.reduce<PartialConfig>((set, other) => withSetting(set, other, value), {
            ...config,
            seed,
          });
          return { config: own, path, value };
        }),
      );
      expect(found).toHaveLength(points.length);
      for (const [index, expected] of points.entries()) {
        const what = `${about}, ${expected.value}, seed ${seed}`;
        const one = found[index];
        expect(expected.rate ?? expected.p99, 'there is something to compare').toHaveLength(3);
        if (expected.rate) {
          const off = Math.abs(one.rate - expected.rate[at]);
          expect(off, what).toBeLessThan(RATE_TOLERANCE);
        }
        if (expected.p99) {
          const off = Math.abs(one.p99 - expected.p99[at]);
          expect(off, what).toBeLessThan(latencyTolerance(expected.p99[at]));
        }
        if (expected.p50) {
          const [least, most] = expected.p50;
          expect(one.p50, what).toBeGreaterThan(least - latencyTolerance(least));
          expect(one.p50, what).toBeLessThan(most + latencyTolerance(most));
        }
      }
    }
  });
}

test('by keyboard alone: a value is named, compared and set', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  const workers = number(page, 'transformer');
  await workers.focus();
  await page.keyboard.press('Enter');
  await expect(values(page)).toBeFocused();
  await expect(window_(page)).toHaveAccessibleName('Number of Transformers');
  await whole(page);
  await expect(page.getByTestId('simulated')).toHaveText(
    /^Simulated: 200 records on the virtual clock, \d+ cores?$/,
  );
  // One's own value is the one that is marked, and the one that is spoken of first.
  await expect(named(page)).toHaveText(/^3 Transformers: 5\.\d\srecords\/s, p99\s\d\.\d+\ss$/);
  await expect(options(page).and(page.locator('[aria-selected=true]'))).toHaveAccessibleName(
    /^3 Transformers: /,
  );
  await expect(window_(page).getByTestId('own')).toHaveCount(2);
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('ArrowRight');
  await expect(named(page)).toHaveText(/^6 Transformers: 6\.\d\srecords\/s, p99\s\d\.\d+\ss$/);
  await expect(window_(page)).toContainText(/\+\d+\s% records\/s, −\d+\s% p99/);
  const active = await values(page).getAttribute('aria-activedescendant');
  await expect(page.locator(`[id="${active ?? ''}"]`)).toHaveAccessibleName(/^6 Transformers: /);
  // Named, but not set.
  await expect(workers).toHaveAttribute('aria-valuenow', '3');
  await page.keyboard.press('Enter');
  await expect(workers).toHaveAttribute('aria-valuenow', '6');
  await expect(window_(page)).toContainText('as it is set now');
  await page.keyboard.press('Home');
  await expect(named(page)).toHaveText(/^1 Transformer: /);
  await page.keyboard.press('Escape');
  await expect(window_(page)).toBeHidden();
  await expect(workers).toBeFocused();
});

test('while it runs, what is chosen acts as a change made with the control', async ({
  page,
  servers,
}) => {
  const service = waiting({ producer: '5ms', transformer: '60ms' });
  await open(page, servers.isolated, { ...referenceRun(), service, records: 100_000 });
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(3);
  await number(page, 'transformer').click();
  await whole(page);
  const six = options(page).and(page.getByLabel(/^6 Transformers: /));
  const box = await six.boundingBox();
  if (!box) throw new Error('it isn’t there');
  await page.mouse.move(box.x + box.width / 2, box.y + 40);
  await expect(named(page)).toHaveText(/^6 Transformers: /);
  await page.mouse.down();
  await page.mouse.up();
  const changes = () =>
    page.evaluate(() =>
      window.clearpipe.session.screen.recording?.adjustments.map(({ before, after }) => [
        before.transformer.workers ?? before.workers,
        after.transformer.workers,
      ]),
    );
  await expect.poll(changes).toEqual([[3, 6]]);
  await expect(page.locator('[data-testid^="worker-transformer-"]')).toHaveCount(6);
});

test('it ends when it is closed, and begins anew when settings change', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, openingRun());
  await hold(page);
  await number(page, 'transformer').click();
  // One at a time: the first one is under way.
  await expect.poll(() => asked(page)).toEqual({ asked: 1, aborted: 0 });
  await page.keyboard.press('Escape');
  await expect(window_(page)).toBeHidden();
  await expect.poll(() => asked(page)).toEqual({ asked: 1, aborted: 1 });

  await number(page, 'transformer').click();
  await expect.poll(() => asked(page)).toEqual({ asked: 2, aborted: 1 });
  // Beside its window, the control goes on working.
  await button(page, 'Transformers: one more').click();
  await expect(window_(page)).toBeVisible();
  await expect.poll(() => asked(page)).toEqual({ asked: 3, aborted: 2 });
  await page.mouse.click(640, 20);
  await expect(window_(page)).toBeHidden();
  await expect.poll(() => asked(page)).toEqual({ asked: 3, aborted: 3 });
});

test('the first value is there before the others', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await page.evaluate(() => {
    const { engine } = window.clearpipe;
    const simulate = engine.simulate.bind(engine);
    let count = 0;
    engine.simulate = (config, signal) => {
      count += 1;
      return count > 3 ? new Promise(() => undefined) : simulate(config, signal);
    };
  });
  await number(page, 'validator').click();
  await expect(page.getByTestId('simulated')).toContainText(/3 of \d+$/);
  await expect(named(page)).toHaveText(/^3 Validators: .*\srecords\/s/);
  const known = await options(page).evaluateAll((all) =>
    all.flatMap((one, at) => (one.dataset.known === 'true' ? at : [])),
  );
  // One's own, and both ends.
  expect(known).toEqual([0, 2, (await options(page).count()) - 1]);
});

test('times, the rate and capacities have curves too', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await page.getByTestId('time-transformer').click();
  await button(page, 'What if… Transformer, waiting time').click();
  await expect(window_(page)).toHaveAccessibleName('Waiting time of a Transformer');
  await whole(page);
  await expect(named(page)).toHaveText(/^Transformer waits 300–900\sms: /);
  await page.keyboard.press('Home');
  await expect(named(page)).toHaveText(/^Transformer waits not at all: /);
  await page.keyboard.press('ArrowRight');
  await expect(named(page)).toHaveText(/^Transformer waits 30–90\sms: /);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('time-transformer')).toHaveText('takes 30–90\u00a0ms');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('time-transformer')).toBeFocused();

  await page.getByTestId('time-producer').click();
  await button(page, 'What if… Producer, rate').click();
  await whole(page);
  await expect(named(page)).toHaveText(/^Without a limit: /);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const rate = await page.evaluate(() => window.clearpipe.session.settings.rate ?? 0);
  expect(rate).toBeGreaterThan(0);
  expect(rate).toBeLessThan(2);
  await page.keyboard.press('Escape');

  await page.getByTestId('capacity-validCh').getByRole('spinbutton').press('Enter');
  await whole(page);
  await expect(named(page)).toHaveText(/^validCh with 10 places: /);
});

test('where it could not be true, it says why', async ({ page, servers }) => {
  await open(page, servers.isolated, referenceRun());
  await number(page, 'validator').click();
  await expect(page.getByTestId('no-curve')).toContainText('no stage has one');
  await expect(values(page)).toBeHidden();
  await page.keyboard.press('Escape');
  await open(page, servers.isolated, { ...openingRun(), source: 'file' });
  await number(page, 'validator').click();
  await expect(page.getByTestId('no-curve')).toContainText('those of a file');
  await page.keyboard.press('Escape');
  await open(page, servers.isolated, { ...openingRun(), batch: '1024' });
  await number(page, 'validator').click();
  await expect(page.getByTestId('no-curve')).toContainText('batches of 1,024');
});

test('the palette asks too', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('more transformers bring');
  await page.keyboard.press('Enter');
  await expect(window_(page)).toHaveAccessibleName('Number of Transformers');
  await expect(values(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(window_(page)).toBeHidden();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('axe finds nothing, with a curve and without one', async ({ page, servers }) => {
      for (const settings of [openingRun(), referenceRun()]) {
        await open(page, servers.isolated, settings);
        await number(page, 'transformer').click();
        if (settings.records === 200) await whole(page);
        else await expect(page.getByTestId('no-curve')).toBeVisible();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      }
      await page.keyboard.press('Escape');
      await page.getByTestId('time-producer').click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    });
  });
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 664 }, hasTouch: true });

  test('it is a sheet: a finger names, a button sets', async ({ page, servers }) => {
    await open(page, servers.isolated, openingRun());
    await page.keyboard.press('ControlOrMeta+k');
    await page.keyboard.type('more transformers bring');
    await page.keyboard.press('Enter');
    await whole(page);
    const sheet = await window_(page).boundingBox();
    expect(sheet).toMatchObject({ x: 0, width: 390 });
    expect((sheet?.y ?? 0) + (sheet?.height ?? 0)).toBe(664);
    const box = await options(page)
      .and(page.getByLabel(/^6 Transformers: /))
      .boundingBox();
    if (!box) throw new Error('it isn’t there');
    await page.touchscreen.tap(box.x + box.width / 2, box.y + 40);
    await expect(named(page)).toHaveText(/^6 Transformers: /);
    const transformers = () => page.evaluate(() => window.clearpipe.session.settings.transformers);
    expect(await transformers()).toBeNull();
    for (const name of ['Set: 6 Transformers', 'Close']) {
      const target = await window_(page).getByRole('button', { name }).boundingBox();
      expect(Math.min(target?.width ?? 0, target?.height ?? 0), name).toBeGreaterThanOrEqual(44);
    }
    await window_(page).getByRole('button', { name: 'Set: 6 Transformers' }).tap();
    expect(await transformers()).toBe(6);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await window_(page).getByRole('button', { name: 'Close' }).tap();
    await expect(window_(page)).toBeHidden();
  });

  test('where the picture has no controls, the card of what is inspected asks', async ({
    page,
    servers,
  }) => {
    await open(page, servers.isolated, openingRun());
    await button(page, 'Run').click();
    await page.evaluate(() => {
      window.clearpipe.session.screen.inspect({ channel: 17 });
    });
    const question = page.getByRole('button', { name: 'What would more room in validCh bring?' });
    expect((await question.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await question.tap();
    await expect(window_(page)).toHaveAccessibleName('Capacity of validCh');
    await whole(page);
    await page.keyboard.press('Escape');
    await expect(window_(page)).toBeHidden();
  });
});

test('a whole curve takes about a second', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  const first = page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        let begin = 0;
        document.addEventListener('click', () => (begin = performance.now()), {
          capture: true,
          once: true,
        });
        const watch = new MutationObserver(() => {
          const all = [
            ...document.querySelectorAll<HTMLElement>('[data-testid=sweep] [role=option]'),
          ];
          const known = all.filter(({ dataset }) => dataset.known === 'true').length;
          if (known > 0 && times.length === 0) times.push(performance.now() - begin);
          if (known === 0 || known < all.length) return;
          watch.disconnect();
          resolve([...times, performance.now() - begin, all.length]);
        });
        watch.observe(document.body, { subtree: true, childList: true, attributes: true });
      }),
  );
  await number(page, 'transformer').click();
  const [begun = NaN, ended = NaN, count = NaN] = await first;
  console.log(`first point after ${begun.toFixed(0)} ms, ${count} after ${ended.toFixed(0)} ms`);
  // An order of magnitude more than it takes.
  expect(ended).toBeLessThan(10_000);
});
