// An engine that stops answering is ended and started anew, and the page says so. What makes it stop are tests only.

import type { Page, Worker } from '@playwright/test';
import { filesOf } from './cases';
import { expect, startedServers, test } from './page';
import { button, control, fixClock, open, results, run } from './steps';

/** The worker that the engine runs in. */
async function engineOf(page: Page): Promise<Worker> {
  const found = () => page.workers().find((worker) => /\/main-[^/]*\.js$/.test(worker.url()));
  await expect.poll(() => found() !== undefined).toBe(true);
  return found() as Worker;
}

/** Never answered; the worker does not come back. */
function evaluate(worker: Worker, work: () => void): void {
  void worker.evaluate(work).catch(() => undefined);
}

function loop(): void {
  for (;;);
}

async function begin(page: Page): Promise<void> {
  await control(page, 'Records').fill('1000000');
  await control(page, 'Rate').fill('100');
  await button(page, 'Run').click();
  await expect(page.getByTestId('produced')).not.toHaveText(/^[–0]$/);
}

const SAYS = 'The engine stopped and has been started again. It stopped responding.';

/** What is said of the engine before. */
const notice = (page: Page) => page.getByTestId('engine-notice');

const failure = (page: Page) => page.getByRole('alert').filter({ hasText: 'The run failed' });

for (const kind of ['isolated', 'plain'] as const) {
  test.describe(`on a page that is ${kind}`, () => {
    test.beforeEach(async ({ page }) => {
      test.setTimeout(90_000);
      await open(page, startedServers()[kind]);
    });

    test('an endless loop', async ({ page }) => {
      await begin(page);
      evaluate(await engineOf(page), loop);
      const start = Date.now();
      await expect(failure(page)).toContainText(`there are no results. ${SAYS}`, {
        timeout: 60_000,
      });
      console.log(`  after ${((Date.now() - start) / 1000).toFixed(1)} s`);
      await expect(page.getByTestId('results')).toHaveCount(0);

      await control(page, 'Records').fill('50');
      await control(page, 'Rate').fill('0');
      await fixClock(page);
      await run(page);
      await expect(failure(page)).toBeHidden();
      await expect(notice(page)).toBeHidden();
      expect(await results(page)).toEqual(filesOf('reference-run'));
    });

    test('abort ends a run whose engine does not answer', async ({ page }) => {
      await begin(page);
      evaluate(await engineOf(page), loop);
      // At once, before it is noticed anyway.
      await page.evaluate(async () => {
        const press = (name: string) => {
          const buttons = [...document.querySelectorAll('button')];
          buttons.find(({ innerText }) => innerText === name)?.click();
        };
        press('Stop');
        await new Promise(requestAnimationFrame);
        press('Abort');
      });
      await expect(page.getByText('Aborted. There are no results.')).toBeVisible({
        timeout: 60_000,
      });
      await expect(page.getByText('did not answer when the run was aborted')).toBeVisible();
      await control(page, 'Records').fill('50');
      await control(page, 'Rate').fill('0');
      await run(page);
    });
  });
}

test('a worker that the browser has ended', async ({ page, servers }) => {
  test.setTimeout(90_000);
  await open(page, servers.isolated);
  await begin(page);
  evaluate(await engineOf(page), () => {
    self.close();
  });
  await expect(failure(page)).toContainText(SAYS, { timeout: 60_000 });
});

test('a trap in the engine’s own worker', async ({ page, servers }) => {
  await open(page, servers.plain);
  await begin(page);
  evaluate(await engineOf(page), () => {
    void Promise.reject(new WebAssembly.RuntimeError('unreachable'));
  });
  await expect(failure(page)).toContainText(
    'The engine stopped and has been started again. The cause is an error in Clearpipe, or memory ran out.',
    { timeout: 30_000 },
  );
  await expect(page.getByText('unreachable')).toBeHidden();
  await page.getByText('Technical details for a bug report').click();
  await expect(page.getByText('unreachable')).toBeVisible();
  await control(page, 'Records').fill('50');
  await control(page, 'Rate').fill('0');
  await run(page);
});

test('while nothing goes on: the next run is done by another engine', async ({ page, servers }) => {
  test.setTimeout(90_000);
  await open(page, servers.isolated);
  evaluate(await engineOf(page), loop);
  await fixClock(page);
  await run(page, 60_000);
  await expect(notice(page)).toHaveText(SAYS);
  expect(await results(page)).toEqual(filesOf('reference-run'));
});

test('a page that was stopped, and a worker that takes its time, are left alone', async ({
  page,
  servers,
}) => {
  test.setTimeout(90_000);
  await open(page, servers.isolated);
  await begin(page);
  // The page itself is stopped, as by a debugger: for longer than a worker may be silent.
  await page.evaluate(() => {
    const end = performance.now() + 8000;
    while (performance.now() < end);
  });
  evaluate(await engineOf(page), () => {
    const end = performance.now() + 2500;
    while (performance.now() < end);
  });
  await expect
    .poll(() => page.evaluate(() => window.clearpipe.session.phase), { timeout: 30_000 })
    .toBe('running');
  await page.waitForTimeout(4000);
  await button(page, 'Stop').click();
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible({ timeout: 30_000 });
  await expect(notice(page)).toBeHidden();
  await expect(failure(page)).toBeHidden();
});
