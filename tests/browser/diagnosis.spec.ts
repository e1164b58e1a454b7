// The sentence about what limits a run, in the page, on real threads: some of the situations of
// `tests/vectors/situations.json`, whose other tests are exact.

import type { Page } from '@playwright/test';
import { PRESETS } from '../../web/settings/presets';
import { computing, openingRun, referenceRun, waiting } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import table from '../vectors/situations.json' with { type: 'json' };
import { expect, test } from './page';
import { open, run } from './steps';

const limits = (page: Page) => page.getByRole('region', { name: 'What limits it' });

const headline = (page: Page) => page.getByTestId('verdict');
const evidence = (page: Page) => page.getByTestId('evidence');
const advice = (page: Page) => page.getByTestId('advice');
const effect = (page: Page) => page.getByTestId('effect');

/** All that the verdict says, with usual spaces. */
async function saidOf(page: Page): Promise<string> {
  const text = await limits(page).innerText();
  return text.replaceAll('\u00a0', ' ').replaceAll('\n', ' ');
}

function preset(id: string): Settings {
  const found = PRESETS.find((preset) => preset.id === id);
  if (!found) throw new Error(`there is no preset ${id}`);
  return found.settings;
}

/** The situations, the settings that bring them about, and what is said after a while. */
const ROWS: readonly [name: string, settings: Settings, said: RegExp][] = [
  [
    'slow Loader',
    {
      ...referenceRun(),
      records: 400,
      buffer: 10,
      service: waiting({ producer: '20ms', loader: '40-60ms' }),
    },
    /^The Loader (is|was) the bottleneck .*\d+ % busy.* only a faster Loader helps/,
  ],
  [
    'a rate limit far below what the workers can do',
    {
      ...referenceRun(),
      records: 400,
      rate: 50,
      buffer: 10,
      service: waiting({ transformer: '20ms' }),
    },
    /^The rate limit sets? the pace .* of 50\/s that are let in/,
  ],
  [
    'one slow pool of Transformers',
    { ...referenceRun(), records: 4000, buffer: 10, service: waiting({ transformer: '5ms' }) },
    /^Transformers (are|were) the bottleneck .*\d+ % busy.*Add a Transformer\s*3 → 4/,
  ],
  [
    'computing on more workers than cores',
    {
      ...referenceRun(),
      records: 2000,
      workers: 8,
      threads: 2,
      buffer: 10,
      service: computing({ transformer: '5-10ms' }),
    },
    /^The 2 threads (are|were) the limit, not the workers/,
  ],
  [
    'all service times off, batches of 1',
    preset('batch-1'),
    /^Handing records over (is|was) most of the work .*Let batches grow/,
  ],
  [
    'all service times off, batches of 16',
    preset('batch-16'),
    /^Handing records over (is|was) most of the work .*Let batches grow/,
  ],
];

for (const [name, settings, said] of ROWS) {
  test(`says what limits: ${name}`, async ({ page, servers }) => {
    const situation = table.find((row) => row.name === name);
    if (!situation) throw new Error(`there is no situation ${name}`);
    const texts = new Set<string>();
    await open(page, servers.isolated, settings);
    await page.getByRole('button', { name: /^Run/ }).click();
    await expect(async () => {
      const text = await saidOf(page);
      texts.add(text);
      expect(text).toMatch(said);
    }).toPass({ timeout: 20_000, intervals: [200] });
    for (const text of texts) {
      for (const wrong of situation.must_not) expect(text).not.toContain(wrong);
    }
  });
}

test('of the first moments of a run nothing is said that may be wrong', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, openingRun());
  await page.getByRole('button', { name: /^Run/ }).click();
  await expect(headline(page)).toHaveText('Too early to tell');
  // The Transformers are the slowest: until that is known, nobody else is named.
  const names: string[] = [];
  await expect(async () => {
    names.push(await headline(page).innerText());
    expect(names.at(-1)).toBe('Transformers are the bottleneck');
  }).toPass({ timeout: 30_000, intervals: [200] });
  for (const text of names) expect(text).toMatch(/^(Too early to tell|Transformers|Nothing)/);
  // The time for which the channel has been full goes on, also while the headline stays the same.
  const fullFor = async () =>
    Number(/full for ([\d.]+).s/.exec(await evidence(page).innerText())?.[1] ?? 0);
  await expect.poll(fullFor, { timeout: 40_000 }).toBeGreaterThan(1);
  const before = await fullFor();
  await expect.poll(fullFor, { timeout: 40_000 }).toBeGreaterThan(before);
});

test('advice that is followed is not given again, and is answered with before and after', async ({
  page,
  servers,
}) => {
  const settings = {
    ...referenceRun(),
    records: 6000,
    buffer: 10,
    // So slow, the Transformers stay the bottleneck with one more, however slow the machine is.
    service: waiting({ producer: '1ms', transformer: '20ms' }),
  };
  await open(page, servers.isolated, settings);
  await page.getByRole('button', { name: /^Run/ }).click();
  await expect(advice(page)).toHaveText(/Add a Transformer\s*3 → 4/, { timeout: 30_000 });
  await page.waitForTimeout(3000);
  await advice(page).click();
  const said: string[] = [];
  await expect(async () => {
    said.push(await saidOf(page));
    expect(said.at(-1)).toMatch(/Add a Transformer\s*4 → 5/);
  }).toPass({ timeout: 30_000, intervals: [100] });
  // What is said is updated a few times a second.
  for (const text of said.slice(8)) expect(text).not.toMatch(/3 → 4.*Add/);
  // A fourth worker of four makes it faster by a third, as far as this machine can tell.
  await expect(effect(page)).toContainText(/→ [\d.]+ records\/s, \+\d+/, { timeout: 40_000 });
  await effect(page).getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByLabel('Transformers', { exact: true })).not.toHaveValue('4');
  await expect(effect(page)).toContainText('Transformers 4 → 3');
});

test('a short run is told of at its middle, and as a whole when it is over', async ({
  page,
  servers,
}) => {
  const settings = {
    ...referenceRun(),
    records: 100,
    buffer: 10,
    service: waiting({ transformer: '10ms' }),
  };
  await open(page, servers.isolated, settings);
  await run(page);
  const seek = (share: number) =>
    page.evaluate((share) => {
      const { screen } = window.clearpipe.session;
      screen.halt();
      screen.seek(screen.view.begin + share * (screen.view.end - screen.view.begin));
    }, share);
  await seek(0.5);
  await expect(headline(page)).toHaveText(/^Transformers are the bottleneck|^Too early to tell/);
  await expect(evidence(page)).toHaveText(/ before/);
  await seek(1);
  await expect(headline(page)).toHaveText('Transformers were the bottleneck');
  await expect(evidence(page)).toHaveText(/^Over the whole run, \d+.% busy/);
});

test('of a run of few records it is said why there is no verdict', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...referenceRun(), records: 3 });
  await run(page);
  await page.evaluate(() => {
    const { screen } = window.clearpipe.session;
    screen.halt();
    screen.seek(screen.view.end);
  });
  await expect(headline(page)).toHaveText('Too few records for a verdict');
  await expect(evidence(page)).toContainText('Three records went through.');
});

test('what the verdict advises is set by its button', async ({ page, servers }) => {
  await open(page, servers.isolated, preset('batch-1'));
  await page.getByRole('button', { name: /^Run/ }).click();
  await advice(page).click({ timeout: 30_000 });
  await expect(page.getByLabel('Batch', { exact: true })).toHaveValue('auto');
  await expect(page.getByTestId('set')).toHaveText('Set: it acts at the next run');
});
