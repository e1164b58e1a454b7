// Runs of generated records: their results, and how they are steered.

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { toConfig } from '../../web/settings/config';
import { referenceRun } from '../../web/settings/settings';
import { filesOf } from './cases';
import { runNatively } from './cli';
import { expect, test } from './page';
import {
  FIXED_TIME,
  button,
  control,
  download,
  drop,
  fixClock,
  lines,
  open,
  openTab,
  results,
  run,
  setMore,
  showEnd,
  shown,
  unfold,
} from './steps';

test('the reference run, the same as natively', async ({ page, servers }) => {
  test.setTimeout(240_000);
  await open(page, servers.isolated);
  await expect(page.getByTestId('engine')).toHaveText(/^\d+ threads?$/);
  await fixClock(page);
  await run(page);

  await showEnd(page);
  for (const [figure, value] of [
    ['produced', 50],
    ['processed', 41],
    ['failed', 9],
    ['invalid', 5],
    ['transformation-errors', 4],
  ] as const) {
    await expect.poll(() => shown(page, figure), figure).toBe(value);
  }

  const found = await results(page);
  expect(found).toEqual(filesOf('reference-run'));
  expect(found).toEqual(await runNatively(['--records', '50', '--clock', `fixed:${FIXED_TIME}`]));

  const preview = page.getByRole('region', { name: 'First lines of failed_data.jsonl' });
  await expect(preview).toHaveText(lines(found.failed).slice(0, 5).join('\n'));

  const metrics = JSON.parse(readFileSync(await download(page, 'metrics.json'), 'utf8')) as object;
  expect(metrics).toMatchObject({ produced: 50, processed: 41, failed: 9, batch: 1 });
});

test('without cross-origin isolation it runs on one thread, and says so', async ({
  page,
  servers,
}) => {
  await open(page, servers.plain);
  await setMore(page, true);
  await expect(page.getByTestId('engine')).toHaveText('one thread');
  await expect(
    page.getByText('not cross-origin isolated, so the browser allows it no threads'),
  ).toBeVisible();
  await page.getByText('What to do').click();
  await expect(page.getByText('Cross-Origin-Embedder-Policy: require-corp')).toBeVisible();
  await expect(control(page, 'Threads')).toHaveCount(0);

  await fixClock(page);
  await run(page);
  expect(await results(page)).toEqual(filesOf('reference-run'));
});

test.describe('on plain http from another machine', () => {
  const addressOf = (url: string) => url.replace('127.0.0.1', 'clearpipe.test');

  test('there are neither threads nor files on disk, and it works all the same', async ({
    page,
    servers,
  }) => {
    await open(page, addressOf(servers.plain));
    await setMore(page, true);
    await expect(page.getByText('opened over plain http from another machine')).toBeVisible();
    await fixClock(page);
    await run(page);
    await expect(page.getByText('Kept in memory')).toBeVisible();
    expect(await results(page)).toEqual(filesOf('reference-run'));
  });

  test('a run whose results memory can’t hold is stopped, and says so', async ({
    page,
    servers,
  }) => {
    test.setTimeout(180_000);
    await open(page, addressOf(servers.plain));
    await control(page, 'Records').fill('100000000');
    await control(page, 'Buffer').fill('');
    await control(page, 'Batch').fill('auto');
    await run(page, 170_000);
    await expect(page.getByText('The run was stopped when its results had 256 MiB')).toBeVisible();

    // Both files are complete up to there.
    const counts = await page.evaluate(() => {
      const { result } = window.clearpipe.session;
      if (!result) throw new Error('there are no results');
      return Promise.all(
        [result.processed, result.failed].map(async (file) => {
          let lines = 0;
          const reader = file.stream().getReader();
          for (;;) {
            const { done, value } = await reader.read();
            if (done) return lines;
            for (const byte of value) if (byte === 10) lines += 1;
          }
        }),
      );
    });
    await showEnd(page);
    await expect
      .poll(async () => [await shown(page, 'processed'), await shown(page, 'failed')])
      .toEqual(counts);
    expect(await shown(page, 'produced')).toBe(counts[0] + counts[1]);
  });
});

test('the page’s defaults are the engine’s, with a batch of 1', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const defaults = await page.evaluate(
    async () => (await window.clearpipe.engine.start()).defaults,
  );
  const { config } = toConfig(referenceRun(), null);
  expect(config.batch).toBe('1');
  expect(defaults.batch).toBe('auto');
  delete config.batch;
  // The page says what the engine would take: 100 where the batch is small.
  expect(config.channels).toEqual({ capacity: 100 });
  delete config.channels;
  expect(defaults).toMatchObject(JSON.parse(JSON.stringify(config)) as Record<string, unknown>);
});

test('pause, resume, stop', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await control(page, 'Records').fill('1000000');
  await unfold(page, 'Service times');
  await control(page, 'Validator, waiting').fill('2ms');
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'processed')).toBeGreaterThan(50);
  // The last second's figures: a slow stage is waited for.
  await expect(page.getByTestId('rate')).not.toHaveText('0');

  await button(page, 'Pause').click();
  await expect(page.getByTestId('mode')).toHaveText('Paused');
  // What was in hand when it was paused may still come, and the page may be slow to show it.
  let paused = 0;
  await expect(async () => {
    paused = await shown(page, 'produced');
    await page.waitForTimeout(1000);
    expect(await shown(page, 'produced')).toBe(paused);
  }).toPass();

  await button(page, 'Resume').click();
  await expect.poll(() => shown(page, 'produced')).toBeGreaterThan(paused);

  await button(page, 'Stop').click();
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible();
  await openTab(page, 'Results');
  await expect(page.getByText('The run was stopped; both files are complete')).toBeVisible();
  const { processed, failed } = await results(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'processed')).toBe(lines(processed).length);
  await expect.poll(() => shown(page, 'failed')).toBe(lines(failed).length);
  expect(await shown(page, 'produced')).toBe(lines(processed).length + lines(failed).length);
  await expect(button(page, 'Run again')).toBeEnabled();
});

test('a run that does not end soon after a stop can be aborted', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await unfold(page, 'Service times');
  await control(page, 'Loader, waiting').fill('60s');
  await button(page, 'Run').click();
  await expect.poll(() => shown(page, 'produced')).toBe(50);
  await button(page, 'Stop').click();
  await button(page, 'Abort').click();
  await expect(page.getByText('Aborted. There are no results.')).toBeVisible();

  await control(page, 'Loader, waiting').fill('off');
  await run(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'processed')).toBe(41);
});

test('wrong settings are told, all at once and beside the controls', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await control(page, 'Workers').fill('0');
  await control(page, 'Records').fill('1.5');
  await control(page, 'Batch').fill('many');
  await unfold(page, 'Service times');
  await control(page, 'Transformer, computing').fill('5');
  await button(page, 'Run').click();

  const problems = page.locator('#problems');
  await expect(problems).toBeFocused();
  await expect(problems.getByRole('listitem')).toHaveText([
    'Records is 1.5; it must be a whole number, 0 or more',
    'Workers is 0; it must be from 1 to 65535',
    'Batch is invalid: `many` is neither a number of records nor `auto`',
    /^Transformer, computing is invalid: `5` is none of `off`, a time such as `5ms`/,
  ]);
  for (const label of ['Workers', 'Records', 'Batch', 'Transformer, computing']) {
    await expect(control(page, label)).toHaveAttribute('aria-invalid', 'true');
  }
  await expect(control(page, 'Workers')).toHaveAccessibleDescription(/is 0; it must be from 1/);
  await expect(page.getByTestId('results')).toHaveCount(0);

  await control(page, 'Workers').fill('3');
  await control(page, 'Records').fill('50');
  await control(page, 'Batch').fill('1');
  await control(page, 'Transformer, computing').fill('off');
  await expect(problems.getByRole('listitem')).toHaveCount(0);
  await run(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'processed')).toBe(41);
});

test('other numbers of threads, the virtual clock, one thread: all the same files', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  await fixClock(page);
  for (const threads of ['1', '3']) {
    await control(page, 'Threads').fill(threads);
    await run(page);
    await expect(page.getByTestId('engine')).toHaveText(threads === '1' ? '1 thread' : '3 threads');
    expect(await results(page)).toEqual(filesOf('reference-run'));
  }
  for (const runtime of ['virtual', 'local']) {
    await control(page, 'Runs on').selectOption(runtime);
    await run(page);
    expect(await results(page)).toEqual(filesOf('reference-run'));
  }
});

test('two tabs do not get into each other’s way, and leave nothing behind', async ({
  page,
  context,
  servers,
}) => {
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await open(tab, servers.isolated);
    await fixClock(tab);
  }
  await control(other, 'Records').fill('60');
  await Promise.all([run(page), run(other)]);
  expect(await results(page)).toEqual(filesOf('reference-run'));
  expect(lines((await results(other)).processed)).not.toHaveLength(41);

  const folders = (tab: Page) =>
    tab.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const results = await root.getDirectoryHandle('clearpipe-results');
      const names: string[] = [];
      for await (const name of results.keys()) names.push(name);
      return names.length;
    });
  expect(await folders(page)).toBe(2);
  await other.close();
  // The next page that is opened clears up after those that are gone; this one has no lock yet when it is reloaded.
  await open(page, servers.isolated);
  await expect.poll(() => folders(page)).toBe(1);
});

/** Lets the first engine of the page trap, as a failed allocation does, where the code that is appended to it says so. */
async function breakOnce(page: Page, appended: (trap: string) => string): Promise<void> {
  let breaks = true;
  await page.context().route('**/engine/threads/engine.js', async (route) => {
    const response = await route.fetch();
    const trap = "throw new WebAssembly.RuntimeError('unreachable');";
    const broken = breaks ? `\n${appended(trap)}` : '';
    breaks = false;
    await route.fulfill({ response, body: (await response.text()) + broken });
  });
}

test('an engine that breaks is told of in words, and the next run has a new one', async ({
  page,
  servers,
}) => {
  await breakOnce(page, (trap) => `Run.prototype.finished = async () => { ${trap} };`);
  await open(page, servers.isolated);
  await button(page, 'Run').click();
  const alert = page.getByRole('alert').filter({ hasText: 'The run failed' });
  await expect(alert).toContainText('The engine stopped and has been started again.');
  await expect(page.getByText('unreachable')).toBeHidden();
  await page.getByText('Technical details for a bug report').click();
  await expect(page.getByText('unreachable')).toBeVisible();
  await run(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'processed')).toBe(41);
});

test('an engine that breaks when it looks at a file is told of, and the next one looks', async ({
  page,
  servers,
}) => {
  await breakOnce(page, (trap) => `FileStart = class { constructor() { ${trap} } };`);
  await open(page, servers.isolated);
  await drop(page, 'x.csv', 'date;flow\n2026-01-01;5\n');
  await expect(page.getByTestId('engine-notice')).toContainText(
    'The engine stopped and has been started again. The cause is an error in Clearpipe, or memory ran out.',
  );
  await expect(page.getByText('a table, semicolon ;')).toBeVisible();
  await expect(page.getByTestId('preview')).toContainText('"value":5');
});
