// For everyone: by keyboard, for screen readers, in both colour schemes, on small screens.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './page';
import { button, control, drop, open, openTab, run, shown, unfold } from './steps';

async function expectNothingFound(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  expect(found, state).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('axe finds nothing in any state', async ({ page, servers }) => {
      test.setTimeout(90_000);
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
      await openTab(page, 'Results');
      await expect(page.getByTestId('results')).toBeVisible();
      await expectNothingFound(page, 'with results');

      await drop(page, 'x.csv', 'date;flow\n2026-01-01;5\n2026-01-02;x\n');
      await expect(page.getByTestId('preview')).toContainText('line 3');
      await expectNothingFound(page, 'with a table as source');
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
  });
}

test('every control is reached with the Tab key', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await run(page);
  for (const group of [
    'Failures and anomalies',
    'Service times',
    'Each pool of workers',
    'Each channel',
    'Clock and files',
  ]) {
    await unfold(page, group);
  }
  // Of radio buttons that belong together, one is a stop; the buttons beside a number do what its arrow keys do.
  const controls = await page.evaluate(() => {
    const selector = 'button, a[href], input, select, textarea, summary, [tabindex="0"]';
    const all = Array.from(document.querySelectorAll<HTMLInputElement>(selector)).filter(
      (element) =>
        element.offsetParent !== null &&
        !element.disabled &&
        element.tabIndex >= 0 &&
        !(element.type === 'radio' && !element.checked),
    );
    all.forEach((element, at) => {
      element.dataset.stop = String(at);
    });
    (document.activeElement as HTMLElement | null)?.blur();
    return all.length;
  });
  expect(controls).toBeGreaterThan(60);
  const reached = new Set<string>();
  for (let presses = 0; presses < controls + 10; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      return element?.dataset.stop ?? '';
    });
    if (stop !== '') reached.add(stop);
  }
  const missed = await page.evaluate(
    (reached) =>
      [...document.querySelectorAll<HTMLElement>('[data-stop]')]
        .filter((element) => !reached.includes(element.dataset.stop ?? ''))
        .map((element) => element.outerHTML.slice(0, 200)),
    [...reached],
  );
  expect(missed).toEqual([]);
});

test('a run by keyboard alone', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const seen: string[] = [];
  for (let presses = 0; presses < 40 && seen.at(-1) !== 'Restart'; presses += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      const title = element?.querySelector('.title') ?? element;
      return element?.labels?.[0]?.textContent.trim() ?? title?.textContent.trim() ?? '';
    });
    seen.push(name);
  }
  expect(seen).toEqual([
    ...['Search or do anything Ctrl K', 'Theme: auto', 'Presenter', 'Keyboard', 'Copy link'],
    'Preset',
    ...['Run', 'Stop', 'Step one record', 'Restart'],
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
  await expect(button(page, 'Stop')).toBeFocused();
  await page.keyboard.press('Space');
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible();
  await expect(button(page, 'Stop')).toBeFocused();
});

test('a screen reader is told how a run ended', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await run(page);
  await expect(page.locator('[aria-live=polite]')).toHaveText(
    /^Finished in .*: 41 records processed, 9 failed\.$/,
  );
  const name = /^dataCh, Producer → Validators: 0 of 100$/;
  await expect(page.getByRole('button', { name })).toBeVisible();
});

for (const width of [320, 360, 768, 1280, 1920]) {
  test(`nothing sticks out at ${width} pixels`, async ({ page, servers }) => {
    await page.setViewportSize({ width, height: 800 });
    await open(page, servers.isolated);
    await unfold(page, 'Service times');
    await run(page);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    const clipped = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main h3, main p, main dd, main .bar')]
        .filter((element) => {
          const box = element.getBoundingClientRect();
          const around = element.closest('li, .file, dl > div')?.getBoundingClientRect();
          return around && !element.closest('pre') && box.right > around.right + 1;
        })
        .map((element) => element.outerHTML),
    );
    expect(clipped).toEqual([]);
  });
}
