// The sentence about what limits a run, in the page, on real threads: some of the situations of
// `tests/vectors/situations.json`, whose other tests are exact.

import type { Page } from '@playwright/test';
import { PRESETS } from '../../web/settings/presets';
import { computing, openingRun, referenceRun, waiting } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import table from '../vectors/situations.json' with { type: 'json' };
import { expect, test } from './page';
import { button, open, run } from './steps';

const limits = (page: Page) => page.getByRole('region', { name: 'What limits it' });

const sentence = (page: Page) => limits(page).getByRole('status');

const UNITS = { s: 1e9, ms: 1e6, µs: 1e3, ns: 1 };

/** The time that the sentence is about, in nanoseconds. */
async function timeOf(page: Page): Promise<{ from: number; to: number }> {
  const text = await limits(page).innerText();
  const [, ...found] = /\(([\d.,]+).(\w+) – ([\d.,]+).(\w+) of the run/.exec(text) ?? [];
  const time = (at: number) =>
    Number(found[at]?.replace(',', '')) * UNITS[found[at + 1] as keyof typeof UNITS];
  return { from: time(0), to: time(2) };
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
    /^Loader: \d+.% busy; .*a faster Loader would/,
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
    /^The rate limit is reached: 50 records a second/,
  ],
  [
    'one slow pool of Transformers',
    { ...referenceRun(), records: 4000, buffer: 10, service: waiting({ transformer: '5ms' }) },
    /^Transformers: \d+.% busy, .*a fourth worker would help/,
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
    /^Transformers: \d+.% busy, \d+.% ready \(no thread\); one more worker|^Transformers: .* a ninth worker would not help/,
  ],
  [
    'all service times off, batches of 1',
    preset('batch-1'),
    /handing them over is most of the work; larger batches/,
  ],
  [
    'all service times off, batches of 16',
    preset('batch-16'),
    /handing them over is most of the work; larger batches/,
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
      const text = await sentence(page).innerText();
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
  await expect(sentence(page)).toContainText(/^Too early to tell\./);
  // The Transformers are the slowest: until that is known, nobody else is named.
  const names: string[] = [];
  await expect(async () => {
    const text = await sentence(page).innerText();
    names.push(text);
    expect(text).toMatch(/^Transformers: \d+.% busy.* worker would help/);
  }).toPass({ timeout: 20_000, intervals: [200] });
  for (const text of names) expect(text).toMatch(/^(Too early to tell|Transformers|Nothing)/);
  // The time that it is about goes on with the run, also while the sentence stays the same.
  const { to } = await timeOf(page);
  await expect.poll(async () => (await timeOf(page)).to).toBeGreaterThan(to + 1e9);
});

test('advice that is followed is not given again, nor before the workers are there', async ({
  page,
  servers,
}) => {
  const settings = {
    ...referenceRun(),
    records: 4000,
    buffer: 10,
    service: waiting({ transformer: '20ms' }),
  };
  await open(page, servers.isolated, settings);
  await page.getByRole('button', { name: /^Run/ }).click();
  await expect(sentence(page)).toContainText('a fourth worker would help', { timeout: 20_000 });
  await button(page, 'Set “Transformers” to 4').click();
  const said: string[] = [];
  await expect(async () => {
    said.push(await sentence(page).innerText());
    expect(said.at(-1)).toContain('a fifth worker would help');
  }).toPass({ timeout: 20_000, intervals: [100] });
  // The sentence is updated a few times a second.
  for (const text of said.slice(8)) expect(text).not.toContain('a fourth worker');
  await expect(limits(page)).not.toContainText('Already set');
});

test('a short run is told of at its middle and when it is over, and for which time', async ({
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
  for (const share of [0.5, 1]) {
    const time = await page.evaluate((share) => {
      const { screen } = window.clearpipe.session;
      screen.halt();
      screen.seek(screen.view.begin + share * (screen.view.end - screen.view.begin));
      return (screen.recording?.duration ?? 0) * share;
    }, share);
    await expect(sentence(page)).toContainText(/Transformers: \d+.% busy|Too early to tell/);
    await expect(async () => {
      const { from, to } = await timeOf(page);
      expect(from).toBeLessThan(to);
      expect(to).toBeLessThanOrEqual(time + 2e8);
    }).toPass({ timeout: 10_000 });
  }
});

test('what the sentence advises is set by its button', async ({ page, servers }) => {
  await open(page, servers.isolated, preset('batch-1'));
  await page.getByRole('button', { name: /^Run/ }).click();
  await button(page, 'Set “Batch” to auto and set “Buffer” back to its default').click({
    timeout: 20_000,
  });
  await expect(page.getByLabel('Batch', { exact: true })).toHaveValue('auto');
});
