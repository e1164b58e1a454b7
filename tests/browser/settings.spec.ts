// The settings beside a run: presets, links, how the page is shown, the keyboard.

import type { Page } from '@playwright/test';
import { PRESETS } from '../../web/settings/presets';
import { toConfig } from '../../web/settings/config';
import { openingRun } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, control, open, openTab, run, setMore, shown, unfold } from './steps';

const hash = (page: Page) => page.evaluate(() => location.hash);

test('the page opens with a run that can be followed', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await expect(control(page, 'Preset')).toHaveValue('opening');
  expect(await hash(page)).toBe('');
  await button(page, 'Run').click();
  await page.waitForTimeout(3000);
  // Some have come through, and most have not.
  expect(await shown(page, 'processed')).toBeGreaterThan(2);
  expect(await shown(page, 'processed')).toBeLessThan(40);
});

test('choosing a preset starts it', async ({ page, servers }) => {
  test.setTimeout(120_000);
  await open(page, servers.isolated);
  const recording = () => page.evaluateHandle(() => window.clearpipe.session.screen.recording);
  for (const { id, watch, settings } of PRESETS) {
    const before = await recording();
    await control(page, 'Preset').selectOption(id);
    await expect(page.getByText(watch)).toBeVisible();
    // What runs is a run of its own, with all of the preset and not only with what could act at once.
    const running = () =>
      page.evaluate((before) => {
        const { screen, runs, phase } = window.clearpipe.session;
        const { recording } = screen;
        return {
          isNew: recording !== null && recording !== before,
          isBegun: phase !== 'idle' || runs > 0,
          config: recording?.config,
        };
      }, before);
    const { config } = toConfig(settings, null);
    const expected = JSON.parse(
      JSON.stringify({ ...config, records: config.records ?? 50 }),
    ) as Record<string, unknown>;
    await expect.poll(running).toMatchObject({ isNew: true, isBegun: true, config: expected });
    await expect(page.locator('#problems').getByRole('listitem')).toHaveCount(0);
  }
});

test('a preset that is chosen while another one runs ends that one', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const capacity = () =>
    page.evaluate(() => window.clearpipe.session.screen.recording?.config.channels.capacity);
  await control(page, 'Preset').selectOption('buffer-100');
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(3);
  expect(await capacity()).toBe(100);
  await control(page, 'Preset').selectOption('buffer-1');
  await expect.poll(capacity).toBe(1);
  await expect(button(page, 'Pause')).toBeVisible();
  await expect(page.getByText(/next run/)).toHaveCount(
    await page.getByText('at the next run', { exact: true }).count(),
  );

  // Of several the last one counts.
  await page.evaluate(
    (ids) => {
      const select = document.querySelector<HTMLSelectElement>('#preset');
      for (const id of ids) {
        if (select) select.value = id;
        select?.dispatchEvent(new Event('change', { bubbles: true }));
      }
    },
    ['burst', 'slow-consumer', 'reference'],
  );
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible();
  // A short run is replayed from its beginning.
  await control(page, 'Time on screen').fill('10000');
  await expect.poll(() => shown(page, 'processed')).toBe(41);
});

test('a preset that was changed is started unchanged', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await control(page, 'Preset').selectOption('few-validators');
  await button(page, 'More Workers').click();
  await expect(control(page, 'Workers')).toHaveValue('4');
  await expect(page.getByText('You have changed “Too few Validators”.')).toBeVisible();
  // What is in flight is finished, which may be soon.
  await button(page, 'Stop').click();
  await expect(button(page, 'Run again')).toBeVisible({ timeout: 20_000 });
  await button(page, 'Start it unchanged').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await expect(control(page, 'Workers')).toHaveValue('3');
  await expect(control(page, 'Preset')).toHaveValue('few-validators');
});

test('each pool has its own number of workers', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await unfold(page, 'Each pool of workers');
  await button(page, 'Fewer Validators').click();
  await button(page, 'More Transformers').click();
  await button(page, 'More Transformers').click();
  await run(page);
  await expect(page.locator('[data-testid^="worker-validator-"]')).toHaveCount(2);
  await expect(page.locator('[data-testid^="worker-transformer-"]')).toHaveCount(5);
});

test('during a run, each setting tells when a change takes effect', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await button(page, 'Run').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await expect(control(page, 'Workers')).toHaveAccessibleDescription('at once');
  await expect(control(page, 'Rate')).toHaveAccessibleDescription('at once');
  await expect(control(page, 'Buffer')).toHaveAccessibleDescription('at the next run');
  await expect(control(page, 'Buffer')).toBeEditable();
});

test('the settings are in the address', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await control(page, 'Workers').fill('7');
  await unfold(page, 'Service times');
  await control(page, 'Loader, waiting').fill('1-5ms');
  await expect.poll(() => hash(page)).toBe('#v1&workers=7&loader.wait=1-5ms');
  await page.reload();
  await expect(control(page, 'Workers')).toHaveValue('7');

  await page.evaluate(() => {
    location.hash = '#v1&buffer=3';
  });
  await expect(control(page, 'Buffer')).toHaveValue('3');
  await expect(control(page, 'Workers')).toHaveValue('3');
  await control(page, 'Preset').selectOption('opening');
  await expect.poll(() => hash(page)).toBe('');
});

test('a link leaves out what has to be fixed', async ({ page, context, servers }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, servers.isolated, openingRun());
  await control(page, 'Workers').fill('0');
  await control(page, 'Buffer').fill('4');
  await expect.poll(() => hash(page)).toBe('#v1&buffer=4');
  await button(page, 'Share').click();
  await expect(page.getByText('Left out until fixed: Workers.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`${servers.isolated}#v1&buffer=4`);
  await control(page, 'Workers').fill('6');
  await expect.poll(() => hash(page)).toBe('#v1&workers=6&buffer=4');
});

test('the link is copied', async ({ page, context, servers }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, servers.isolated, { ...openingRun(), workers: 9 });
  await button(page, 'Share').click();
  await expect(page.getByText('The link to these settings is copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`${servers.isolated}#v1&workers=9`);
});

test('where the page may not copy, it shows the link', async ({ page, servers }) => {
  const url = servers.plain.replace('127.0.0.1', 'clearpipe.test');
  await open(page, url, { ...openingRun(), workers: 9 });
  await button(page, 'Share').click();
  await expect(page.getByText('The browser does not let this page copy.')).toBeVisible();
  await expect(control(page, 'Link to these settings')).toHaveValue(`${url}#v1&workers=9`);
  await expect(control(page, 'Link to these settings')).toBeFocused();
  await button(page, 'Done').click();
  await expect(control(page, 'Link to these settings')).toBeHidden();
});

test('shortcuts', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await page.keyboard.press('Space');
  await expect(button(page, 'Pause')).toBeVisible();
  await page.keyboard.press('Space');
  await expect(button(page, 'Resume')).toBeVisible();

  // Not while one types.
  await control(page, 'Batch').focus();
  await page.keyboard.type('s?');
  await expect(button(page, 'Resume')).toBeVisible();
  await expect(control(page, 'Batch')).toHaveValue(/s\?/);
  await page.evaluate(() => {
    (document.activeElement as HTMLElement).blur();
  });

  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard' });
  await expect(sheet).toContainText('Run, pause, resume');
  // Nor while one reads.
  await page.keyboard.press('s');
  await expect(button(page, 'Resume')).toBeVisible();
  await sheet.getByLabel('Shortcuts are on').uncheck();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await page.keyboard.press('p');
  await expect(button(page, 'Present')).toHaveAttribute('aria-pressed', 'false');

  await page.keyboard.press('?');
  await sheet.getByLabel('Shortcuts are on').check();
  await sheet.getByRole('button', { name: 'Close' }).click();
  await page.evaluate(() => {
    (document.activeElement as HTMLElement).blur();
  });
  await page.keyboard.press('s');
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible();
  await openTab(page, 'Results');
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible();
  await expect(page.locator('[aria-live=polite]').first()).toHaveText(/^Stopped after /);
});

test('the theme is kept, and presenter mode shows what matters', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await button(page, 'Theme: auto').click();
  await button(page, 'Theme: light').click();
  await expect(button(page, 'Theme: dark')).toBeVisible();
  expect(await background()).not.toBe(light);
  await page.reload();
  await setMore(page, true);
  await expect(button(page, 'Theme: dark')).toBeVisible();
  expect(await background()).not.toBe(light);

  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  const usual = await size();
  await run(page);
  await openTab(page, 'Timeline');
  const lane = (name: string) =>
    page.getByTestId('timeline').locator('.label').getByText(name, { exact: true });
  const zoom = page.getByRole('button', { name: 'Zoom the timeline in' });
  await expect(lane('records/s')).toBeVisible();
  await expect(zoom).toBeVisible();
  await button(page, 'Present').click();
  expect(await size()).toBeGreaterThan(usual * 1.15);
  // Of the timeline, the channels before the pools, and the pools.
  await expect(lane('validCh')).toBeVisible();
  await expect(lane('records/s')).toBeHidden();
  await expect(zoom).toBeHidden();
  await button(page, 'Present').click();
  await expect(lane('records/s')).toBeVisible();
  await expect(zoom).toBeVisible();
});

test('after a click on a button the space is for the run, and by keyboard for the button', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, openingRun());
  const presenter = button(page, 'Present');
  await presenter.click();
  await expect(presenter).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Space');
  await expect(button(page, 'Pause')).toBeVisible();
  await expect(presenter).toHaveAttribute('aria-pressed', 'true');

  await presenter.focus();
  await page.keyboard.press('Space');
  await expect(presenter).toHaveAttribute('aria-pressed', 'false');
  await expect(presenter).toBeFocused();
  await expect(button(page, 'Pause')).toBeVisible();
});

for (const size of [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]) {
  test(`the presenter shows all of the picture, ${size.width} × ${size.height}`, async ({
    page,
    servers,
  }) => {
    await page.setViewportSize(size);
    await open(page, servers.isolated, openingRun());
    const picture = page.getByTestId('picture');
    const type = () =>
      picture.evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
    const before = await type();
    await button(page, 'Present').click();
    await expect.poll(type).toBeGreaterThan(before);
    await button(page, 'Run').click();
    await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(0);
    // The sentence above the picture may be longer or shorter.
    await expect(picture).toBeInViewport({ ratio: 1 });
    for (const stage of ['producer', 'fan_out', 'loader', 'error_handler', 'metrics_collector']) {
      await expect(page.getByTestId(`stage-${stage}`)).toBeInViewport({ ratio: 1 });
    }
  });
}
