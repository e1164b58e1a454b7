// Fuzzing of event logs: any file is either read or refused with a message, and whatever was read
// can be shown. With CLEARPIPE_LONG=1 it runs for ten minutes (or FUZZ_SECONDS), with another seed
// each time.

import fc from 'fast-check';
import { journeyOf } from '../../web/analysis/journey';
import { metricsFromEvents } from '../../web/analysis/metrics-from-events';
import type { LoggedRun } from '../../web/log-file/open';
import { journeyEvents, recordingOf } from '../../web/analysis/testing';
import { inFlightRecords } from '../../web/recording/in-flight-records';
import type { Recording } from '../../web/recording/recording';
import { Residencies } from '../../web/recording/residencies';
import { computeLayout } from '../../web/scene/layout';
import { sceneAt } from '../../web/scene/scene-state';
import { bytesOf, inFormat1, readLog } from './logs';
import { expect, test } from './page';
import { open } from './steps';

const isLong = process.env['CLEARPIPE_LONG'] !== undefined;

/** How long the long form takes, in milliseconds. */
const LONG_TIME = 1000 * Number(process.env['FUZZ_SECONDS'] ?? 600);

const TOKENS = [
  '{"clearpipe_events":1,',
  '"config":{',
  '"workers":1e18',
  '"workers":-1',
  '1e999',
  'null',
  '[[[[[[[[',
  '{"a":{"a":',
  '"kinds":["\\u001b"]',
  '"topology":{"stages":[],"channels":[]},',
  '"receivers":[5]',
  '"senders":[1,2]',
  '"is_pool":true',
  '"__proto__":{"workers":3}',
  '\n',
  '\xff\xff\xff\xff\xff\xff\xff\xff',
  '\0\0\0\0\0\0\0\0',
  '"',
  ',',
  '}',
].map((token) => Uint8Array.from(token, (letter) => letter.charCodeAt(0)));

/** A change of the bytes at a relative position. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(20),
  added: fc.oneof(fc.constantFrom(...TOKENS), fc.uint8Array({ maxLength: 20 })),
});

/** In the whole file, or only after its first line, where everything is an event. */
const edits = fc.record({
  edits: fc.array(edit, { maxLength: 6 }),
  part: fc.constantFrom('all', 'events'),
});

interface Edit {
  at: number;
  removed: number;
  added: Uint8Array;
}

function changed(bytes: Uint8Array, { at, removed, added }: Edit): Uint8Array {
  const from = Math.floor(at * bytes.length);
  return new Uint8Array([...bytes.subarray(0, from), ...added, ...bytes.subarray(from + removed)]);
}

/** Everything that the page computes from a recording, one after the other. */
function look(recording: Recording): void {
  const { log, duration, topology } = recording;
  expect(Number.isFinite(duration)).toBe(true);
  for (const time of [0, duration / 2, duration]) {
    expect(Number.isFinite(recording.sampleAt(time))).toBe(true);
    const metrics = metricsFromEvents(recording, time);
    expect(metrics.channels).toHaveLength(topology.channels.length);
  }
  const residencies = new Residencies(log, topology, 1000);
  residencies.update();
  const { stages, channels } = sceneAt(recording, residencies, duration / 2);
  for (const width of [340, 1300]) {
    const { boxes } = computeLayout(topology, {
      ...{ width, height: 386, form: width < 700 ? 'phone' : 'wide', scale: 1 },
      ...{ controls: false, sample: 1 },
      workers: stages.map(({ count }) => count),
      capacities: channels.map(({ capacity }) => capacity),
    });
    for (const { x, y, w, h } of Object.values(boxes)) {
      expect([x, y, w, h].every((length) => length >= 0 && length < 1e5)).toBe(true);
    }
  }
  expect(inFlightRecords(residencies, duration / 2, 100).length).toBeLessThanOrEqual(100);
  for (let index = log.begin; index < log.end; index += 7) {
    const record = log.record(index);
    if (record >= 0) journeyOf(recording, record);
  }
}

test('any file is read or refused', async ({ page, servers }) => {
  test.setTimeout((isLong ? LONG_TIME : 0) + 120_000);
  await open(page, servers.isolated);
  const recording = recordingOf([
    ...journeyEvents(0),
    ...journeyEvents(1, 2, 1),
    ...journeyEvents(2, 3),
  ]);
  const whole = await bytesOf(inFormat1(recording));
  const start = whole.indexOf(0x0a) + 1;
  let read = 0;
  let refused = 0;
  const check = async (file: Uint8Array) => {
    let log: LoggedRun;
    try {
      log = await readLog(page, file);
    } catch (error) {
      expect((error as Error).message).toMatch(/^it(s first line| is| was) [^\p{Cc}]+[^.]$/u);
      refused += 1;
      return;
    }
    read += 1;
    look(log.recording);
  };
  await fc.assert(
    fc.asyncProperty(edits, async ({ edits, part }) => {
      const from = part === 'all' ? 0 : start;
      const end = edits.reduce(changed, whole.subarray(from));
      await check(new Uint8Array([...whole.subarray(0, from), ...end]));
    }),
    isLong
      ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: LONG_TIME }
      : { numRuns: 300, seed: 1 },
  );
  expect(read).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
});
