import { expect, test } from 'vitest';
import type { LogHandle } from '../engine/client';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import type { LogContents } from '../engine/protocol';
import { MAX_EVENTS } from '../recording/event-log';
import { EVENT_KINDS } from '../recording/events';
import { withDefaults } from '../recording/merge';
import { STANDARD } from '../recording/topology';
import { capacityAt } from '../analysis/capacity';
import { toLogFile } from './write';
import { loggedFigures } from '../analysis/logged-figures';
import { openLog } from './open';
import type { LoggedRun } from './open';
import { journeyEvents, testConfig, words } from '../analysis/testing';

/** Stands in for the engine: a log with these parts of events. */
class FakeReader implements LogHandle {
  readonly contents: LogContents;
  readonly #parts: BigUint64Array[];
  isClosed = false;

  constructor(parts: readonly BigUint64Array[], changes: Partial<LogContents> = {}) {
    this.#parts = [...parts];
    const { data } = STANDARD;
    const events = parts.reduce((sum, { length }) => sum + length / 2, 0);
    const kinds = [...EVENT_KINDS];
    const contents = {
      kinds,
      topology: data,
      config: testConfig(),
      capacities: {},
      part: null,
      tables: null,
      warning: null,
    };
    this.contents = { ...contents, events, ...changes };
  }

  readonly next = (): ReturnType<LogHandle['next']> =>
    Promise.resolve((this.#parts.shift() as BigUint64Array<ArrayBuffer> | undefined) ?? null);

  close(): void {
    this.isClosed = true;
  }
}

async function opened(log: LogHandle): Promise<LoggedRun> {
  const run = await openLog(log);
  if (!run) throw new Error('it was given up');
  return run;
}

test('a log that isn’t wanted any more is closed', async () => {
  const reader = new FakeReader([words(journeyEvents(0)), words(journeyEvents(1))]);
  expect(await openLog(reader, () => false)).toBeNull();
  expect(reader.isClosed).toBe(true);
  expect(await reader.next()).not.toBeNull();
});

test('a log becomes a recording', async () => {
  const reader = new FakeReader([words(journeyEvents(0)), words(journeyEvents(1, 20))], {
    capacities: { dataCh: 7, auditCh: 9 },
  });
  const { recording, warning } = await opened(reader);
  expect(recording.log.length).toBe(2 * journeyEvents(0).length);
  expect([recording.origin, recording.kinds[17], warning]).toEqual(['file', 'run_end', null]);
  expect(['dataCh', 'auditCh', 'validCh'].map((id) => capacityAt(recording, id, 0))).toEqual([
    7, 9, 100,
  ]);
  expect(reader.isClosed).toBe(true);
});

test('settings that a log doesn’t have are the defaults', async () => {
  const config: PartialConfig = { workers: 7, trace: { sample: 3 } };
  const { recording } = await opened(new FakeReader([], { config }));
  expect(recording.config).toEqual(withDefaults(config, DEFAULT_CONFIG));
});

test('what is wrong with a log is reported, and the rest is shown', async () => {
  const reader = new FakeReader([words(journeyEvents(0))], { warning: 'It is cut off.' });
  const { recording, warning } = await opened(reader);
  expect(recording.log.length).toBe(journeyEvents(0).length);
  expect(warning).toBe('It is cut off.');
});

test('a log with more events than are wanted is refused', async () => {
  const reader = new FakeReader([words(journeyEvents(0))]);
  await expect(openLog(reader, () => true, 3)).rejects.toThrow('it has too many events');
  expect(reader.isClosed).toBe(true);
});

test('of too many events, the last ones are kept', async () => {
  const part = new BigUint64Array(2 * MAX_EVENTS);
  const { recording, warning } = await opened(new FakeReader([part, part, part, part, part]));
  expect(recording.log.length).toBe(4 * MAX_EVENTS);
  expect(warning).toContain('The log has 5,242,880 events; the last 4,194,304 are shown.');
});

test.each([null, {}])('a log without a configuration is refused: %j', async (config) => {
  const reader = new FakeReader([], { config });
  await expect(openLog(reader)).rejects.toThrow('its first line has no configuration');
  expect(reader.isClosed).toBe(true);
});

test('of a part of a run, the recording begins with it and the message names it', async () => {
  const part = { from_ns: 4e6, to_ns: 6e6, events_before: 70, events_after: 9, halvings: 1 };
  const reader = new FakeReader([words(journeyEvents(3))], { part });
  const { recording, warning } = await opened(reader);
  expect([recording.log.begin, recording.log.firstTime]).toEqual([70, 4e6]);
  expect(recording.sampleAt(5e6)).toBe(2 * recording.config.trace.sample);
  expect(warning).toBe(
    'The log has only a part of its run, from 0.004000\u00a0s to 0.006000\u00a0s. The totals of the run aren’t known.',
  );
  expect(loggedFigures(recording)).toBeNull();
  expect(recording.isOverAt(recording.duration)).toBe(false);
  const head = await (await toLogFile(recording)).slice(0, 20_000).text();
  const line = JSON.parse(head.slice(0, head.indexOf('\n'))) as { part: unknown };
  expect(line.part).toEqual({ ...part, to_ns: recording.log.lastTime });
});

test('a part that begins with the run has its totals', async () => {
  const part = { from_ns: 0, to_ns: 6e6, events_before: 0, events_after: 0, halvings: 0 };
  const { recording, warning } = await opened(new FakeReader([words(journeyEvents(3))], { part }));
  expect([recording.log.begin, recording.log.dropped]).toEqual([0, 0]);
  expect(recording.isOverAt(recording.duration)).toBe(true);
  expect(warning).toBe(
    'The log has only a part of its run, from 0.000000\u00a0s to 0.006000\u00a0s.',
  );
});
