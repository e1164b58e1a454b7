// The palette: whatever can be done is found by typing, and done.

import type { Page } from '@playwright/test';
import { openingRun, referenceRun, waiting } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, control, open, openTab, run } from './steps';

const palette = (page: Page) => page.getByRole('dialog', { name: 'Search or do anything' });
const field = (page: Page) => page.getByRole('combobox', { name: 'What to do' });
const options = (page: Page) => palette(page).getByRole('option');
const chosen = (page: Page) => palette(page).getByRole('option', { selected: true });

async function type(page: Page, text: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type(text);
}

test('it opens with a key anywhere, and with its button, and closes again', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, openingRun());
  await control(page, 'Batch').focus();
  await page.keyboard.press('ControlOrMeta+k');
  await expect(field(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();
  await expect(control(page, 'Batch')).toBeFocused();

  await page.getByRole('button', { name: 'Search or do anything' }).click();
  await expect(field(page)).toBeFocused();
  await page.keyboard.press('ControlOrMeta+k');
  await expect(palette(page)).toBeHidden();
  // What was typed is gone, and a click beside it closes it too.
  await type(page, 'nothing of the kind');
  await expect(palette(page)).toContainText('Nothing like that can be done now.');
  await page.mouse.click(5, 400);
  await expect(palette(page)).toBeHidden();
  await type(page, '');
  await expect(field(page)).toHaveValue('');
});

test('arrow keys choose, Enter does it, and so does a click', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  await type(page, 'theme');
  await expect(chosen(page)).toContainText('Theme');
  const first = await chosen(page).innerText();
  await page.keyboard.press('ArrowDown');
  expect(await chosen(page).innerText()).not.toBe(first);
  const active = await field(page).getAttribute('aria-activedescendant');
  expect(await chosen(page).getAttribute('id')).toBe(active);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  // Around.
  await expect(options(page).last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Escape');

  await type(page, 'dark');
  await page.keyboard.press('Enter');
  await expect(palette(page)).toBeHidden();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  await type(page, 'few validators');
  await options(page).first().click();
  await expect(control(page, 'Preset')).toHaveValue('few-validators');
  await expect(button(page, 'Pause')).toBeVisible();
});

test('a setting is gone to, wherever it is folded', async ({ page, servers }) => {
  await open(page, servers.isolated, openingRun());
  for (const [words, label] of [
    ['loader waiting', 'Loader, waiting'],
    ['workers', 'Workers'],
    ['transformers workers', 'Transformers'],
    ['seed', 'Seed'],
  ] as const) {
    await type(page, words);
    await page.keyboard.press('Enter');
    await expect(control(page, label)).toBeFocused();
    await expect(control(page, label)).toBeInViewport();
  }
  // Without simulated cores there is no setting of them.
  await type(page, 'cores');
  await expect(options(page).filter({ hasText: 'Simulated cores' })).toHaveCount(0);
});

test('a time is gone to, and a record is followed', async ({ page, servers }) => {
  const service = waiting({ transformer: '10ms' });
  await open(page, servers.isolated, { ...referenceRun(), service, runtime: 'virtual' });
  await run(page);
  await type(page, '12.5ms');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => window.clearpipe.session.screen.view.time)).toBe(12.5e6);
  await type(page, '#7');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Record #7' })).toBeVisible();
});

test('what is not possible now is not offered', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...referenceRun(), records: 40_000_000 });
  await type(page, 'stop the run');
  await expect(options(page).filter({ hasText: 'Stop the run' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await button(page, 'Run').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await type(page, 'stop the run');
  await page.keyboard.press('Enter');
  await openTab(page, 'Results');
  await expect(page.getByTestId('results')).toBeVisible();
});
