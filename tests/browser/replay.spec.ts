// A run that nobody can see, as it is over at once: its timeline, and the replay that begins by itself.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { fromHash } from '../../web/settings/link';
import { openingRun } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, control, drop, open, openTab, run, setMore } from './steps';

const playback = (page: Page) =>
  page.evaluate(() => {
    const { recording, playback, moment } = window.clearpipe.session.screen;
    if (!recording || !playback) throw new Error('there is no recording');
    const { begin, end, time, speed, playing, live } = playback;
    const { lastTime: last } = recording.log;
    return { begin, end, time, speed, playing, live, last, moment: moment?.time ?? null };
  });

test('a short run ends with its last event, and is replayed slowly by itself', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  await run(page);
  await expect(page.getByTestId('mode')).toHaveText(/^Replaying, 1\/[\d,]+ speed$/);
  await expect(page.getByTestId('playback')).toContainText(
    /The run took [\d,.]+ (µs|ms|s): it is replayed slowly, in 1\d\.\d\d s\./,
  );
  const found = await playback(page);
  expect(found.end).toBe(found.last);
  const seconds = (found.end - found.begin) / found.speed / 1e9;
  expect(seconds).toBeGreaterThan(9.99);
  expect(seconds).toBeLessThan(20.01);

  // What the user does counts.
  await button(page, 'Pause replay').click();
  await expect(page.getByTestId('mode')).toHaveText('Replay, paused');
  const halted = await playback(page);
  await page.waitForTimeout(600);
  expect((await playback(page)).time).toBe(halted.time);
  await page.getByLabel('Time on screen').fill('10000');
  expect((await playback(page)).time).toBe(found.last);
  await expect(page.getByTestId('stage-loader')).toContainText('done');
  const counted = await page.evaluate(() => window.clearpipe.session.screen.scene.metrics);
  expect(counted?.processed).toBe(41);

  // At any speed nothing comes behind the last event.
  await page.getByTestId('playback').getByLabel('Speed').selectOption({ label: '1×' });
  expect((await playback(page)).end).toBe(found.last);
  await run(page);
  await expect(page.getByTestId('mode')).toHaveText(/^Replaying, /);
});

test('a run is left alone that is long, or whose picture was paused meanwhile', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  await control(page, 'Rate').fill('20');
  await run(page);
  await expect(page.getByTestId('mode')).toHaveText('Replay, paused');
  await control(page, 'Rate').fill('40');
  await page.evaluate(async () => {
    const { session } = window.clearpipe;
    session.begin();
    // As soon as anything is on screen.
    const { screen } = session;
    while (screen.recording?.origin !== 'live' || screen.view.time === 0) {
      await new Promise(requestAnimationFrame);
    }
    screen.halt();
  });
  await openTab(page, 'Results');
  await expect(page.getByRole('heading', { name: 'Results of run 2' })).toBeVisible();
  await page.waitForTimeout(1000);
  await expect(page.getByTestId('mode')).toHaveText('Replay, paused');
});

test('nothing moves by itself where motion is not wanted', async ({ page, servers }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, servers.isolated);
  await run(page);
  await expect(page.getByTestId('mode')).toHaveText('Replay, paused');
  // At the moment that matters, and not at the end, where nothing is to be seen.
  await expect
    .poll(async () => {
      const { time, moment } = await playback(page);
      return moment !== null && time === moment;
    })
    .toBe(true);
  const { time, begin, last, playing } = await playback(page);
  expect(playing).toBe(false);
  expect(time).toBeGreaterThan(begin);
  expect(time).toBeLessThan(last);
  // The picture is drawn with the next frame.
  await expect
    .poll(() => page.evaluate(() => window.clearpipe.session.screen.probe().length))
    .toBeGreaterThan(0);
  await button(page, 'Replay slowly').click();
  await expect(page.getByTestId('mode')).toHaveText(/^Replaying, /);
});

test('of a recorded log the figures are shown that it has, and nothing of the preset', async ({
  page,
  servers,
}) => {
  const path = fileURLToPath(new URL('../compatibility/format-1.events', import.meta.url));
  await open(page, servers.isolated, openingRun());
  await expect(page.getByText('Watch:')).toBeVisible();
  await drop(page, 'format-1.events', readFileSync(path));
  await expect(page.getByText('On screen is an event log.')).toBeVisible();
  await expect(page.getByText('Watch:')).toBeHidden();
  // Figures are those of the time on screen.
  await page.evaluate(() => {
    const { screen } = window.clearpipe.session;
    screen.halt();
    screen.seek(screen.view.begin);
  });
  await expect(page.getByTestId('processed')).toHaveText('0');
  await page.evaluate(() => {
    const { screen } = window.clearpipe.session;
    screen.seek(screen.view.end);
  });
  for (const [figure, value] of Object.entries({
    ...{ produced: '6', processed: '2', failed: '4', anomalies: '1' },
    ...{ elapsed: '7 ms', rate: '899' },
  })) {
    await expect(page.getByTestId(figure)).toHaveText(value);
  }
  // No value is in a log.
  await expect(page.getByTestId('sum')).toBeHidden();
  await button(page, 'Start “Opening run”').click();
  await expect(page.getByText('Watch:')).toBeVisible();
  await expect(page.getByTestId('sum')).toBeVisible();
  await button(page, 'Stop').click();
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible();
  // Another preset's settings without its run.
  await control(page, 'Records').fill('20');
  await run(page);
  await control(page, 'Records').fill(String(openingRun().records));
  await expect(page.getByText('On screen is a run with other settings.')).toBeVisible();
  await expect(page.getByText('Watch:')).toBeHidden();
});

test('a log brings its settings, which Run then runs', async ({ page, context, servers }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const path = fileURLToPath(new URL('../compatibility/format-1.events', import.meta.url));
  await open(page, servers.isolated, { ...openingRun(), workers: 7 });
  await drop(page, 'format-1.events', readFileSync(path));
  await setMore(page, true);
  await expect(page.getByRole('heading', { name: 'Settings of the log' })).toBeVisible();
  const logged = await page.evaluate(() => {
    const { config } = window.clearpipe.session.screen.recording ?? {};
    return { workers: config?.workers, records: config?.records, seed: config?.seed };
  });
  await expect(control(page, 'Workers')).toHaveValue(String(logged.workers));
  await expect(control(page, 'Records')).toHaveValue(String(logged.records));

  // The link leads to these settings, and not to those of another run.
  await button(page, 'Share').click();
  await expect(page.getByText('with the recording of the run')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const linked = fromHash(new URL(link).hash)?.settings;
  expect(linked).toMatchObject({ workers: logged.workers, records: logged.records });

  await run(page);
  const config = await page.evaluate(() => window.clearpipe.session.screen.recording?.config);
  expect(config).toMatchObject(logged);
  await control(page, 'Workers').fill('9');
  await expect(page.getByRole('heading', { name: 'Settings', exact: true })).toBeVisible();
});
