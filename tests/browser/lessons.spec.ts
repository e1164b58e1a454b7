// Lessons: by keyboard and on a phone from the bet to the challenge; and the page measures what the command measures, in
// runs that are the same event for event.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { EventLog } from '../../web/recording/event-log';
import type { Lesson } from '../../web/lessons/lesson';
import lessonsFile from '../../web/lessons/generated/lessons.json' with { type: 'json' };
import { buildNatively, printedNatively } from './cli';
import { expect, test } from './page';
import { engineStarted } from './steps';

const lessons = lessonsFile as unknown as readonly Lesson[];

const panel = (page: Page) => page.getByTestId('lesson');
const said = (page: Page) => page.getByTestId('said');

async function openLesson(page: Page, url: string, id: string): Promise<void> {
  await page.goto(`${url}#v1&lesson=${id}`);
  await engineStarted(page);
  const { title } = lessons.find((lesson) => lesson.id === id) ?? { title: '' };
  await expect(panel(page).getByRole('heading', { name: title })).toBeVisible();
}

/** Presses a key until something has the focus. */
async function reach(page: Page, selector: string): Promise<void> {
  const isThere = () =>
    page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector);
  for (let presses = 0; !(await isThere()); presses += 1) {
    expect(presses, `${selector} can be reached`).toBeLessThan(60);
    await page.keyboard.press('Tab');
  }
}

const MAIN = '[data-testid=lesson] footer .primary';

test.describe('by keyboard only', () => {
  for (const [id, bets, answers, changes] of [
    ['channel', [3], [/You said 80 %\. It was 80\s%: right/], [['dataCh', '19']]],
    ['bottleneck', [0, 2], [/It was ×1\.00\./, /It was ×1\.08: right/], [['Transformers', 6]]],
    ['thousand-tasks', [0], [/You said 1,000 s\. It was 1\ss\./], [['Transformers', '500']]],
    ['draining', [2], [/It was 2\ss: right/], [['Buffer', '2']]],
  ] as const) {
    test(`“${id}”`, async ({ page, servers }) => {
      await openLesson(page, servers.isolated, id);
      for (const bet of bets) {
        await reach(page, '[data-testid=choices] input[type=radio]');
        await page.keyboard.press('Space');
        for (let down = 0; down < bet; down += 1) await page.keyboard.press('ArrowDown');
        await expect(page.getByRole('radio', { checked: true })).toHaveValue(String(bet));
        await page.keyboard.press('Enter');
      }
      for (const [at, words] of answers.entries())
        await expect(said(page).nth(at)).toHaveText(words);
      // What is new has the focus.
      await expect(panel(page).getByRole('heading', { level: 2 })).toBeFocused();
      await reach(page, MAIN);
      await page.keyboard.press('Enter');
      await expect(panel(page).locator('[aria-current=step]')).toHaveText('3 Why');
      await reach(page, MAIN);
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('goal')).toBeVisible();
      for (const [label, change] of changes) {
        if (typeof change === 'number') {
          await reach(
            page,
            `[aria-label^="${label}: "]:not(:disabled) ~ [aria-label^="${label}: "]`,
          );
          for (let press = 0; press < change; press += 1) await page.keyboard.press('Enter');
          continue;
        }
        const field = page.getByTestId('lesson').getByLabel(label, { exact: true });
        if ((await field.getAttribute('type')) === 'number') {
          await reach(page, `[data-testid=lesson] input[aria-label="${label}"]`);
          await page.keyboard.press('ControlOrMeta+a');
          await page.keyboard.type(change);
          await page.keyboard.press('Tab');
          continue;
        }
        await reach(page, `[aria-label^="${label}: "]:not(:disabled) ~ [aria-label^="${label}: "]`);
        for (let presses = 0; (await field.textContent()) !== change; presses += 1) {
          expect(presses).toBeLessThan(20);
          await page.keyboard.press('Enter');
        }
      }
      await reach(page, MAIN);
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('try')).toContainText('And there is no better way.');
      await reach(page, MAIN);
      await page.keyboard.press('Enter');
      const next = lessons.at(lessons.findIndex((lesson) => lesson.id === id) + 1);
      await expect(panel(page).getByRole('heading', { level: 2 })).toHaveText(
        next ? next.title : 'Lessons',
      );
    });
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 664 }, hasTouch: true, isMobile: true });

  for (const [id, answer] of [
    ['backpressure', /^loaderCh first/],
    ['variation', /^80 records/],
    ['order', /^The same/],
    ['errors', /^181$/],
  ] as const) {
    test(`“${id}”`, async ({ page, servers }) => {
      await openLesson(page, servers.plain, id);
      await page.getByTestId('choices').getByText(answer).tap();
      const { ask = [], goal = null } = lessons.find((lesson) => lesson.id === id) ?? {};
      const main = panel(page).locator('footer .primary');
      for (let tap = 0; tap < ask.length; tap += 1) await main.tap();
      await expect(said(page).first()).toContainText('right');
      // The picture stays in view.
      await expect(page.getByRole('region', { name: 'The pipeline' })).toBeInViewport();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await main.tap();
      await main.tap();
      if (goal) {
        await main.tap();
        await expect(page.getByTestId('try')).toContainText('Not reached');
      } else await expect(panel(page).getByRole('heading', { level: 2 })).not.toHaveText(/Errors/);
    });
  }
});

test('a goal can be reached by another way than the best one', async ({ page, servers }) => {
  await openLesson(page, servers.isolated, 'bottleneck');
  await page.getByRole('button', { name: 'I know this' }).click();
  // On the picture, 9 Transformers, which is one too many.
  const more = page.getByTestId('workers-transformer').getByRole('button').last();
  for (let press = 0; press < 7; press += 1) await more.click();
  await page.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByTestId('try')).toContainText('Reached');
  await expect(page.getByTestId('try')).toContainText('It can be done with less.');
  // What isn't on offer doesn't count, and is named.
  await page.evaluate(() => {
    window.clearpipe.session.settings.records = 200;
  });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('try')).toContainText('Records 200: that isn’t on offer here');
});

test('what was done is kept in the browser, can be saved, and forgotten', async ({
  page,
  servers,
}) => {
  await openLesson(page, servers.isolated, 'errors');
  await page.getByTestId('choices').getByText('190').click();
  await page.getByRole('button', { name: 'Run it and see' }).click();
  await page.getByRole('button', { name: 'Why?' }).click();
  await page.getByRole('button', { name: 'Next lesson' }).click();
  await page.goto('about:blank');
  await page.goto(servers.isolated);
  await page.getByRole('button', { name: 'Learn' }).click();
  const done = panel(page).getByRole('button', { name: /Errors are records/ });
  await expect(done).toContainText('done');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save it as a file' }).click();
  const kept = JSON.parse(readFileSync(await (await downloading).path(), 'utf8')) as unknown;
  expect(kept).toMatchObject({
    lessons: [{ id: 'errors', bets: [{ bet: '190', right: false }] }],
  });
  await page.getByRole('button', { name: 'forget it' }).click();
  await expect(done).toContainText('5 min');
});

test('leaving brings back what was there before', async ({ page, servers }) => {
  await page.goto(`${servers.isolated}#v1&workers=7`);
  await engineStarted(page);
  await page.getByRole('button', { name: 'Learn' }).click();
  await panel(page)
    .getByRole('button', { name: /Little/ })
    .click();
  await expect.poll(() => page.evaluate(() => location.hash)).toBe('#v1&lesson=littles-law');
  await page.getByLabel('Lesson', { exact: true }).selectOption('Leave the lessons');
  await expect(panel(page)).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => location.hash)).toBe('#v1&workers=7');
  await page.goto(`${servers.isolated}#v1&lesson=nonsense`);
  await expect(page.getByText('There is no lesson “nonsense”.')).toBeVisible();
});

/** The first event in which a run of the lesson on screen differs from a log of the command; null for none. */
function firstDifference(page: Page, name: string, file: Buffer): Promise<string | null> {
  return page.evaluate(
    async ({ name, base64 }) => {
      const { learning, engine } = window.clearpipe;
      const own = learning.current?.runs?.get(name)?.recording.log;
      if (!own) return 'there is no run';
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const opened = await engine.openLog(new Blob([bytes]));
      const native = new (own.constructor as new () => EventLog)();
      for (let words = await opened.next(); words; words = await opened.next()) {
        native.add(words, Infinity);
      }
      opened.close();
      const eventOf = (log: EventLog, index: number) => {
        const what = [log.kind(index), log.node(index), log.worker(index), log.record(index)];
        return index < log.end ? [log.time(index), ...what].join(' ') : 'nothing';
      };
      for (let index = 0; index < Math.max(own.end, native.end); index += 1) {
        const [here, there] = [eventOf(own, index), eventOf(native, index)];
        if (here !== there) return `event ${index}: ${here} here, ${there} there`;
      }
      return own.end === 0 ? 'there are no events' : null;
    },
    { name, base64: file.toString('base64') },
  );
}

test('page and command measure the same in each lesson, event for event', async ({
  page,
  servers,
}) => {
  test.setTimeout(600_000);
  await buildNatively();
  const checked = JSON.parse(await printedNatively(['lesson', 'check', '--json'])) as {
    id: string;
    questions: { measured: number[] }[];
    goal: { measured: number[] } | null;
  }[];
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-lessons-'));
  try {
    // Nothing has to move.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await openLesson(page, servers.isolated, 'channel');
    for (const [at, { id, runs, goal }] of lessons.entries()) {
      const { failure, found } = await page.evaluate(async (at) => {
        const learn = window.clearpipe.learning.current;
        const lesson = learn?.lessons[at];
        if (!learn || !lesson) throw new Error('there is no lesson');
        learn.open(lesson);
        await learn.run();
        return { failure: learn.failure, found: learn.found };
      }, at);
      expect(failure).toBe('');
      const native = checked.find((lesson) => lesson.id === id);
      const { questions = [] } = native ?? {};
      expect(found, id).toHaveLength(questions.length);
      for (const [question, { measured }] of questions.entries()) {
        // Sums depend on their order, in the last digits.
        expect(found?.[question], id).toBeCloseTo(measured[0] ?? NaN, 9);
      }
      for (const { name, config } of runs) {
        const [settings, trace] = [join(folder, 'c.json'), join(folder, 'run.events')];
        writeFileSync(settings, JSON.stringify(config));
        const outputs = ['--processed', '/dev/null', '--failed', '/dev/null', '--trace', trace];
        await printedNatively(['run', '--quiet', '--config', settings, ...outputs]);
        expect(await firstDifference(page, name, readFileSync(trace)), `${id}, ${name}`).toBeNull();
      }
      if (!goal) continue;
      // The challenge, as it begins and at its best.
      const judged = await page.evaluate(async (optimum) => {
        const learn = window.clearpipe.learning.current;
        if (!learn) throw new Error('there are no lessons');
        learn.challenge();
        await learn.try();
        const isReachedAtStart = learn.tries.at(0)?.isReached;
        for (const [path, value] of Object.entries(optimum)) learn.change(path, value);
        await learn.try();
        const best = learn.tries.at(0);
        const found = best?.conditions.map(({ found }) => found) ?? [];
        return { isReachedAtStart, best, found, failure: learn.failure };
      }, goal.optimum);
      expect(judged, id).toMatchObject({
        ...{ isReachedAtStart: false, failure: '' },
        best: {
          isReached: true,
          comparison: (goal.least ?? goal.most) ? 'best' : null,
        },
      });
      for (const [condition, found] of judged.found.entries()) {
        expect(found, id).toBeCloseTo(native?.goal?.measured[condition] ?? NaN, 9);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
