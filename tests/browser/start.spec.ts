// How soon the page is there.

import { expect, test } from './page';
import { button, engineStarted } from './steps';

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
  await expect(page.locator('.app:not([data-engine])')).toBeVisible();
  await expect(button(page, 'Run')).toBeVisible();
  await expect.poll(() => asked).toBeGreaterThan(0);
  release();
  await engineStarted(page);
  await expect(button(page, 'Run')).toBeEnabled();
});

test('what is pressed while the engine starts is remembered', async ({ page, servers }) => {
  // The engine's and that of the service worker, which keeps it for later.
  const held: (() => void)[] = [];
  const release = () => {
    for (const go of held.splice(0)) go();
  };
  await page.context().route('**/*.wasm', async (route) => {
    await new Promise<void>((go) => held.push(go));
    await route.continue();
  });
  for (const [presses, starts] of [
    [1, true],
    [2, false],
    [3, true],
  ] as const) {
    await page.goto('about:blank');
    await page.goto(servers.isolated);
    await expect(page.locator('.app:not([data-engine])')).toBeVisible();
    for (let press = 0; press < presses; press += 1) await page.keyboard.press('Space');
    await expect(page.getByText('The run starts as soon as the engine is ready.')).toBeVisible({
      visible: starts,
    });
    await expect
      .poll(async () => {
        release();
        return page.locator('[data-engine]').isVisible();
      })
      .toBe(true);
    await expect(button(page, starts ? 'Pause' : 'Run')).toBeVisible();
  }
  // With a click as well, and a preset.
  await page.goto('about:blank');
  await page.goto(servers.isolated);
  await button(page, 'Run').click();
  await expect(button(page, 'Starting…')).toBeVisible();
  await page.getByLabel('Preset').selectOption('reference');
  await expect
    .poll(async () => {
      release();
      return page.getByRole('tab', { name: 'Results, new' }).isVisible();
    })
    .toBe(true);
});

test('Space in the very moment in which the engine is ready starts a run', async ({
  page,
  servers,
}) => {
  await page.addInitScript(() => {
    const watch = new MutationObserver(() => {
      if (!document.querySelector('[data-testid=engine]')) return;
      watch.disconnect();
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true }),
      );
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  for (let time = 0; time < 5; time += 1) {
    await page.goto('about:blank');
    await page.goto(servers.isolated);
    await expect(button(page, 'Pause')).toBeVisible();
  }
});

// How soon is a matter of the machine: `node scripts/measure-start.mjs` measures it.
test('the picture moves as soon as a run is begun on a page that was just opened', async ({
  page,
  servers,
}) => {
  test.slow();
  await page.addInitScript(() => {
    requestAnimationFrame(function look() {
      const run = [...document.querySelectorAll('button')].find(
        ({ innerText }) => innerText === 'Run',
      );
      // As soon as anybody could press it.
      if (run && !run.disabled) run.click();
      const { residencies, drawn } = (window.clearpipe as typeof window.clearpipe | undefined)
        ?.session.screen ?? { residencies: null, drawn: null };
      if (residencies && drawn) {
        const [first, behind] = residencies.range(drawn.moment.time, drawn.moment.ramp);
        if (behind > first) {
          document.documentElement.dataset.moved = 'true';
          return;
        }
      }
      requestAnimationFrame(look);
    });
  });
  await page.goto(servers.isolated);
  await expect(page.locator('html')).toHaveAttribute('data-moved', 'true', { timeout: 60_000 });
});
