// Going to moments of a run: with keys and from the palette, and where a run stands once it has ended.

import type { Page } from '@playwright/test';
import { referenceRun, waiting } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, open, openTab, run } from './steps';

/** The Transformers are slow and the channels small, so validCh is full soon. */
const pressed: Settings = {
  ...referenceRun(),
  ...{ records: 60, buffer: 4, runtime: 'virtual' },
  service: waiting({ producer: '1ms', validator: '2ms', transformer: '20ms' }),
};

const state = (page: Page) =>
  page.evaluate(() => {
    const { playback, recording, moment, marks, chosen } = window.clearpipe.session.screen;
    if (!playback || !recording) throw new Error('there is no recording');
    const { log } = recording;
    const { time, speed, playing } = playback;
    const kinds = [];
    for (let index = log.indexAfter(time) - 1; index >= log.begin; index -= 1) {
      if (log.time(index) < time) break;
      kinds.push(recording.kinds[log.kind(index)]);
    }
    return { time, speed, playing, kinds, moment, marks, chosen, end: playback.end };
  });

/**
 * Runs until the picture, which lags behind, stands at the moment that matters. Leaves the tabs of the dock, in which Home
 * and End go to other tabs.
 */
async function ran(page: Page): Promise<void> {
  await run(page);
  await expect.poll(async () => (await state(page)).moment).not.toBeNull();
  await expect
    .poll(() => page.evaluate(() => window.clearpipe.session.screen.view.live))
    .toBe(false);
  await page.getByRole('tab', { name: 'Results' }).blur();
}

test('keys go to the next and the last of each kind', async ({ page, servers }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, servers.isolated, pressed);
  await ran(page);
  await page.keyboard.press('Home');
  for (const [key, back, kinds] of [
    ['b', 'B', ['blocked']],
    ['x', 'X', ['invalid', 'transformation_error']],
    ['a', 'A', ['anomaly']],
  ] as const) {
    const begin = (await state(page)).time;
    const times: number[] = [];
    for (let press = 0; press < 2; press += 1) {
      await page.keyboard.press(key);
      await expect
        .poll(async () => (await state(page)).time)
        .toBeGreaterThan(times.at(-1) ?? begin);
      const { time, kinds: found } = await state(page);
      expect(found.some((kind) => kinds.some((one) => one === kind))).toBe(true);
      times.push(time);
    }
    await page.keyboard.press(back);
    await expect.poll(async () => (await state(page)).time).toBe(times[0]);
    await page.keyboard.press('Home');
  }
  await page.keyboard.press('f');
  await expect(page.getByTestId('event')).toContainText(/Ch/);
});

test('J, K and L play, and steps go by record and by time', async ({ page, servers }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, servers.isolated, pressed);
  await ran(page);
  await page.keyboard.press('l');
  const speed = (await state(page)).speed;
  expect((await state(page)).playing).toBe(true);
  await page.keyboard.press('l');
  expect((await state(page)).speed).toBeGreaterThan(speed);
  await page.keyboard.press('j');
  expect((await state(page)).speed).toBe(-speed);
  await expect(page.getByTestId('mode')).toContainText('Replaying backwards');
  await page.keyboard.press('k');
  expect(await state(page)).toMatchObject({ speed, playing: false });

  await page.keyboard.press('End');
  expect((await state(page)).time).toBe((await state(page)).end);
  await page.keyboard.press('Home');
  await page.keyboard.press(']');
  const first = await state(page);
  expect(first.kinds).toContain('produced');
  await page.keyboard.press(']');
  expect((await state(page)).time).toBeGreaterThan(first.time);
  await page.keyboard.press('[');
  expect((await state(page)).time).toBe(first.time);
  await page.keyboard.press('Shift+ArrowRight');
  expect((await state(page)).time).toBe(Math.round(first.time + 250e6 * speed));

  // With a record that is followed, its neighbours are.
  await page.evaluate(() => {
    window.clearpipe.session.screen.followRecord(7);
  });
  await page.keyboard.press(']');
  expect((await state(page)).chosen).toBe(8);
  await page.keyboard.press('Escape');
  expect((await state(page)).chosen).toBeNull();
});

test('marks are set and gone to', async ({ page, servers }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, servers.isolated, pressed);
  await ran(page);
  await page.keyboard.press('Home');
  await page.keyboard.press('b');
  await expect.poll(async () => (await state(page)).kinds).toContain('blocked');
  const { time } = await state(page);
  await page.keyboard.press('m');
  await page.keyboard.press('End');
  await page.keyboard.press('"');
  expect(await state(page)).toMatchObject({ time, marks: [{ time, text: 'Mark 1' }] });
  await openTab(page, 'Timeline');
  await page.getByRole('tab', { name: 'Timeline' }).blur();
  // It is a flag of the timeline, and in a list: its text can be changed, and it is gone to and removed there.
  const list = page.getByTestId('marks');
  const text = list.getByRole('textbox');
  await expect(text).toHaveValue('Mark 1');
  await text.fill('Held up\u202e');
  await text.press('Enter');
  await expect(page.locator(`[data-testid=timeline] .flag[data-time="${time}"]`)).toContainText(
    'Held up\\u{202e}',
  );
  await page.keyboard.press('Home');
  await list.getByRole('button', { name: /^Go to/ }).click();
  expect((await state(page)).time).toBe(time);
  await list.getByRole('button', { name: /^Remove/ }).click();
  await expect(list).toBeHidden();
  await button(page, 'Share').focus();
  await page.keyboard.press('m');
  // They are those of one run.
  await button(page, 'Run again').click();
  await expect.poll(async () => (await state(page)).marks).toEqual([]);
});

test('a jump that leads nowhere says so', async ({ page, servers }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, servers.isolated, { ...pressed, invalidValue: 'off', invalidUnit: 'off' });
  await ran(page);
  const { time } = await state(page);
  const note = page.getByTestId('jump-note');
  await page.keyboard.press('x');
  await expect(note).toHaveText('There is no later failure.');
  expect((await state(page)).time).toBe(time);
  await page.keyboard.press('X');
  await expect(note).toHaveText('There is no earlier failure.');
  await page.keyboard.press('Home');
  await expect(note).toBeHidden();
});

test('the moment that matters is when the channel in front of the slowest stage is full', async ({
  page,
  servers,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, servers.isolated, pressed);
  await ran(page);
  await expect.poll(async () => (await state(page)).moment?.title).toBe('validCh full');
  await expect(page.getByTestId('channel-validCh')).toContainText('4');
  // It is flagged and announced, and what it is about is said of the whole run: no record has gone through so far.
  await expect(page.getByTestId('verdict')).toHaveText('Transformers were the bottleneck');
  await expect(page.getByTestId('evidence')).toContainText('Over the whole run');
  await openTab(page, 'Timeline');
  await expect(page.locator('.flag', { hasText: 'validCh full' })).toBeAttached();
  await page.getByRole('tab', { name: 'Timeline' }).blur();
  await expect(page.getByText(/^The moment that matters, at .*: validCh full/)).toBeAttached();
  await page.keyboard.press('End');
  await page.keyboard.press('g');
  const { time, moment } = await state(page);
  expect(time).toBe(moment?.time);
  // From the palette, with its time.
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('validch full');
  await expect(page.getByTestId('palette').getByRole('option', { selected: true })).toContainText(
    'validCh full',
  );
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  expect((await state(page)).time).toBe(time);
});
