// For everyone: by keyboard, for screen readers, in both colour schemes, on small screens.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './page';
import { button, control, drop, open, openTab, run, setMore, shown, unfold } from './steps';

async function expectNothingFound(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  expect(found, state).toEqual([]);
}

const TABS = ['Timeline', 'Charts', 'Results', 'Source', 'Code', 'Bench'];

const GROUPS = [
  ...['Failures and anomalies', 'Service times', 'Each pool of workers', 'Each channel'],
  'Clock and files',
];

/** Chooses what the inspector then shows. */
async function inspect(
  page: Page,
  chosen: 'record' | 'worker' | 'channel' | 'stage',
): Promise<void> {
  await page.evaluate((chosen) => {
    const { screen } = window.clearpipe.session;
    if (chosen === 'record') screen.followRecord(7);
    else if (chosen === 'worker') screen.inspect({ stage: 1, worker: 0 });
    else if (chosen === 'channel') screen.inspect({ channel: 17 });
    else screen.inspect({ stage: 1, worker: -1 });
  }, chosen);
  await expect(page.getByTestId(chosen)).toBeVisible();
}

/**
 * Presses Tab until every visible control in a part of the page must have had the focus, beginning where the focus is;
 * returns how many there are.
 */
async function expectAllReached(page: Page, part: string): Promise<number> {
  // Of radio buttons that belong together, one is a stop; the buttons beside a number do what its arrow keys do.
  const controls = await page.locator(part).evaluate((part) => {
    const selector = 'button, a[href], input, select, textarea, summary, [tabindex="0"]';
    const all = Array.from(part.querySelectorAll<HTMLInputElement>(selector)).filter(
      (element) =>
        element.checkVisibility({ visibilityProperty: true }) &&
        !element.disabled &&
        element.tabIndex >= 0 &&
        !(element.type === 'radio' && !element.checked),
    );
    for (const element of all) {
      element.dataset.missed = '';
      const reached = () => {
        delete element.dataset.missed;
      };
      element.addEventListener('focus', reached, { once: true });
    }
    return all.length;
  });
  for (let presses = 0; presses < controls + 10; presses += 1) await page.keyboard.press('Tab');
  const missed = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-missed]')].map((element) => {
      delete element.dataset.missed;
      return element.outerHTML.slice(0, 200);
    }),
  );
  expect(missed).toEqual([]);
  return controls;
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('axe finds nothing in any state', async ({ page, servers }) => {
      test.setTimeout(600_000);
      await open(page, servers.isolated);
      await expectNothingFound(page, 'when opened');

      await unfold(page, 'Service times');
      await control(page, 'Loader, waiting').fill('5');
      await control(page, 'Workers').fill('0');
      await expect(page.locator('#problems')).toContainText('Workers');
      await expectNothingFound(page, 'with problems');

      await control(page, 'Workers').fill('3');
      await control(page, 'Loader, waiting').fill('5ms');
      await control(page, 'Records').fill('100000');
      await button(page, 'Run').click();
      await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(20);
      await expectNothingFound(page, 'while it runs');
      await button(page, 'Pause').click();
      await expectNothingFound(page, 'paused');
      await button(page, 'Stop').click();
      const ended = page.getByRole('heading', { name: /^Results of run/, includeHidden: true });
      await expect(ended).toHaveCount(1);
      for (const title of TABS) {
        await openTab(page, title);
        await expect(page.getByRole('tabpanel')).toBeVisible();
        await expectNothingFound(page, `with the tab ${title} open`);
      }
      for (const chosen of ['record', 'worker', 'channel', 'stage'] as const) {
        await inspect(page, chosen);
        await expectNothingFound(page, `with a ${chosen} that is chosen`);
      }

      await drop(page, 'x.csv', 'date;flow\n2026-01-01;5\n2026-01-02;x\n');
      await expect(page.getByTestId('preview')).toContainText('line 3');
      await expectNothingFound(page, 'with a table as source');
      await setMore(page, true);
      await expectNothingFound(page, 'with More open');
      await setMore(page, false);
      await page.keyboard.press('?');
      await expectNothingFound(page, 'with the list of shortcuts');
      await page.keyboard.press('Escape');
      await page.keyboard.press('ControlOrMeta+k');
      await page.keyboard.type('wo');
      await expectNothingFound(page, 'with the palette');
      await page.keyboard.press('Escape');
      await button(page, 'Present').click();
      await expectNothingFound(page, 'for an audience');
    });

    test('axe finds nothing in a lesson', async ({ page, servers }) => {
      test.setTimeout(600_000);
      // A picture that stands still has the same colours each time.
      await page.emulateMedia({ reducedMotion: 'reduce', colorScheme });
      await open(page, servers.isolated);
      await button(page, 'Learn').click();
      const lesson = page.getByTestId('lesson');
      await expectNothingFound(page, 'the list of lessons');
      await lesson.getByRole('button', { name: /The bottleneck/ }).click();
      await lesson.getByText('It doubles').click();
      await expectNothingFound(page, 'the bet');
      await lesson.getByRole('button', { name: 'Next question' }).click();
      await lesson.getByRole('button', { name: 'Run it and see' }).click();
      await expect(page.getByTestId('said').first()).toBeVisible();
      await expectNothingFound(page, 'what was measured');
      await lesson.getByRole('button', { name: 'side by side' }).click();
      await expectNothingFound(page, 'two runs of a lesson');
      await lesson.getByRole('button', { name: '3 Why' }).click();
      await expectNothingFound(page, 'why');
      await lesson.getByRole('button', { name: 'To the challenge' }).click();
      await lesson.getByRole('button', { name: 'Try it' }).click();
      await expect(page.getByTestId('try')).toBeVisible();
      await expectNothingFound(page, 'the challenge');
      await button(page, 'Present').click();
      await expectNothingFound(page, 'a challenge for an audience');
    });
  });
}

test('every control is reached with the Tab key', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await run(page);
  await page.evaluate(() => {
    window.clearpipe.session.screen.halt();
  });
  for (const title of TABS) {
    // The tab has the focus then.
    await openTab(page, title);
    expect(await expectAllReached(page, '[role=tabpanel]:not([hidden])'), title).toBeGreaterThan(0);
  }
  for (const group of GROUPS) await unfold(page, group);
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
  });
  expect(await expectAllReached(page, 'body')).toBeGreaterThan(90);
});

test('a run by keyboard alone', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const seen: string[] = [];
  for (let presses = 0; presses < 40 && seen.at(-1) !== 'Share'; presses += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      const title = element?.querySelector('.title') ?? element;
      return element?.labels?.[0]?.textContent ?? title?.textContent ?? '';
    });
    seen.push(name.trim().replaceAll(/\s+/g, ' '));
  }
  expect(seen).toEqual([
    ...['Preset', 'Run', 'Step', 'Stop', 'Restart'],
    ...['Search or do anything Ctrl K', 'Learn', 'More', 'Present', 'Share'],
  ]);

  await control(page, 'Records').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('40000000');
  await button(page, 'Run').focus();
  await page.keyboard.press('Enter');
  // The focus stays on the button while its meaning changes.
  await expect(button(page, 'Pause')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(button(page, 'Resume')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(button(page, 'Step')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(button(page, 'Stop')).toBeFocused();
  await page.keyboard.press('Space');
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible();
  await expect(button(page, 'Stop')).toBeFocused();
});

test('a screen reader is told how a run ended', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await run(page);
  const announced = page.locator('[aria-live=polite]');
  await expect(announced.first()).toHaveText(/^Finished in .*: 41 records processed, 9 failed\.$/);
  // And where the picture went.
  await expect(announced.nth(1)).toHaveText(/^The moment that matters, at .*\.$/);
  const name = /^dataCh, Producer → Validators: 0 of 100$/;
  await expect(page.getByRole('button', { name })).toBeVisible();
});

/**
 * What the window, or a part of the page that hides what is too wide for it, cuts off at its right. What can be scrolled
 * sideways on purpose does not count.
 */
async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SCROLLED =
      '.scrolled, [role=tablist], pre, textarea, input, select, .visually-hidden, svg, canvas';
    const found: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push('the page');
    for (const part of document.querySelectorAll<HTMLElement>(
      '.app, .bar, main, main > *, #more, [role=tabpanel]',
    )) {
      if (part.checkVisibility() && part.scrollWidth > part.clientWidth) {
        found.push(`${part.outerHTML.slice(0, 80)}: ${part.scrollWidth} > ${part.clientWidth}`);
      }
    }
    for (const element of document.querySelectorAll<HTMLElement>(
      'h1, h2, h3, p, dd, button, input, select, a',
    )) {
      if (!element.checkVisibility() || element.parentElement?.closest(SCROLLED)) continue;
      const box = element.getBoundingClientRect();
      const around = element.closest('li, .file, dl > div')?.getBoundingClientRect();
      if (box.right > Math.min(innerWidth, around?.right ?? innerWidth) + 1)
        found.push(element.outerHTML.slice(0, 200));
    }
    return found;
  });
}

for (const width of [320, 360, 768, 1280, 1920]) {
  test(`nothing sticks out at ${width} pixels`, async ({ page, servers }) => {
    await page.setViewportSize({ width, height: 800 });
    await open(page, servers.isolated);
    await unfold(page, 'Service times');
    expect(await cutOff(page), 'with More open').toEqual([]);
    await run(page);
    for (const title of TABS) {
      await openTab(page, title);
      expect(await cutOff(page), title).toEqual([]);
    }
    for (const chosen of ['record', 'worker', 'channel', 'stage'] as const) {
      await inspect(page, chosen);
      expect(await cutOff(page), chosen).toEqual([]);
    }
  });
}
