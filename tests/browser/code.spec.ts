// The code beside the picture: the line that lights up follows the worker that is chosen.

import AxeBuilder from '@axe-core/playwright';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { printedNatively } from './cli';
import { expect, test } from './page';
import { drop, engineStarted, openTab } from './steps';
import type {} from './in-page';

const FILE = 'events.cpev';

/** Opens the log of a run on real threads, whose events are nanoseconds apart, and stands at its beginning. */
async function openLog(page: Page, url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-code-test-'));
  try {
    const path = join(folder, FILE);
    const files = ['--out-dir', folder, '--trace', path];
    await printedNatively([
      'run',
      '--quiet',
      '--records',
      '40',
      '--set',
      'service.validator.wait=1ms',
      ...files,
    ]);
    await page.goto(url);
    await engineStarted(page);
    await drop(page, FILE, readFileSync(path));
    await expect
      .poll(() => page.evaluate(() => window.clearpipe.session.screen.recording?.origin))
      .toBe('file');
  } finally {
    rmSync(folder, { recursive: true });
  }
  await page.keyboard.press('Home');
}

const lit = (page: Page): Locator => page.getByTestId('code').locator('[aria-current=step]');

/** Presses a button until a line is lit that contains a text. */
async function stepTo(page: Page, button: string, text: string): Promise<void> {
  const steps = page.getByTestId('code').getByRole('button', { name: button });
  await expect(async () => {
    await steps.click();
    await expect(lit(page).first()).toContainText(text, { timeout: 600 });
  }).toPass();
}

test('the line follows a Validator step by step, in Rust and in Go', async ({ page, servers }) => {
  await openLog(page, servers.isolated);
  await page.evaluate(() => {
    window.clearpipe.session.screen.inspect({ stage: 1, worker: 0 });
  });
  await openTab(page, 'Code');
  const panel = page.getByTestId('code');
  await expect(panel.getByText('Validator 1', { exact: true })).toBeVisible();
  await expect(panel.getByText('Nothing has happened here yet.')).toBeVisible();
  await expect(lit(page)).toHaveCount(0);

  await stepTo(page, 'Next', 'input.receive_some(');
  await expect(page.getByTestId('code-said')).toHaveText(
    /^Validator 1 took #\d+ from dataCh\. Line \d+: let batches = input\.receive_some\(/,
  );
  await stepTo(page, 'Next', 'worker.serve(');
  await stepTo(page, 'Next', 'output.send_all(');
  await expect(lit(page)).toHaveCount(1);

  // The same event in the other language; and back to what came before it.
  await panel.getByText('Go', { exact: true }).click();
  await expect(lit(page)).toContainText('case valid <- record:');
  await stepTo(page, 'Previous', 'rejected := v.check(record)');
  await stepTo(page, 'Previous', 'for record := range data {');

  // The keys of the page step through the events of all workers; the line is that of the one that is chosen.
  const before = await panel.getByRole('list').innerText();
  await expect(async () => {
    await page.keyboard.press('.');
    expect(await panel.getByRole('list').innerText()).not.toBe(before);
  }).toPass();
  await expect(lit(page)).toHaveCount(1);
});

test('it is about the stage that is chosen in it, or in the picture', async ({ page, servers }) => {
  await page.goto(`${servers.isolated}#v1&records=40&runs-on=virtual&loader.wait=400ms&at=4s`);
  await engineStarted(page);
  await openTab(page, 'Code');
  const panel = page.getByTestId('code');
  await panel.getByLabel('Stage').selectOption('Loader');
  await expect(panel).toContainText('crates/core/src/stages/persist.rs');
  await expect(page.getByTestId('stage')).toContainText('Loader');
  await expect(lit(page)).toContainText('worker.serve(');
  await page.evaluate(() => {
    window.clearpipe.session.screen.inspect({ channel: 18 });
  });
  await expect(panel).toContainText('crates/core/src/stages/fan_out.rs');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`it can be used by everyone (${colorScheme})`, async ({ page, servers }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.goto(`${servers.isolated}#v1&records=40&runs-on=virtual&loader.wait=400ms&at=4s`);
    await engineStarted(page);
    await openTab(page, 'Code');
    const panel = page.getByTestId('code');
    await expect(lit(page)).toHaveCount(1);
    // By keyboard: from the tab to its panel, to the stage, to the language.
    await page.keyboard.press('Tab');
    await expect(page.locator('[data-tab=code]')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(panel.getByLabel('Stage')).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await expect(panel).toContainText('web/code/go/validator.go');
    await page.keyboard.press('ArrowRight');
    await expect(panel).toContainText('crates/core/src/stages/pool_stage.rs');
    await expect(lit(page)).toHaveCount(2);
    for (const size of [
      { width: 1920, height: 1080 },
      { width: 1024, height: 768 },
      { width: 390, height: 664 },
    ]) {
      await page.setViewportSize(size);
      await expect(lit(page)).toHaveCount(size.width === 1920 ? 2 : 1);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    }
  });
}
