import { expect, test } from 'vitest';
import { journeyEvents, recordingOf, testConfig, testMetrics } from '../analysis/testing';
import type { Metrics } from '../engine/generated/Metrics';
import { deflated } from './deflate';
import type { TestEvent } from '../analysis/testing';
import { digestOf, fromLinkText, toLinkText } from './in-link';
import { readUpTo } from './read-up-to';

const events = Array.from({ length: 20 }, (_, at) => journeyEvents(at, at * 10)).flat();

const inOrder = (events: readonly TestEvent[]) => events.toSorted((a, b) => a.at - b.at);

/** A run that has ended with these metrics. */
function runWith(metrics: Partial<Metrics> | null, more = events) {
  const recording = recordingOf(inOrder(more));
  recording.finalMetrics = metrics && testMetrics(metrics);
  return recording;
}

test('a digest is of all that happened, and the same for the same', async () => {
  const digest = await digestOf(runWith({}));
  expect(digest).toMatch(/^[\da-f]{8}$/);
  expect(await digestOf(runWith({}))).toBe(digest);
  const later = runWith({}, [...events, ...journeyEvents(20, 500)]);
  expect(await digestOf(later)).not.toBe(digest);
});

test('of a run that was stopped, or not wholly recorded, there is none', async () => {
  expect(await digestOf(runWith({ stopped: true }))).toBeNull();
  expect(await digestOf(runWith({ trace_dropped_records: 1 }))).toBeNull();
  expect(await digestOf(runWith(null))).toBeNull();
  const many = Array.from({ length: 100 }, (_, at) => journeyEvents(at, at * 10)).flat();
  const dropped = recordingOf(inOrder(many), testConfig(), { most: 256 });
  dropped.finalMetrics = testMetrics({});
  expect(dropped.log.begin).toBeGreaterThan(0);
  expect(await digestOf(dropped)).toBeNull();
});

test('what was put into a link comes out of it, and damage shows', async () => {
  const text = (await toLinkText(runWith({}))) ?? '';
  expect(text).toMatch(/^[\w-]+$/);
  const log = await fromLinkText(text);
  expect(await log.text()).toContain('"clearpipe_events"');
  for (let at = 1; at < text.length; at += 97) {
    const other = text[at] === 'A' ? 'B' : 'A';
    await expect(fromLinkText(text.slice(0, at) + other + text.slice(at + 1))).rejects.toThrow();
    await expect(fromLinkText(text.slice(0, at))).rejects.toThrow();
  }
  await expect(fromLinkText('not base64!')).rejects.toThrow();
});

test('a link that unpacks to more than a log of a link is refused', async () => {
  const bomb = await deflated(new Uint8Array(2 ** 20 + 1), 'deflate');
  const text = btoa(Array.from(bomb, (byte) => String.fromCharCode(byte)).join(''));
  await expect(fromLinkText(text)).rejects.toThrow('it holds more than 1,048,576 bytes');
});

test('a stream is read to its end, or not at all', async () => {
  const streamOf = (length: number) => new Blob([new Uint8Array(length)]).stream();
  expect((await readUpTo(streamOf(1000), 1000))?.size).toBe(1000);
  expect(await readUpTo(streamOf(1001), 1000)).toBeNull();
});
