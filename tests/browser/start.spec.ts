// How soon the page is there.

import { expect, test } from './page';
import { button } from './steps';

test('the page is painted before it has its engine', async ({ page, servers }) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((done) => {
    release = done;
  });
  let asked = 0;
  await page.context().route('**/*.wasm', async (route) => {
    asked += 1;
    await held;
    await route.continue();
  });
  await page.goto(servers.isolated);
  const painted = () =>
    page.evaluate(() => performance.getEntriesByName('first-contentful-paint').length);
  await expect.poll(painted).toBe(1);
  await expect(page.getByTestId('stage-producer')).toBeVisible();
  await expect(page.getByText('Starting the engine…')).toBeVisible();
  await expect(button(page, 'Run')).toBeDisabled();
  expect(asked).toBeGreaterThan(0);
  release();
  await expect(page.getByTestId('engine')).toBeVisible();
  await expect(button(page, 'Run')).toBeEnabled();
});

test('the picture moves within two seconds of opening the page', async ({ page, servers }) => {
  await page.addInitScript(() => {
    requestAnimationFrame(function look() {
      const run = [...document.querySelectorAll('button')].find(
        ({ innerText }) => innerText === 'Run',
      );
      // As soon as anybody could press it.
      if (run && !run.disabled) run.click();
      const { stays, drawn } = (window.clearpipe as typeof window.clearpipe | undefined)?.session
        .screen ?? { stays: null, drawn: null };
      if (stays && drawn) {
        const [first, behind] = stays.range(drawn.moment.time, drawn.moment.ramp);
        if (behind > first) {
          document.documentElement.dataset.moved = String(performance.now());
          return;
        }
      }
      requestAnimationFrame(look);
    });
  });
  await page.goto(servers.isolated);
  await expect(page.locator('html')).toHaveAttribute('data-moved', /./);
  const moved = Number(await page.locator('html').getAttribute('data-moved'));
  expect(moved).toBeLessThan(2000);
});
