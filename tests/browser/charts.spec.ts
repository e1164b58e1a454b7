// The charts: a part of a run is looked at more closely.

import type { Page } from '@playwright/test';
import { openingRun, waiting } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, open, openTab, run } from './steps';

/** The first and the last moment of each chart, as its table has them. */
async function ends(page: Page): Promise<string[][]> {
  const charts = page.getByRole('region', { name: 'Over time', exact: true });
  const tables = charts.getByRole('region', { name: ', as a table' });
  const found: string[][] = [];
  for (const table of await tables.all()) {
    const moments = await table.getByRole('rowheader').allInnerTexts();
    found.push([moments.at(0) ?? '', moments.at(-1) ?? '']);
  }
  return found;
}

test('a part of the charts is dragged over, and the whole run comes back', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, {
    ...openingRun(),
    records: 200,
    service: waiting({ producer: '10-20ms', transformer: '60-120ms' }),
  });
  await run(page);
  await openTab(page, 'Charts');
  for (const numbers of await page.getByText('The numbers of').all()) await numbers.click();
  await page.waitForTimeout(500);
  const whole = await ends(page);
  expect(whole.length).toBe(4);
  const zoom = page.getByTestId('zoom');
  await expect(zoom).toHaveText(/^Drag across a chart/);

  const over = page.locator('.u-over').first();
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (!box) throw new Error('there is no chart');
  const time = () => page.evaluate(() => window.clearpipe.session.screen.view.time);
  const before = await time();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 50, { steps: 5 });
  await page.mouse.up();
  await expect(zoom).toHaveText(/^From .+ to .+$/);
  const part = await ends(page);
  for (const [at, [first, last]] of part.entries()) {
    expect(first).not.toBe(whole[at]?.[0]);
    expect(last).not.toBe(whole[at]?.[1]);
  }
  // To drag is not to go there; a click is.
  expect(await time()).toBe(before);
  await over.click({ position: { x: box.width / 2, y: 50 } });
  expect(await time()).not.toBe(before);

  await over.dblclick({ position: { x: box.width / 2, y: 50 } });
  await expect(zoom).toHaveText(/^Drag across a chart/);
  expect(await ends(page)).toEqual(whole);

  // By keyboard, around the time on screen.
  await button(page, 'Zoom in').focus();
  await page.keyboard.press('Enter');
  await expect(zoom).toHaveText(/^From .+ to .+$/);
  await page.keyboard.press('Tab');
  await expect(button(page, 'Whole run')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(zoom).toHaveText(/^Drag across a chart/);
  await expect(button(page, 'Whole run')).toBeFocused();
});
