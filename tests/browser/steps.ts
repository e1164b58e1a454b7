// What a user does on the page, for the tests of it.

import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';

export const FIXED_TIME = '2026-01-01T00:00:00Z';

/** Opens the page and waits until it has its engine. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByTestId('engine')).toBeVisible();
}

/** A control by its label. */
export function control(page: Page, label: string): Locator {
  return page.getByLabel(label, { exact: true });
}

export async function fixClock(page: Page): Promise<void> {
  await control(page, 'Clock').selectOption('fixed');
  await control(page, 'Fixed time').fill(FIXED_TIME);
}

export function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

/** Runs, and waits for the results. */
export async function run(page: Page, timeout = 30_000): Promise<void> {
  const heading = page.getByRole('heading', { name: /^Results of run/ });
  const before = (await heading.isVisible()) ? await heading.innerText() : 'Results of run 0';
  await page.getByRole('button', { name: /^Run/ }).click();
  const next = Number(/\d+/.exec(before)?.[0]) + 1;
  await expect(heading).toHaveText(`Results of run ${next}`, { timeout });
}

/** The path of a file that the page offers, downloaded. */
export async function download(page: Page, name: string): Promise<string> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: `Download ${name}` }).click();
  const file = await downloading;
  expect(file.suggestedFilename()).toBe(name);
  return file.path();
}

export interface Results {
  processed: string;
  failed: string;
}

/** Both files, downloaded; each character is a byte. */
export async function results(page: Page): Promise<Results> {
  return {
    processed: readFileSync(await download(page, 'processed_data.jsonl'), 'latin1'),
    failed: readFileSync(await download(page, 'failed_data.jsonl'), 'latin1'),
  };
}

/** A number that the page shows. */
export async function shown(page: Page, figure: string): Promise<number> {
  const text = await page.getByTestId(figure).innerText();
  return Number(text.replaceAll(',', ''));
}

export function lines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

/** Drops a file on the page. */
export async function drop(page: Page, name: string, content: string | Buffer): Promise<void> {
  const base64 = Buffer.from(content).toString('base64');
  const transfer = await page.evaluateHandle(
    async ({ name, base64 }) => {
      const bytes = await (await fetch(`data:;base64,${base64}`)).blob();
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    { name, base64 },
  );
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}
