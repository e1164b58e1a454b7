// An event log of a pipeline that this page's engine does not have: a second Error Handler behind the fan-out.

import {
  AUDITED,
  AUDITOR,
  AUDIT_CH,
  MS,
  auditedEvents,
  recordingOf,
} from '../../web/analysis/testing';
import { NODE } from '../../web/recording/events';
import { Topology } from '../../web/recording/topology';
import { toLogFile } from '../../web/log-file/write';
import type { ProbedDot } from '../../web/screen.svelte';
import { expect, test } from './page';
import { bytesOf, inFormat1 } from './logs';
import { button, control, drop, open, openTab } from './steps';

const recording = recordingOf([...auditedEvents(0), ...auditedEvents(1, 20)], undefined, {
  topology: AUDITED,
});

for (const width of [1300, 360]) {
  test(`its cards, gauges and dots are drawn, ${width} pixels wide`, async ({ page, servers }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page, servers.isolated);
    const file = await bytesOf(toLogFile(recording));
    await drop(page, 'audited.events', file);
    const card = page.getByTestId('stage-error_auditor');
    const channel = page.getByTestId('channel-auditCh');
    await expect(card.getByRole('group', { name: 'Error Auditor: 1 worker' })).toBeAttached();
    // On phones, there isn't enough space for the names.
    if (width > 700) {
      await expect(card).toContainText('Error Auditor');
      await expect(channel).toContainText('auditCh');
    }
    await expect(channel).toHaveAttribute('aria-label', /^auditCh, Fan-out → Error Auditor: /);

    /** Shows a time in milliseconds, with the dots at rest, and returns those of a node. */
    const dotsAt = (time: number, node: number): Promise<ProbedDot[]> =>
      page.evaluate(
        async ({ time, node }) => {
          const { screen } = window.clearpipe.session;
          screen.halt();
          screen.setSpeed(1e-6);
          screen.seek(time);
          for (let frames = 0; frames < 20; frames += 1) {
            await new Promise((next) => requestAnimationFrame(next));
          }
          return screen.probe().filter((dot) => dot.node === node);
        },
        { time: time * MS, node },
      );

    for (const [time, node, drawn] of [
      [7.9, AUDIT_CH, channel],
      [10.9, AUDITOR, card],
    ] as const) {
      const dots = await dotsAt(time, node);
      expect(dots).toMatchObject([{ record: 0, drawn: true, moving: false }]);
      await expect(channel).toHaveAttribute('data-depth', node === AUDIT_CH ? '1' : '0');
      const box = await drawn.boundingBox();
      const frame = await page.getByTestId('picture').boundingBox();
      const [{ x, y } = { x: NaN, y: NaN }] = dots;
      if (!box || !frame) throw new Error('there is no picture');
      expect(x + frame.x).toBeGreaterThan(box.x);
      expect(x + frame.x).toBeLessThan(box.x + box.width);
      expect(y + frame.y).toBeGreaterThan(box.y);
      expect(y + frame.y).toBeLessThan(box.y + box.height);
    }
    await expect(page.getByTestId('worker-error_auditor-0')).toHaveAttribute('data-record', '0');

    // What it did is told by its name.
    await control(page, 'Follow record').fill('0');
    await button(page, 'Find').click();
    const record = page.getByTestId('record');
    await record.getByText('Its copies at the other consumers').click();
    await expect(record.getByRole('button', { name: /^auditCh/ })).toBeVisible();
    await expect(record.getByRole('button', { name: /^Error Auditor/ })).toBeVisible();
    await page.getByTestId('worker-error_auditor-0').click();
    await expect(page.getByRole('heading', { name: 'Error Auditor' })).toBeVisible();
    await channel.click({ position: { x: 8, y: 8 } });
    await expect(page.getByRole('heading', { name: 'auditCh' })).toBeVisible();
    await openTab(page, 'Charts');
    const options = page.getByLabel('Whose time').locator('option');
    await expect(options.last()).toHaveText('Error Auditor');
  });
}

test('names with markup, and twice the same, are only names', async ({ page, servers }) => {
  const name = '<img src=x onerror="document.title=1"> {{}} \u202e';
  const named = <T extends { node: number }>(part: T) =>
    part.node === AUDITOR || part.node === AUDIT_CH || part.node === NODE.metricsCh
      ? { ...part, name }
      : part;
  const { stages, channels } = AUDITED.data;
  const topology = new Topology({ stages: stages.map(named), channels: channels.map(named) });
  const events = [...auditedEvents(0), ...auditedEvents(1, 20)];
  await open(page, servers.isolated);
  const log = toLogFile(recordingOf(events, undefined, { topology }));
  await drop(page, 'named.events', await bytesOf(log));
  const shown = String.raw`<img src=x onerror="document.title=1"> {{}} \u{202e}`;
  // They are too long to be written on the picture, but they are told.
  const stage = page.getByTestId('stage-error_auditor').getByRole('group');
  await expect(stage).toHaveAttribute('aria-label', `${shown}: 1 worker`);
  for (const channel of ['metricsCh', 'auditCh']) {
    const label = await page.getByTestId(`channel-${channel}`).getAttribute('aria-label');
    expect(label?.startsWith(`${shown}, `)).toBe(true);
  }
  await openTab(page, 'Charts');
  await expect(page.getByLabel('Whose time').locator('option').last()).toHaveText(shown);
  await expect(page).toHaveTitle(/Clearpipe/);
});

test('a topology that nothing can draw is refused', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const text = await inFormat1(recording).text();
  const circle = text.replace('"senders":[0],"receivers":[1]', '"senders":[0,2],"receivers":[1]');
  await drop(page, 'circle.events', Buffer.from(circle));
  await expect(page.getByText('the channels form a cycle')).toBeVisible();
});
