// What a user does on the page, for the tests of it.

import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { toHash } from '../../web/settings/link';
import { referenceRun } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';

export const FIXED_TIME = '2026-01-01T00:00:00Z';

/** Opens the page with the reference run, or with other settings, and waits until it has its engine. */
export async function open(
  page: Page,
  url: string,
  settings: Settings = referenceRun(),
): Promise<void> {
  // From another address: a browser does not load a page anew for another end of its address.
  await page.goto('about:blank');
  await page.goto(`${url}${toHash(settings)}`);
  await engineStarted(page);
}

/** Waits until the page has its engine. */
export async function engineStarted(page: Page): Promise<void> {
  await expect(page.locator('[data-engine]')).toBeVisible();
}

/** Opens a tab of the dock. */
export async function openTab(page: Page, title: string): Promise<void> {
  await setMore(page, false);
  await page.getByRole('tab', { name: title }).click();
}

/** Opens or closes what is behind “More”. */
export async function setMore(page: Page, isOpen: boolean): Promise<void> {
  const more = page.getByRole('button', { name: 'More', exact: true });
  if ((await more.getAttribute('aria-expanded')) !== String(isOpen)) await more.click();
}

/** Opens the part of the page that an element is in, and closes what may cover it, as a user would. */
async function reveal(page: Page, element: Locator): Promise<void> {
  const { isInMore, tab } = await element.first().evaluate((element) => ({
    isInMore: element.closest('#more') !== null,
    tab: element.closest('[role=tabpanel][hidden]')?.getAttribute('aria-labelledby'),
  }));
  await setMore(page, isInMore);
  if (tab) await page.locator(`[id="${tab}"]`).click();
}

const ACTIONS = new Set<string | symbol>([
  ...['fill', 'selectOption', 'check', 'uncheck', 'setChecked', 'click', 'focus', 'press'],
  ...['pressSequentially', 'setInputFiles', 'hover', 'clear', 'scrollIntoViewIfNeeded'],
]);

/** A locator whose actions first open the part of the page that the element is in. */
export function revealed(page: Page, locator: Locator): Locator {
  return new Proxy(locator, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function' || name === 'constructor') return value;
      if (!ACTIONS.has(name)) return value.bind(target) as unknown;
      return async (...args: unknown[]) => {
        await reveal(page, target);
        return (await value.apply(target, args)) as unknown;
      };
    },
  });
}

/** A control by its label. */
export function control(page: Page, label: string): Locator {
  return revealed(page, page.getByLabel(label, { exact: true }));
}

/** Unfolds a group of settings, unless it is. */
export async function unfold(page: Page, title: string): Promise<void> {
  const group = page.locator('details').filter({ has: page.getByText(title, { exact: true }) });
  if ((await group.getAttribute('open')) === null) {
    await revealed(page, page.getByText(title, { exact: true })).click();
  }
}

export async function fixClock(page: Page): Promise<void> {
  await unfold(page, 'Clock and files');
  await control(page, 'Clock').selectOption('fixed');
  await control(page, 'Fixed time').fill(FIXED_TIME);
}

export function button(page: Page, name: string): Locator {
  return revealed(page, page.getByRole('button', { name, exact: true, includeHidden: true }));
}

/** Runs, and waits for the results. */
export async function run(page: Page, timeout = 30_000): Promise<void> {
  const heading = page.getByRole('heading', { name: /^Results of run/, includeHidden: true });
  const before = ((await heading.count()) && (await heading.textContent())) || 'Results of run 0';
  await setMore(page, false);
  await page.getByRole('button', { name: /^Run/ }).click();
  const next = Number(/\d+/.exec(before)?.[0]) + 1;
  await expect(heading).toHaveText(`Results of run ${next}`, { timeout });
  await openTab(page, 'Results');
}

/** The path of a file that the page offers, downloaded. */
export async function download(page: Page, name: string): Promise<string> {
  const downloading = page.waitForEvent('download');
  const link = page.getByRole('link', { name: `Download ${name}`, includeHidden: true });
  await revealed(page, link).click();
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

/** Shows the end of the recording: a run that is over is shown at the moment that matters, or replayed. */
export async function showEnd(page: Page): Promise<void> {
  await control(page, 'Time on screen').fill('10000');
  await expect
    .poll(() =>
      page.evaluate(() => {
        const { view } = window.clearpipe.session.screen;
        return view.time === view.end;
      }),
    )
    .toBe(true);
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
    ({ name, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    { name, base64 },
  );
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}
