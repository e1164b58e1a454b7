// Links to settings: what of them could not be applied is told, and what was is what the engine accepts.

import fc from 'fast-check';
import type { Page } from '@playwright/test';
import { journeyEvents, recordingOf } from '../../web/analysis/testing';
import { toLogFile } from '../../web/log-file/write';
import { toConfig } from '../../web/settings/config';
import { ENCODINGS } from '../../web/settings/encodings';
import { BATCH, INJECTION, SERVICE_TIME, TIME } from '../../web/settings/constraints';
import { toHash } from '../../web/settings/link';
import { referenceRun } from '../../web/settings/settings';
import { validSettings } from '../../web/settings/testing';
import { expect, test } from './page';
import { button, control, drop, open, openTab, run } from './steps';

test('what could not be applied is shown until it is dismissed', async ({ page, servers }) => {
  await page.goto(`${servers.isolated}#v2&workers=5&colour=red&batch=%E0&buffer=0&rate=-1`);
  const warnings = page.getByRole('alert').filter({ hasText: 'Not all of this link' });
  const all = async () => {
    await expect(warnings).toContainText('made by another version of Clearpipe');
    await expect(warnings).toContainText('There is no setting “colour”; it was ignored.');
    await expect(warnings).toContainText('The value of “batch” is damaged');
    await expect(warnings).toContainText('Buffer must be a whole number from 1 to 16,777,216.');
    await expect(warnings).toContainText('Rate must be a number of records per second');
  };
  await all();
  await expect(control(page, 'Workers')).toHaveValue('5');
  await expect(control(page, 'Buffer')).toHaveValue('10');
  await expect(
    page.locator('#problems').getByRole('listitem', { includeHidden: true }),
  ).toHaveCount(0);

  // Whatever is done on the page, and whenever the address follows.
  await button(page, 'Run').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await control(page, 'Workers').fill('4');
  await expect.poll(() => page.evaluate(() => location.hash)).toBe('#v1&workers=4');
  await control(page, 'Preset').selectOption('reference');
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
  await run(page);
  await all();

  await button(page, 'Dismiss').click();
  await expect(warnings).toBeHidden();
  await control(page, 'Workers').fill('3');
  await expect(warnings).toBeHidden();
});

/** What is looked at. */
const looked = (page: Page) =>
  page.evaluate(() => {
    const { playback, chosen, focus, marks, timeline } = window.clearpipe.session.screen;
    if (!playback) return null;
    const { time, speed, playing, live } = playback;
    return { time, speed, playing, live, chosen, focus, marks, timeline };
  });

const VIRTUAL = '#v1&records=60&runs-on=virtual';

test('a link to a moment of a simulated run brings back the run, halted there', async ({
  page,
  context,
  servers,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const hash = `${VIRTUAL}&at=8.25s&speed=1/100&sel=record:17&view=timeline:8s-9s&mark=8.2s:here`;
  await page.goto(`${servers.isolated}${hash}`);
  const expected = {
    ...{ time: 8.25e9, speed: 0.01, playing: false, live: false, chosen: 17, focus: null },
    marks: [{ time: 8.2e9, text: 'here' }],
    timeline: { from: 8e9, to: 9e9 },
  };
  // The run takes some 25 virtual seconds, and nobody waits for them.
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
  await expect.poll(() => looked(page)).toEqual(expected);
  const dots = await page.evaluate(() => window.clearpipe.session.screen.probe());
  expect(dots.length).toBeGreaterThan(0);

  await openTab(page, 'Timeline');
  await expect(page.getByRole('table', { name: /^Timeline, 8.* to 9/ })).toBeAttached();
  await expect(page.getByTestId('timeline').locator('.flag', { hasText: 'here' })).toBeAttached();

  await button(page, 'Share').click();
  await expect(page.getByText('The link to this moment is copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  // With a digest of the run, so that another version can tell whether it goes the same way.
  const [, digest = ''] = /&log=\d+\.\d+\.\d+:([\da-f]{8})$/.exec(copied) ?? [];
  expect(copied.replace(/&log=.*$/, '')).toBe(`${servers.isolated}${hash}`);

  // Whoever opens it sees the same.
  const other = await context.newPage();
  await other.goto(copied);
  await expect.poll(() => looked(other)).toEqual(expected);
  const same = await other.evaluate(() => window.clearpipe.session.screen.probe());
  expect(same.map(({ record, node, worker }) => [record, node, worker])).toEqual(
    dots.map(({ record, node, worker }) => [record, node, worker]),
  );

  const differs = other.getByText('so what is on screen may not be what was meant');
  // Its digest is the same, and nothing is said.
  await button(other, 'Share').click();
  await expect(other.getByText('The link to this moment is copied.')).toBeVisible();
  expect(await other.evaluate(() => navigator.clipboard.readText())).toBe(copied);
  await expect(differs).toBeHidden();
  const wrong = digest === '00000000' ? '11111111' : '00000000';
  await other.goto('about:blank');
  await other.goto(copied.replace(digest, wrong));
  await expect(differs).toContainText('The run of this link went differently, so');
  await other.goto('about:blank');
  await other.goto(copied.replace(/&log=.*$/, `&log=9.8.7:${wrong}`));
  await expect(differs).toContainText('The link was made by Clearpipe 9.8.7, and this is');
  await other.close();

  // Another part of the timeline is in the next link.
  await button(page, 'Zoom the timeline in').click();
  await button(page, 'Share').click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/&view=timeline:8\.\d+s-8\.\d+s&/);
});

test('a short run on real threads travels in the link, without a value of a record', async ({
  page,
  context,
  servers,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, servers.isolated);
  const secret = (record: number) =>
    `{"id":"secret-${record}","value":${record}.5,"unit":"C","timestamp":"2024-01-01T00:00:00Z"}\n`;
  const lines = Array.from({ length: 60 }, (_, record) => secret(record)).join('');
  await drop(page, 'secret-name.jsonl', Buffer.from(lines));
  await run(page);
  const seen = (shown: Page) =>
    shown.evaluate(() => {
      const { recording, playback } = window.clearpipe.session.screen;
      const { log } = recording ?? {};
      return { events: log?.length, last: log?.lastTime, time: playback?.time };
    });
  const whole = await seen(page);
  expect(whole.events).toBeGreaterThan(1000);
  await button(page, 'Share').click();
  await expect(page.getByText('with the recording of the run')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('&events=');
  expect(copied.length).toBeLessThan(8192);

  const other = await context.newPage();
  await other.goto(copied);
  await expect(other.getByText('The run is on screen as it was recorded')).toBeVisible();
  await expect.poll(() => seen(other)).toMatchObject({ events: whole.events, last: whole.last });
  // It can be loaded again, and says the same of the whole run.
  expect(other.url()).toBe(copied);
  for (const shown of [page, other]) await shown.keyboard.press('End');
  const said = page.getByTestId('evidence');
  await expect(said).toContainText('over the whole run');
  await expect(other.getByTestId('evidence')).toHaveText(await said.innerText());
  const config = await other.evaluate(() =>
    JSON.stringify(window.clearpipe.session.screen.recording?.config),
  );
  expect(config).toContain('"file":["input"]');
  expect(config).not.toContain('secret');
  // While another run goes on, too: that is given up.
  await other.goto('about:blank');
  await other.goto(`${servers.isolated}#v1&records=5000`);
  await button(other, 'Run').click();
  await expect(button(other, 'Pause')).toBeVisible();
  await other.evaluate((hash) => {
    location.hash = hash;
  }, new URL(copied).hash);
  await expect(other.getByText('The run is on screen as it was recorded')).toBeVisible();
  await expect.poll(() => seen(other)).toMatchObject({ events: whole.events, last: whole.last });
  // It can be passed on again.
  await button(other, 'Share').click();
  await expect(other.getByText('with the recording of the run')).toBeVisible();

  // The file is only asked for by a run.
  const asked = other.locator('#problems');
  await expect(asked).toBeEmpty();
  await button(other, 'Run').click();
  await expect(asked).toContainText('is missing: choose one');

  // Nothing else is said of a damaged one, whatever has become of it.
  const letter = copied.at(-30) === 'A' ? 'B' : 'A';
  const changed = `${copied.slice(0, -30)}${letter}${copied.slice(-29)}`;
  for (const link of [copied.slice(0, -9), `${copied.slice(0, -500)}!`, changed]) {
    await other.goto('about:blank');
    await other.goto(link);
    const warnings = other.getByRole('alert').filter({ hasText: 'Not all of this link' });
    await expect(warnings).toContainText(
      'The recording in the link is damaged: perhaps the link was not copied completely. Only its settings were applied.',
    );
    await expect(warnings.getByRole('paragraph')).toHaveCount(2);
    await expect(other.getByText('will stand there')).toBeHidden();
  }
  await other.close();
});

test('a run on real threads can’t be brought back, and the page says so', async ({
  page,
  context,
  servers,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const settings = { ...referenceRun(), records: 200_000 };
  await page.goto(`${servers.isolated}${toHash(settings)}&at=0.0001s&sel=channel:validCh`);
  await expect(page.getByText('The link shows a moment of a run on real threads.')).toBeVisible();
  expect(await looked(page)).toBeNull();
  await run(page);
  await expect.poll(async () => (await looked(page))?.focus).toEqual({ channel: 17 });
  expect(await looked(page)).toMatchObject({ playing: false, live: false });
  await button(page, 'Share').click();
  await expect(
    page.getByText('it can’t bring back this very run: its recording is too long'),
  ).toBeVisible();
});

test('an event log beside the page is opened when that is asked for', async ({
  page,
  context,
  servers,
}) => {
  const recording = recordingOf([...journeyEvents(0), ...journeyEvents(1, 20)]);
  const body = Buffer.from(await (await toLogFile(recording)).arrayBuffer());
  let requests = 0;
  await page.route('**/lesson.events', (route) => {
    requests += 1;
    return route.fulfill({ body });
  });
  const address = new URL('?log=lesson.events#v1&at=0.004s&sel=record:1', servers.isolated).href;
  await page.goto(address);
  const offer = page.getByRole('group', { name: 'The event log of the link' });
  await expect(offer).toContainText('This link leads to an event log: lesson.events.');
  expect(requests).toBe(0);
  await button(page, 'Open it').click();
  await expect(page.getByText('lesson.events: an event log')).toBeVisible();
  await expect(offer).toBeHidden();
  expect(await looked(page)).toMatchObject({ time: 4e6, chosen: 1, playing: false });

  // A link leads to it as long as it is what is shown.
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = async () => {
    await button(page, 'Share').click();
    await expect(page.getByText(/^The link to .* is copied/)).toBeVisible();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  expect(await copied()).toContain('?log=lesson.events#');
  await page.goto('about:blank');
  await page.goto(new URL('?log=lesson.events#v1&records=5', servers.isolated).href);
  await expect(offer).toBeVisible();
  await button(page, 'Dismiss').click();
  await expect(offer).toBeHidden();
  expect(new URL(page.url()).search).toBe('');
  await run(page);
  expect(await copied()).not.toContain('log=lesson');
});

test('a log that is dismissed while it loads is not opened', async ({ page, servers }) => {
  let answer: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    void page.route('**/slow.events', async (route) => {
      resolve();
      await new Promise<void>((later) => (answer = later));
      await route.fulfill({ body: '{"id":"a record"}' }).catch(() => undefined);
    });
  });
  await page.goto(new URL('?log=slow.events', servers.isolated).href);
  const offer = page.getByRole('group', { name: 'The event log of the link' });
  await button(page, 'Open it').click();
  await asked;
  await button(page, 'Dismiss').click();
  answer();
  await expect(offer).toBeHidden();
  await page.waitForLoadState('networkidle');
  expect(await looked(page)).toBeNull();
});

test('a file beside the page that is no event log, and one elsewhere, are not', async ({
  page,
  servers,
}) => {
  const offer = page.getByRole('group', { name: 'The event log of the link' });
  await page.route('**/other.events', (route) => route.fulfill({ body: '{"id":"a record"}' }));
  await page.goto(new URL('?log=other.events', servers.isolated).href);
  await button(page, 'Open it').click();
  await expect(offer).toContainText('It can’t be loaded: it is not an event log.');
  await button(page, 'Dismiss').click();
  await expect(offer).toBeHidden();

  await page.goto(new URL('?log=https://there.example/x.events', servers.isolated).href);
  await expect(offer).toContainText('This page loads nothing from elsewhere');
  await expect(offer.getByRole('link', { name: 'x.events' })).toHaveAttribute(
    'href',
    'https://there.example/x.events',
  );
});

test('a long run doesn’t begin by itself', async ({ page, servers }) => {
  await page.goto(`${servers.isolated}#v1&records=9000000&runs-on=virtual&at=1s`);
  await expect(page.getByText('The link shows a moment of a long run')).toBeVisible();
  await expect(button(page, 'Run')).toBeVisible();
});

test('the engine accepts what a link may have, and nothing else', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const problemsOf = (configs: unknown[]) =>
    page.evaluate(async (configs) => {
      const { engine } = window.clearpipe;
      const found = [];
      for (const config of configs) found.push(await engine.check(config as object));
      return found.map((problems) => problems.map(({ path, text }) => `${path} ${text}`));
    }, configs);

  const samples = fc.sample(validSettings, { numRuns: 40, seed: 24 });
  const found = await problemsOf(
    samples.map(
      (settings) => JSON.parse(JSON.stringify(toConfig(settings, 'x').config)) as unknown,
    ),
  );
  expect(found.flat()).toEqual([]);

  const TEXTS = [
    ...['off', 'auto', '0', '1', '+5', '-1', '65536', '65537', '1e3', '', ' 16 ', '1.5', 'x'],
    ...['every 1', 'every 0', 'every  7', 'every x', '5%', '5 %', '100%', '100.5%', '-1%', '.5%'],
    ...['1e1%', 'inf%', 'nan%', '%', 'every 18446744073709551615', 'every 18446744073709551616'],
    ...['5ms', '5 ms', '0-20ms', '20-5ms', '1s-1500ms', '0', '5', '3600s', '3601s', '.5s', '1.s'],
    ...['1.2.3s', '5h', '1us', '1µs', '1μs', '0-0', '-5ms', '5ms-', '1e3ms', '2-2s', 'off-5ms'],
    ...['2026-01-31T23:59:59Z', '2026-02-30T00:00:00Z', '2026-01-31 23:59:59+02:30', '2026-01-31'],
    ...['2026-01-31t23:59:59.123456789z', '2026-01-31T25:00:00Z', '0001-01-01T00:00:00Z', 'today'],
  ];
  const kinds: { range: typeof BATCH; config: (text: string) => object }[] = [
    { range: BATCH, config: (text) => ({ batch: text.trim() || undefined }) },
    {
      range: INJECTION,
      config: (text) => ({ generator: { invalid_value: text.trim() || undefined } }),
    },
    {
      range: SERVICE_TIME,
      config: (text) => ({ service: { loader: { wait: text.trim() || undefined } } }),
    },
  ];
  for (const { range, config } of kinds) {
    const accepted = (await problemsOf(TEXTS.map((text) => config(text)))).map(
      (problems) => problems.length === 0,
    );
    expect(TEXTS.filter((text) => range.accepts(text))).toEqual(
      TEXTS.filter((_, at) => accepted[at]),
    );
  }
  const encodings = ENCODINGS.map(({ value }) => ({ input: { encoding: value } }));
  expect((await problemsOf(encodings)).flat()).toEqual([]);

  // Of times, the page may know fewer: no more.
  const accepted = await problemsOf(TEXTS.map((text) => ({ clock: `fixed:${text.trim()}` })));
  expect(TEXTS.filter((text, at) => TIME.accepts(text) && accepted[at]?.length)).toEqual([]);
  expect(TIME.accepts(referenceRun().fixedTime)).toBe(true);
});
