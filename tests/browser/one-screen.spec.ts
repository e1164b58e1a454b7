// What the loop “see, ask why, change, see” needs is on one screen, at each size of the design; nothing is cut, nothing
// jumps, and fingers hit what they aim at.

import type { Locator, Page } from '@playwright/test';
import { openingRun } from '../../web/settings/settings';
import { expect, test } from './page';
import { open } from './steps';

const SIZES = [
  [1280, 800],
  [1440, 900],
  [1920, 1080],
  [1024, 768],
  [820, 1180],
  [390, 664],
  [390, 844],
] as const;

/** The Transformers are the slowest, and hold the Validators up after some seconds. */
const SETTINGS = { ...openingRun(), records: 100_000 };

/**
 * Watches how far the page moves that the user hasn't moved. What moves in the picture and in the timeline are the states
 * and the axis of the run itself.
 */
async function watchShifts(page: Page): Promise<void> {
  await page.evaluate(() => {
    interface Shift extends PerformanceEntry {
      value: number;
      hadRecentInput: boolean;
      sources: { node: Node | null }[];
    }
    const RUN = '[data-testid=picture], [data-testid=timeline]';
    const isOfPage = ({ node }: { node: Node | null }) =>
      node !== null && !(node instanceof Element ? node : node.parentElement)?.closest(RUN);
    Object.assign(window, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[]) {
        if (!entry.hadRecentInput && entry.sources.some(isOfPage)) {
          (window as unknown as { shifted: number }).shifted += entry.value;
        }
      }
    }).observe({ type: 'layout-shift', buffered: false });
  });
}

const shifted = (page: Page) =>
  page.evaluate(() => (window as unknown as { shifted: number }).shifted);

/** Whether all of an element is in the window, and nothing lies on its middle. */
async function isInView(element: Locator): Promise<string> {
  return element.evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const isWithin =
      left >= -1 && top >= -1 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
    if (!isWithin || right - left < 1) {
      return `at ${[left, top, right, bottom].map(Math.round).join(', ')} of ${innerWidth} × ${innerHeight}`;
    }
    const middle = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const isOnTop = middle !== null && (element.contains(middle) || middle.contains(element));
    return isOnTop ? '' : `behind ${middle?.outerHTML.slice(0, 80) ?? 'nothing'}`;
  });
}

/** Texts that don't fit into their boxes. */
const cutTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((element) => {
        const { overflowX, textOverflow } = getComputedStyle(element);
        const hasText = [...element.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
        );
        return (
          hasText &&
          element.checkVisibility({ visibilityProperty: true }) &&
          element.closest('.visually-hidden, option, select') === null &&
          (overflowX !== 'visible' || textOverflow === 'ellipsis') &&
          // One pixel is for screen readers.
          element.clientWidth > 1 &&
          element.scrollWidth > element.clientWidth + 1
        );
      })
      .map((element) => element.outerHTML.slice(0, 160)),
  );

/** What can be pressed in the window but is too small for a finger. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, select, a[href], input, [role=slider]')]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        const isInWindow = box.top < innerHeight && box.bottom > 0 && box.width > 0;
        // Stages and channels are as large as what they stand for; a finger beside them means the nearest one.
        return isInWindow && element.checkVisibility() && !element.closest('[inert], .picture');
      })
      .filter((element) => {
        const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
        return Math.min(width, height) < 43.5;
      })
      .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return `${element.outerHTML.slice(0, 120)}: ${Math.round(width)} × ${Math.round(height)}`;
      }),
  );

for (const [width, height] of SIZES) {
  const isPhone = width < 700;
  test(`all that is needed is in view at ${width} × ${height}`, async ({ page, servers }) => {
    await page.setViewportSize({ width, height });
    await open(page, servers.isolated, SETTINGS);
    await watchShifts(page);
    await page.getByRole('button', { name: /^Run/ }).click();
    const begun = Date.now();
    await expect(page.getByTestId('verdict')).toHaveText('Transformers are the bottleneck', {
      timeout: 60_000,
    });
    await page.waitForTimeout(Math.max(0, 12_000 - (Date.now() - begun)));
    expect.soft(await shifted(page), 'how far things moved by themselves').toBeLessThan(0.02);

    const needed: Record<string, Locator> = {
      Pause: page.getByRole('button', { name: 'Pause', exact: true }),
      'the verdict': page.getByTestId('verdict'),
      'its evidence': page.getByTestId('evidence'),
      'its button': page.getByTestId('advice'),
      'the picture': page.getByTestId('picture'),
      'the scrubber': page.getByLabel('Time on screen'),
    };
    for (const [name, element] of Object.entries(needed)) {
      expect.soft(await isInView(element), name).toBe('');
    }
    expect.soft(await cutTexts(page), 'texts that are cut').toEqual([]);
    if (isPhone) expect.soft(await smallTargets(page), 'too small for a finger').toEqual([]);

    // The change and its answer are in view, too.
    await page.getByTestId('advice').click();
    await expect(page.getByTestId('undo').or(page.getByTestId('set'))).toBeVisible();
    expect.soft(await isInView(page.getByTestId('picture')), 'the changed picture').toBe('');
    await page.getByTestId('channel-validCh').click();
    await expect(page.getByTestId('inspector')).toContainText('validCh');
    expect
      .soft(
        await isInView(page.getByTestId('inspector').getByRole('heading').first()),
        'the inspector',
      )
      .toBe('');
  });
}
