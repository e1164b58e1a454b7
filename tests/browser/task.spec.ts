// What the page is for, from beginning to end, as somebody does it who sees it for the first time: make a queue overflow,
// find out what is the matter, mend it with one control, and send it to somebody. All of it is done on the picture and
// beside it, in three actions.

import type { Page } from '@playwright/test';
import { fromHash } from '../../web/settings/link';
import { expect, test } from './page';
import { button } from './steps';

const advice = (page: Page) => page.getByTestId('advice');

/** Waits until a queue is full and the page says why. */
async function overflows(page: Page): Promise<void> {
  const queue = page.getByTestId('channel-validCh');
  await expect.poll(async () => Number(await queue.getAttribute('data-depth'))).toBe(10);
  await expect(page.getByTestId('verdict')).toContainText('Transformers are the bottleneck');
  await expect(advice(page)).toHaveText(/Add a Transformer\s*3\s*→\s*4/);
}

/** The run that the page opens with, but long enough for a slow machine. */
const LONG = '#v1&records=2000';

/** Waits until there is one worker more and the page says what that has brought; the run in the link has it. */
async function isMended(page: Page): Promise<void> {
  await expect(page.getByTestId('stage-transformer').getByRole('group').first()).toHaveAttribute(
    'aria-label',
    /^Transformers: 4 workers/,
  );
  // While the queue drains, the rate isn't final yet.
  await expect(page.getByTestId('effect')).toContainText(/3 → 4\s*[\d.]+ → \s*[\d.]+/);
}

async function isShared(page: Page): Promise<void> {
  await expect(page.getByText('is copied')).toBeVisible();
  // With the run itself, if it has ended.
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(fromHash(new URL(link).hash)?.settings).toMatchObject({ transformers: 4 });
}

test('with the mouse', async ({ page, context, servers }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${servers.isolated}${LONG}`);
  await button(page, 'Run').click();
  await overflows(page);
  await advice(page).click();
  await isMended(page);
  await button(page, 'Share').click();
  await isShared(page);
  // Nobody had to scroll.
  expect(await page.evaluate(() => [scrollX, scrollY])).toEqual([0, 0]);
});

test('with the keyboard', async ({ page, context, servers }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${servers.isolated}${LONG}`);
  await expect(page.locator('[data-engine]')).toBeVisible();
  await page.keyboard.press(' ');
  await overflows(page);
  const isThere = () => advice(page).evaluate((button) => button === document.activeElement);
  for (let presses = 0; !(await isThere()); presses += 1) {
    expect(presses, 'the button can be reached').toBeLessThan(60);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await isMended(page);
  await page.keyboard.press('c');
  await isShared(page);
});
