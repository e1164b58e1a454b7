// Records of the user's own data are followed by their own ids.

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { referenceRun, waiting } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, control, drop, open, run, setMore } from './steps';

const record = (id: string, value: number) =>
  `{"id":"${id}","timestamp":"2026-01-01T00:00:00Z","sensor_id":"s","value":${value},"unit":"u","location":"l"}\n`;

const follow = async (page: Page, id: string) => {
  await control(page, 'Follow record').fill(id);
  await button(page, 'Find').click();
};

test('of JSON Lines, while it runs and afterwards', async ({ page, servers }) => {
  await open(page, servers.isolated, {
    ...referenceRun(),
    source: 'file',
    service: waiting({ producer: '100ms' }),
  });
  const ids = Array.from({ length: 60 }, (_, at) => `S-${at}/ä`);
  await drop(
    page,
    'x.jsonl',
    ids.map((id, at) => record(at === 3 ? 'S-3\\/\\u00e4' : id, at === 2 ? -1 : at)).join('') +
      record('12', 5) +
      record('12', 6) +
      record(' blank ', 7) +
      record('no unit', 8).replace(',"unit":"u"', ''),
  );
  await button(page, 'Run').click();
  await button(page, 'Pause').click();
  await follow(page, 'nobody');
  await expect(
    page.getByText('No record with the id “nobody” has been traced so far.'),
  ).toBeVisible();
  await button(page, 'Resume').click();
  await expect
    .poll(async () => {
      await follow(page, ids[1] ?? '');
      return page.getByRole('heading', { name: 'Record #1: S-1/ä' }).isVisible();
    })
    .toBe(true);
  await expect(page.getByRole('tab', { name: 'Results, new' })).toBeVisible({ timeout: 20_000 });

  // One that failed, with its reason from its line.
  await follow(page, ids[2] ?? '');
  await expect(page.getByRole('heading', { name: 'Record #2: S-2/ä' })).toBeVisible();
  await expect(
    page.getByText(/Rejected by Validator \d: Value out of expected range \(0-1000\)\.$/),
  ).toBeVisible();
  // One whose id is written with escapes in the file.
  await follow(page, ids[3] ?? '');
  await expect(page.getByRole('heading', { name: 'Record #3: S-3/ä' })).toBeVisible();
  await page.getByText('Its fields, as they were written').click();
  await expect(page.getByRole('definition').filter({ hasText: 'S-3/ä' })).toBeVisible();
  // An id that is a number, and that two have, is no number of a record.
  await follow(page, '12');
  await expect(page.getByRole('heading', { name: 'Record #60: 12' })).toBeVisible();
  await expect(page.getByText('Several records have the id “12”.')).toBeVisible();
  await expect(page.getByText('Several records have this id, so it can’t be told')).toBeVisible();
  await expect(page.getByText('Its fields, as they were written')).toBeHidden();
  await follow(page, '#12');
  await expect(page.getByRole('heading', { name: `Record #12: ${ids[12]}` })).toBeVisible();
  await expect(page.getByText('Several records have the id “12”.')).toBeHidden();
  await follow(page, ' blank ');
  await expect(page.getByRole('heading', { name: 'Record #62:' })).toBeVisible();
  // One that was refused before it was a record: its id is only in its text.
  await follow(page, 'no unit');
  await expect(page.getByRole('heading', { name: 'Record #63: no unit' })).toBeVisible();
  await expect(page.getByText(/: line 64: required field `unit` is missing\.$/)).toBeVisible();
  const alert = page.locator('#find-problem');
  await follow(page, '13');
  await expect(alert).toHaveText(
    'No record with the id “13” was found in the results of this run. For record number 13, type #13.',
  );
  await follow(page, 'nobody');
  await expect(alert).toHaveText(
    'No record with the id “nobody” was found in the results of this run.',
  );
  // What was said is no longer said of another record.
  await button(page, 'Previous record').click();
  await expect(alert).toBeHidden();
});

test('of a table, and of records that were not traced', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const rows = Array.from(
    { length: 40_000 },
    (_, at) => `k${at},2026-01-01T00:00:00Z,s,${at % 90},u,l`,
  );
  await drop(page, 'x.csv', `id,timestamp,sensor_id,value,unit,location\n${rows.join('\n')}\n`);
  await run(page);
  await follow(page, 'k0');
  await expect(page.getByRole('heading', { name: 'Record #0: k0' })).toBeVisible();
  const untraced = await page.evaluate(() => {
    const ids = window.clearpipe.session.screen.recording?.ids;
    for (let at = 0; at < 40_000; at += 1) if (ids?.numberOf(`k${at}`) === null) return `k${at}`;
    return null;
  });
  expect(untraced).not.toBeNull();
  await follow(page, untraced ?? '');
  await expect(
    page.getByRole('alert').filter({ hasText: `The record “${untraced}” is in` }),
  ).toContainText('processed_data.jsonl, but it can’t be followed: it was not traced.');
});

test('of several records with an id, of which one was traced, no line is shown', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  // The first of two with the same id is another one.
  const rows = Array.from(
    { length: 40_000 },
    (_, at) => `k${at % 19_999},2026-01-01T00:00:00Z,s,${at % 90},u,l`,
  );
  await drop(page, 'x.csv', `id,timestamp,sensor_id,value,unit,location\n${rows.join('\n')}\n`);
  await run(page);
  const [number, id] = await page.evaluate(() => {
    const ids = window.clearpipe.session.screen.recording?.ids;
    for (let at = 39_000; at > 20_000; at -= 1) {
      const id = ids?.idOf(at) ?? null;
      if (id !== null && !ids?.isRepeated(id)) return [at, id];
    }
    return [null, null];
  });
  expect(number).not.toBeNull();
  await follow(page, id ?? '');
  await expect(page.getByRole('heading', { name: `Record #${number}: ${id}` })).toBeVisible();
  await expect(page.getByText('Several records have this id, so it can’t be told')).toBeVisible();
  await expect(page.getByText('Its fields, as they were written')).toBeHidden();
});

test('a saved log has them only if that is ticked, and is as telling when it is opened', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, { ...referenceRun(), source: 'file' });
  const ids = ['first', 'second', 'third'];
  await drop(page, 'x.jsonl', ids.map((id, at) => record(id, at === 1 ? -1 : 5)).join(''));
  await run(page);
  await setMore(page, true);
  const more = page.getByRole('complementary', { name: 'More' });
  const saved = async () => {
    const downloading = page.waitForEvent('download');
    await button(page, 'Download event log').click();
    return readFileSync(await (await downloading).path());
  };
  await expect(more).toContainText('No value of your records is in it.');
  const without = await saved();
  await more.getByLabel('with my records').check();
  const whole = await saved();

  await setMore(page, false);
  await drop(page, 'without.events', without);
  await expect(page.getByText('without.events: an event log')).toBeVisible();
  await follow(page, 'second');
  await expect(page.getByText('Type the number of a record')).toBeVisible();
  await follow(page, '1');
  await expect(page.getByRole('heading', { name: 'Record #1', exact: true })).toBeVisible();

  await drop(page, 'whole.events', whole);
  await expect(page.getByText('whole.events: an event log')).toBeVisible();
  await follow(page, 'second');
  await expect(page.getByRole('heading', { name: 'Record #1: second' })).toBeVisible();
  await expect(
    page.getByText(/Rejected by Validator \d: Value out of expected range \(0-1000\)\.$/),
  ).toBeVisible();
  await page.getByText('Its fields, as they were written').click();
  await expect(page.getByRole('definition').filter({ hasText: 'second' })).toBeVisible();

  // Saved once more, it says the same.
  await setMore(page, true);
  await expect(more.getByLabel('with my records')).toBeChecked();
  const again = await saved();
  await setMore(page, false);
  await drop(page, 'again.events', again);
  await expect(page.getByText('again.events: an event log')).toBeVisible();
  await follow(page, 'third');
  await expect(page.getByRole('heading', { name: 'Record #2: third' })).toBeVisible();
});
