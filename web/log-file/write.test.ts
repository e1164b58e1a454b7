import { expect, test } from 'vitest';
import { journeyEvents, recordingOf, testConfig } from '../analysis/testing';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import { EventLog, packed } from '../recording/event-log';
import { EVENT_KINDS, KIND, NODE } from '../recording/events';
import { withDefaults } from '../recording/merge';
import { Recording } from '../recording/recording';
import { columnsOf } from './columns';
import { crc32 } from './crc32';
import { isLogFile } from './is-log-file';
import { anonymous, settingsOf } from './settings-of';
import { toLogFile } from './write';

// Whether the engine reads what is written is tested in the browser: `tests/browser/logs.spec.ts`.

test('a log starts with what is needed to understand its events', async () => {
  const config = testConfig({ workers: 4 });
  const file = await toLogFile(recordingOf(journeyEvents(0), config));
  expect(await isLogFile(file)).toBe(true);
  const text = await file.text();
  const line = JSON.parse(text.slice(0, text.indexOf('\n'))) as { config: object };
  expect(line).toEqual({
    clearpipe_events: 2,
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown,
    kinds: [...EVENT_KINDS],
    config: settingsOf(config),
  });
  expect(line.config).toMatchObject({ workers: 4, trace: { enabled: true } });
  expect(withDefaults(line.config, DEFAULT_CONFIG)).toEqual(config);
});

test('the settings are those that the run began with', async () => {
  const recording = recordingOf(journeyEvents(0), testConfig({ workers: 4 }));
  recording.adjust(1e6, testConfig({ workers: 5 }));
  expect(await (await toLogFile(recording)).text()).toContain('"workers":4');
});

test('what happens while it is written is not in it, and spoils nothing', async () => {
  const log = new EventLog(2 ** 12);
  const event = (time: number) => ({
    ...{ time, kind: KIND.produced, node: NODE.producer },
    ...{ worker: 0, thread: 0, record: time },
  });
  const add = (from: number, to: number) => {
    const times = Array.from({ length: to - from }, (_, at) => from + at);
    log.add(new BigUint64Array(times.flatMap((time) => packed(event(time)))), Infinity);
  };
  add(0, 5000);
  log.finish();
  const recording = new Recording(testConfig(), 'live', { log });
  const alone = await bytesOf(toLogFile(recording));
  const writing = toLogFile(recording);
  // The log is full, so that each new event takes the place of an old one.
  add(5000, 9000);
  log.finish();
  expect(await bytesOf(writing)).toEqual(alone);
});

test('a recording that has lost its oldest events says so', async () => {
  const recording = recordingOf(journeyEvents(0), testConfig(), { most: 4 });
  const { log } = recording;
  expect(log.dropped).toBeGreaterThan(0);
  const text = await (await toLogFile(recording)).text();
  expect(JSON.parse(text.slice(0, text.indexOf('\n')))).toMatchObject({
    part: { from_ns: log.firstTime, to_ns: log.lastTime, events_before: log.begin },
  });
});

test('tables that a reader would refuse are left out, one after the other', async () => {
  const records = Array.from({ length: 2 ** 20 }, (_, at): [number, string] => [at, 'x']);
  const marks = [{ at_ns: 1, text: 'here' }];
  const recording = recordingOf(journeyEvents(0));
  expect(await bytesOf(toLogFile(recording, { records, marks }))).toEqual(
    await bytesOf(toLogFile(recording, { marks })),
  );
});

test('settings for a link have neither names of files nor what only the command has', () => {
  const config = {
    ...{ workers: 4, input: { file: ['/home/jane/acme.csv'], delimiter: ';' } },
    output: { dir: '/home/jane/acme', processed: 'acme.jsonl' },
  };
  expect(anonymous(config as PartialConfig)).toEqual({
    ...{ workers: 4, input: { file: ['input'], delimiter: ';' } },
  });
});

async function bytesOf(file: Promise<Blob>): Promise<Uint8Array> {
  return new Uint8Array(await (await file).arrayBuffer());
}

test('the columns are those of the example in the description', () => {
  const log = new EventLog();
  const event = { worker: 0, thread: 1, record: 0 };
  const events = [
    { ...event, time: 1000, kind: KIND.produced, node: NODE.producer },
    { ...event, time: 1300, kind: KIND.arrive, node: NODE.dataCh },
  ];
  log.add(new BigUint64Array(events.flatMap(packed)), Infinity);
  log.finish();
  const hex = Array.from(columnsOf(log, 0, 2), (byte) => byte.toString(16).padStart(2, '0'));
  expect(hex.join(' ')).toBe('02 04 00 00 10 00 01 00 ac 02 02 00 00 00 01 02');
});

test('the checksum is that of other programs', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  expect(crc32(new TextEncoder().encode('1234'), new TextEncoder().encode('56789'))).toBe(
    0xcbf43926,
  );
});

test('a sampling that no run has stays a number', () => {
  const log = new EventLog();
  const sampling = { time: 1e6, kind: 18, node: 0, worker: 65535, thread: 0, record: 1 };
  log.add(new BigUint64Array(packed(sampling)), Infinity);
  log.finish();
  expect(new Recording(testConfig(), 'file', { log }).sampleAt(1e6)).toBe(2 ** 40);
});
