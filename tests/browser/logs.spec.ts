// How the page reads event logs: with the engine's code, which refuses what the command refuses.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { tablesOf } from '../../web/log-file/tables';
import { toLogFile } from '../../web/log-file/write';
import {
  AUDITED,
  journeyEvents,
  recordingOf,
  testConfig,
  testMetrics,
  words,
} from '../../web/analysis/testing';
import type { Config } from '../../web/engine/generated/Config';
import { EventLog, NONE, packed } from '../../web/recording/event-log';
import { EVENT_KINDS, NODE } from '../../web/recording/events';
import { Recording } from '../../web/recording/recording';
import { STANDARD } from '../../web/recording/topology';
import type { LoggedEvent } from '../../web/recording/event-log';
import { withDefaults } from '../../web/recording/merge';
import { printedNatively } from './cli';
import { inFormat1, readLog } from './logs';
import { expect, test } from './page';
import { openingRun } from '../../web/settings/settings';
import { button, control, drop, open } from './steps';

const head = `{"clearpipe_events":1,"kinds":["arrive"],"config":${JSON.stringify(testConfig())}}\n`;

const fileOf = (...parts: BlobPart[]) =>
  new Blob(parts).arrayBuffer().then((buffer) => new Uint8Array(buffer));

function eventsOf(log: EventLog): LoggedEvent[] {
  return Array.from({ length: log.length }, (_, at) => log.at(log.begin + at)).filter(
    (event) => event !== null,
  );
}

test('what the page writes, it reads again, with threads and without', async ({
  page,
  servers,
}) => {
  const recording = recordingOf([...journeyEvents(0), ...journeyEvents(2 ** 33, 1)]);
  for (const url of [servers.isolated, servers.plain]) {
    await open(page, url);
    const log = await readLog(page, await fileOf(await toLogFile(recording)));
    expect(eventsOf(log.recording.log)).toEqual(eventsOf(recording.log));
    expect(log.recording.config).toEqual(recording.config);
    expect(log.recording.topology.data).toEqual(recording.topology.data);
    expect([log.recording.origin, log.recording.kinds[17], log.warning]).toEqual([
      'file',
      'run_end',
      null,
    ]);
  }
});

test('any events that the page writes are read as they were', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const event = fc.record({
    time: fc.oneof(fc.nat(1e6), fc.integer({ min: 0, max: 2 ** 48 - 1 })),
    kind: fc.nat(EVENT_KINDS.length - 1),
    node: fc.oneof(fc.nat(6), fc.integer({ min: 16, max: 22 }), fc.nat(255)),
    worker: fc.oneof(fc.nat(3), fc.nat(65_535)),
    thread: fc.oneof(fc.nat(2), fc.nat(255)),
    record: fc.oneof(fc.constant(NONE), fc.nat(100), fc.integer({ min: 0, max: 2 ** 40 - 2 })),
  });
  // More than one block has.
  const logs = fc.sample(fc.array(event, { minLength: 1, maxLength: 10_000, size: 'max' }), {
    seed: 1,
    numRuns: 6,
  });
  expect(Math.max(...logs.map(({ length }) => length))).toBeGreaterThan(4096);
  for (const events of logs) {
    const log = new EventLog();
    const sorted = events.toSorted((a, b) => a.time - b.time);
    log.add(new BigUint64Array(sorted.flatMap(packed)), Infinity);
    log.finish();
    const recording = new Recording(testConfig(), 'over', { log });
    const read = await readLog(page, await fileOf(await toLogFile(recording)));
    expect(read.warning).toBeNull();
    expect(eventsOf(read.recording.log)).toEqual(eventsOf(log));
  }
});

test('a saved run has its changed settings, its figures and its marks', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  const [before, after] = [testConfig({ workers: 2 }), testConfig({ workers: 3 })];
  const recording = recordingOf(journeyEvents(0), before);
  recording.adjust(5e6, after);
  recording.end(testMetrics({ produced: 1, processed: 1, elapsed_seconds: 0.02 }));
  const marks = [{ time: 4e6, text: 'look \u202e here' }];
  const file = await fileOf(
    await toLogFile(recording, tablesOf(recording, marks, { withIds: false })),
  );
  const read = await readLog(page, file);
  expect(read.recording.adjustments).toEqual([{ time: 5e6, before, after }]);
  expect(read.recording.workersAt(NODE.validator, 4e6)).toBe(2);
  expect(read.recording.workersAt(NODE.validator, 5e6)).toBe(3);
  expect(read.recording.finalMetrics).toEqual(recording.finalMetrics);
  expect(read.marks).toEqual(marks);

  // The command reads the same.
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-logs-'));
  try {
    const path = join(folder, 'saved.events');
    writeFileSync(path, file);
    const summary: unknown = JSON.parse(await printedNatively(['events', 'summary', path]));
    expect(summary).toMatchObject({
      measured: { produced: 1, processed: 1, failed: 0, elapsed_seconds: 0.02 },
      changes: [{ at_ns: 5e6, settings: { workers: 3 } }],
      marks: [{ at_ns: 4e6, text: 'look \\u{202e} here' }],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a setting that the engine refuses while it runs is no change', async ({ page, servers }) => {
  await open(page, servers.isolated, { ...openingRun(), records: 5000 });
  await button(page, 'Run').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await control(page, 'Workers').fill('0');
  await expect(
    page.locator('#problems').getByRole('listitem', { includeHidden: true }),
  ).toHaveCount(1);
  await control(page, 'Workers').fill('4');
  const changes = () =>
    page.evaluate(() =>
      window.clearpipe.session.screen.recording?.adjustments.map(({ after }) => after.workers),
    );
  await expect.poll(changes).toEqual([4]);
});

test('the events of several threads are put in order, those of one stay in theirs', async ({
  page,
  servers,
}) => {
  const rounds = [0, 1, 2].map((round) =>
    words(
      [0, 1, 255].flatMap((thread) =>
        [1, 2, 2, 3].map((at, record) => ({
          at: 100 * round + at + thread / 1000,
          kind: 'arrive',
          node: 'dataCh',
          record,
          thread,
        })),
      ),
    ),
  );
  await open(page, servers.isolated);
  const file = await fileOf(head, ...(rounds as BigUint64Array<ArrayBuffer>[]));
  const events = eventsOf((await readLog(page, file)).recording.log);
  expect(events).toHaveLength(36);
  const times = events.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const thread of [0, 1, 255]) {
    const records = events.filter((event) => event.thread === thread).map(({ record }) => record);
    expect(records).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  }
});

test('events have any fields that fit into them', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const event = { time: 2 ** 47, kind: 0, node: 200, worker: 65535, thread: 254 };
  const events = [
    { ...event, record: 2 ** 40 - 2 },
    { ...event, record: NONE, thread: 255 },
  ];
  const file = await fileOf(head, new BigUint64Array(events.flatMap(packed)));
  expect(eventsOf((await readLog(page, file)).recording.log)).toMatchObject(events);
});

test('a log brings the topology of its pipeline, and has the usual one otherwise', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  const { stages, channels } = AUDITED.data;
  const named = stages.map((stage) =>
    stage.node === NODE.loader ? { ...stage, name: 'Archive\u202e', is_pool: true } : stage,
  );
  const config = testConfig({ channels: { ...testConfig().channels, capacity: 7, loader: 9 } });
  const with_ = (topology: unknown) => {
    const line = { clearpipe_events: 1, kinds: ['arrive'], topology, config };
    return new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  };
  const { recording } = await readLog(page, with_({ stages: named, channels }));
  expect(recording.topology.workerName(NODE.loader, 1)).toBe(String.raw`Archive\u{202e} 2`);
  expect(recording.topology.channels).toEqual(channels);
  expect(recording.capacities).toMatchObject({ dataCh: 7, loaderCh: 9, auditCh: 7 });
  const again = await readLog(page, await fileOf(await toLogFile(recording)));
  expect(again.recording.topology.data).toEqual(recording.topology.data);

  const usual = await readLog(page, new TextEncoder().encode(head));
  expect(usual.recording.topology.data).toEqual(STANDARD.data);
  for (const topology of [null, 7, { stages, channels: channels.slice(1) }]) {
    await expect(readLog(page, with_(topology))).rejects.toThrow('an impossible topology');
  }
});

test('a log of a run over files has the capacities of one', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const input = { ...testConfig().input, file: ['a.csv'] };
  const file = head.replace(JSON.stringify(testConfig()), JSON.stringify(testConfig({ input })));
  const { recording } = await readLog(page, new TextEncoder().encode(file));
  expect(recording.capacities).toMatchObject({ dataCh: 4096, metricsCh: 4096 });
});

test('a long log is read in parts', async ({ page, servers }) => {
  // Two threads, each behind the other in turn, in parts that no block of the reader fits.
  const part = (from: number, thread: number) =>
    Array.from({ length: 30_000 }, (_, at) => ({
      ...{ at: from + at / 1000, kind: 'arrive' as const, node: 'dataCh' as const, thread },
    }));
  const parts = [0, 10, 20, 30, 40].flatMap((from) => [part(from, 0), part(from, 1)]);
  await open(page, servers.isolated);
  const file = await fileOf(
    head,
    ...parts.map((part) => words(part) as BigUint64Array<ArrayBuffer>),
  );
  await drop(page, 'long.events', Buffer.from(file));
  await expect(page.getByText('long.events: an event log, recorded elsewhere')).toBeVisible();
  const { length, isSorted } = await page.evaluate(() => {
    const { log } = window.clearpipe.session.screen.recording ?? {};
    if (!log) throw new Error('there is no recording');
    let isSorted = true;
    for (let at = log.begin + 1; at < log.end; at += 1)
      isSorted &&= log.time(at - 1) <= log.time(at);
    return { length: log.length, isSorted };
  });
  expect([length, isSorted]).toEqual([300_000, true]);
});

test('kinds that this version does not know are kept, if the log names them', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  const unknown = { time: 5e6, kind: 99, node: 3, worker: 0, thread: 0, record: 1 };
  const events = new BigUint64Array(packed(unknown));
  const kinds = Array.from({ length: 100 }, (_, kind) => `kind ${kind}`);
  const named = head.replace('["arrive"]', JSON.stringify(kinds));
  const log = await readLog(page, await fileOf(named, events));
  expect(log.recording.log.at(0)).toMatchObject(unknown);
  expect(log.recording.kinds[99]).toBe('kind 99');
  const saved = await readLog(page, await fileOf(await toLogFile(log.recording)));
  expect(saved.recording.kinds).toEqual(kinds);
  expect(saved.recording.log.at(0)).toMatchObject(unknown);
  await expect(readLog(page, await fileOf(head, events))).rejects.toThrow(
    'there is an event of the kind 99, which its first line does not name',
  );
});

test('an event that is cut off is reported, and the rest is shown', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const log = inFormat1(recordingOf(journeyEvents(0)));
  await drop(page, 'cut.events', Buffer.from(await fileOf(log, new Uint8Array(7))));
  await expect(page.getByText('The file ends in the middle of an event')).toBeVisible();
});

test('what is the matter with a log is said', async ({ page, servers }) => {
  await open(page, servers.isolated);
  for (const [text, expected] of [
    ['', 'it is not an event log'],
    ['{"id":"rec-0001"}\n', 'it is not an event log'],
    ['{"clearpipe_events":1,"config":{', 'its first line is damaged'],
    ['{"clearpipe_events":1,"config":{\n', 'its first line is damaged'],
    ['{"clearpipe_events":3,"config":{}}\n', 'a newer version of Clearpipe (format 3'],
    ['{"clearpipe_events":1}\n', 'its first line has no configuration'],
  ] as const) {
    await expect(readLog(page, new TextEncoder().encode(text))).rejects.toThrow(expected);
  }
  await drop(page, 'broken.events', Buffer.from('{"clearpipe_events":1,"config":{\n'));
  await expect(
    page.getByText('broken.events can’t be read: its first line is damaged'),
  ).toBeVisible();
});

test('a configuration that no run can have is refused', async ({ page, servers }) => {
  const vectors = JSON.parse(
    readFileSync(new URL('../vectors/logged-configs.json', import.meta.url), 'utf8'),
  ) as { config: Partial<Config>; problem: string | null }[];
  await open(page, servers.isolated);
  // JavaScript can't write numbers beyond this; the engine's own test reads them too.
  const isExact = ({ records = 0 }: Partial<Config>) => records <= Number.MAX_SAFE_INTEGER;
  for (const { config, problem } of vectors.filter(({ config }) => isExact(config))) {
    const whole = withDefaults(config, testConfig());
    const line = `{"clearpipe_events":1,"config":${JSON.stringify(whole)}}\n`;
    const read = readLog(page, new TextEncoder().encode(line));
    if (problem === null) await read;
    else await expect(read).rejects.toThrow(`no run can have: \`${problem}\``);
  }
});
