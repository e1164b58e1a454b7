// The scheduler game: levels by keyboard and on a phone; what is taken back leaves nothing behind; and the engine of the page
// takes the same steps as the command, event for event.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { Level } from '../../web/lessons/level';
import levelsFile from '../../web/lessons/generated/levels.json' with { type: 'json' };
import golden from '../vectors/levels-golden.json' with { type: 'json' };
import { expect, test } from './page';
import { engineStarted } from './steps';

const tasks = (page: Page) => page.getByTestId('tasks');
const card = (page: Page, task: string) => tasks(page).locator(`button[data-task=${task}]`);
const steps = (page: Page) => page.getByTestId('steps');
const state = (page: Page) => page.getByTestId('goal-state');
const after = (page: Page) => page.getByTestId('after');
const hash = (page: Page) => page.evaluate(() => location.hash);

async function openLevel(page: Page, url: string, link: string): Promise<void> {
  await page.goto(`${url}#v1&level=${link}`);
  await engineStarted(page);
  await expect(tasks(page).getByRole('heading').first()).not.toHaveText(/starting/);
}

/** Runs a task by the number on its card. */
async function press(page: Page, task: string, count: number): Promise<void> {
  const key = (await card(page, task).locator('.key').textContent()) ?? '';
  await page.keyboard.press(key);
  await expect(steps(page)).toHaveText(String(count));
}

test('a level by keyboard only', async ({ page, servers }) => {
  await openLevel(page, servers.isolated, 'fill');
  await expect(page.getByRole('heading', { level: 2 })).toHaveText('Fill validCh');
  await expect(state(page)).toContainText('validCh has 0 of 1.');
  await press(page, 'P', 1);
  await expect(card(page, 'V1')).toContainText('takes #0 from dataCh');
  // It waits for room.
  await expect(tasks(page)).toContainText('dataCh is full');
  await expect(page.getByTestId('said-aloud')).toContainText(
    /^Producer sends #0 to dataCh\. validCh has 0 of 1\. Ready: 1 Validator 1 takes #0 from dataCh/,
  );
  await press(page, 'T1', 2);
  await page.keyboard.press('Backspace');
  await expect(steps(page)).toHaveText('1');
  await expect.poll(() => hash(page)).toBe('#v1&level=fill&path=P');
  await page.keyboard.press('r');
  await expect(steps(page)).toHaveText('2');
  await page.keyboard.press('Shift+Backspace');
  await expect(steps(page)).toHaveText('0');
  await press(page, 'P', 1);
  await press(page, 'T1', 2);
  await press(page, 'V2', 3);
  await expect(state(page)).not.toContainText('Reached');
  await press(page, 'V2', 4);
  await expect(state(page)).toContainText('Reached. validCh has 1 of 1.');
  await expect(after(page)).toContainText('4 steps. It can be done in 3.');
  // The best path lies ahead, step by step.
  const best = page.getByRole('group', { name: 'Best' });
  await page.getByRole('button', { name: 'Show me the best' }).press('Enter');
  await expect(steps(page)).toHaveText('0');
  for (let step = 1; step <= 3; step += 1) {
    await page.keyboard.press('r');
    await expect(best.locator('[aria-current=step]')).toHaveAccessibleName(
      new RegExp(`^Step ${step}: `),
    );
  }
  await expect(after(page)).toContainText('4 steps. It can be done in 3.');
  // What was shown must be done by oneself.
  await page.keyboard.press('Shift+Backspace');
  await expect(steps(page)).toHaveText('0');
  for (const [at, task] of ['P', 'V1', 'V1'].entries()) await press(page, task, at + 1);
  await expect(after(page)).toContainText('3 steps: it can’t be done with fewer.');
  await page.keyboard.press(' ');
  await expect(page.getByRole('heading', { level: 2 })).toHaveText('Backpressure');
});

test('the picture shows the steps', async ({ page, servers }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openLevel(page, servers.isolated, 'both&path=P.V1.V1.P.V1');
  await expect(state(page)).toContainText('Producer blocked, Validator blocked.');
  const scene = await page.evaluate(() => {
    const { scene } = window.clearpipe.learning.current?.screen ?? {};
    const workers = scene?.stages.map(({ workers }) => workers.map(({ state }) => state).join());
    return { workers, depths: scene?.channels.map(({ depth }) => depth) };
  });
  expect(scene).toEqual({
    workers: ['blocked', 'blocked', 'ready', 'ready', 'ready', 'ready', 'ready'],
    depths: [1, 1, 0, 0, 0, 0, 0],
  });
});

test('what can’t be done is said to be so', async ({ page, servers }) => {
  await openLevel(page, servers.plain, 'alone');
  await page.getByRole('button', { name: 'It can’t be done' }).click();
  await expect(after(page)).toContainText('Right: it can’t be done');
  await openLevel(page, servers.plain, 'overtake');
  await page.getByRole('button', { name: 'It can’t be done' }).click();
  await expect(page.getByText('It can. A search of all schedules has found a way.')).toBeVisible();
  await expect(after(page)).toHaveCount(0);
  // The wrong one is written.
  for (const task of ['P', 'V1', 'V1', 'T1', 'T1', 'F', 'L']) await card(page, task).click();
  await expect(state(page)).toContainText('Written so far: #0. From here it can’t be reached');
});

test('a hundred steps taken back leave the same state and the same events', async ({
  page,
  servers,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openLevel(page, servers.isolated, `end&path=${golden.end.path.replaceAll(' ', '.')}`);
  await expect(steps(page)).toHaveText('16');
  const { before, undone, now, back } = await page.evaluate(async () => {
    const game = window.clearpipe.learning.current?.game;
    if (!game) throw new Error('there is no level');
    const text = () => {
      const { events = [], ...rest } = game.position ?? {};
      return JSON.stringify([rest, [...events].map(String)]);
    };
    const before = text();
    for (let count = 0; count < 100; count += 1) {
      await game.undo();
      await game.redo();
    }
    const now = text();
    let undone = 0;
    for (let length = game.path.length; length > 0; length = game.path.length, undone += 1) {
      await game.undo();
    }
    for (let count = 0; count < undone; count += 1) await game.redo();
    return { before, undone, now, back: text() };
  });
  expect(undone).toBe(16);
  expect(now).toBe(before);
  expect(back).toBe(before);
});

test('page and command take the same steps, event for event', async ({ page, servers }) => {
  // There the page has the engine that takes them.
  await page.goto(servers.plain);
  await engineStarted(page);
  const levels = levelsFile as unknown as readonly Level[];
  expect(Object.keys(golden).sort()).toEqual(levels.map(({ id }) => id).sort());
  for (const { id, config, task } of levels) {
    const expected = golden[id as keyof typeof golden];
    const goal = task.kind === 'predict' ? ('over' as const) : task.goal;
    const path = expected.path.split(' ');
    const found = await page.evaluate(
      async (request) => {
        const { events, standing, path } = await window.clearpipe.engine.schedule(request);
        const digest = await crypto.subtle.digest('SHA-256', events);
        const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0'));
        const { isReached } = standing;
        return { path: path.join(' '), events: events.length / 2, sha256: hex.join(''), isReached };
      },
      { config, goal, path, seed: null },
    );
    const isReached = task.kind === 'play' && task.best !== null;
    expect(found, id).toMatchObject({ ...expected, ...(isReached && { isReached }) });
  }
});

test('what can be first is predicted, and then tried', async ({ page, servers }) => {
  await openLevel(page, servers.isolated, 'two-ahead');
  await expect(card(page, 'V1')).toBeDisabled();
  await page.getByRole('button', { name: 'Check it' }).click();
  await expect(page.getByTestId('lesson').getByRole('alert')).toContainText(
    'Choose at least one record',
  );
  await page.getByRole('checkbox', { name: '#1' }).check();
  await page.getByRole('button', { name: 'Check it' }).click();
  await expect(page.getByTestId('prediction').locator('label')).toHaveText([
    /#0\s+✗\s+it can/,
    /#1\s+✓\s+it can/,
    /#2\s+✗\s+it can/,
  ]);
  await expect(after(page)).toContainText('Every one of them.');
  for (const task of ['T1', 'P', 'V2', 'V2', 'T2', 'T2', 'F', 'L']) await card(page, task).click();
  const written = () =>
    page.evaluate(() => window.clearpipe.learning.current?.game?.position?.standing.processed);
  await expect.poll(written).toEqual([2]);
  // What was given isn't taken back.
  await page.keyboard.press('Shift+Backspace');
  await expect(steps(page)).toHaveText('0');
});

test('a seed is found that breaks it, and its schedule is shown', async ({ page, servers }) => {
  await openLevel(page, servers.isolated, 'four-before-one');
  await expect(card(page, 'P')).toBeDisabled();
  await page.getByRole('button', { name: 'Try seed 1', exact: true }).click();
  await expect(page.getByTestId('seeds')).toContainText('1 seed tried');
  for (;;) {
    const next = page.getByRole('button', { name: 'Try the next 10' });
    if ((await next.count()) === 0) break;
    await next.click();
    await expect(page.getByRole('button', { name: 'Next level' }).or(next)).toBeEnabled();
  }
  await expect(page.getByTestId('seeds')).toContainText(/Seed \d+ does it/);
  await expect(page.getByTestId('seeds')).toContainText('about one in 8');
  await expect(steps(page)).toHaveText('0');
  const length = await page.evaluate(
    () => window.clearpipe.learning.current?.game?.ahead.length ?? 0,
  );
  expect(length).toBeGreaterThan(30);
  for (let step = 1; step <= length; step += 1) await page.keyboard.press('r');
  await expect(steps(page)).toHaveText(String(length));
  await expect(state(page)).toContainText('Reached.');
  const order = await page.evaluate(
    () => window.clearpipe.learning.current?.game?.position?.standing.processed ?? [],
  );
  expect(order.indexOf(4)).toBeLessThan(order.indexOf(1));
});

test('a link leads to a path, or says what of it isn’t possible', async ({ page, servers }) => {
  await openLevel(page, servers.isolated, 'overtake&path=P.V1.V2.V2');
  await expect(steps(page)).toHaveText('4');
  await expect(card(page, 'T1')).toContainText('takes #1 from validCh');
  await openLevel(page, servers.isolated, 'overtake&path=P.V1.V2.V2.T1.T1.F.L');
  await expect(after(page)).toContainText('8 steps: it can’t be done with fewer.');
  await openLevel(page, servers.isolated, 'overtake&path=P.P.V1');
  await expect(steps(page)).toHaveText('1');
  await expect(page.getByTestId('lesson').getByRole('alert')).toContainText(
    'Step 2 of the path, P, isn’t possible.',
  );
  await page.goto(`${servers.isolated}#v1&level=nonsense`);
  await expect(page.getByText('There is no level “nonsense”.')).toBeVisible();
});

test('what was done is in the list', async ({ page, servers }) => {
  await openLevel(page, servers.isolated, 'block');
  await card(page, 'P').click();
  await page.getByLabel('Lesson', { exact: true }).selectOption('All lessons');
  const done = page.getByTestId('lesson').getByRole('button', { name: /Stop the Producer/ });
  await expect(done).toContainText('✓ 1 step');
  await expect(page.getByTestId('playback')).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 664 }, hasTouch: true, isMobile: true });

  test('the picture and the goal stay in view', async ({ page, servers }) => {
    await openLevel(page, servers.plain, 'fill');
    for (const task of ['P', 'V1', 'V1']) {
      await card(page, task).tap();
      await expect(page.getByRole('region', { name: 'The pipeline' })).toBeInViewport();
      await expect(state(page)).toBeInViewport();
    }
    await expect(state(page)).toContainText('Reached.');
    const { height = 0 } = (await card(page, 'T1').boundingBox()) ?? {};
    expect(height).toBeGreaterThanOrEqual(56);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Next level' }).tap();
    await expect(page.getByRole('heading', { level: 2 })).toHaveText('Backpressure');
  });
});

test('nothing to complain about for axe', async ({ page, servers }) => {
  for (const size of [
    { width: 1280, height: 800 },
    { width: 390, height: 664 },
  ]) {
    await page.setViewportSize(size);
    for (const link of ['both&path=P.V1.V1.P.V1', 'one-ahead', 'four-before-one']) {
      await openLevel(page, servers.isolated, link);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    }
  }
});
