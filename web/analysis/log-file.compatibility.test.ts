// An event log that users may have, and how the page must always read it:
// `tests/compatibility/format-1.events`. The expected lines are the output of `clearpipe events
// --json`, and the expected figures are from the run's metrics.

import { beforeAll, expect, test } from 'vitest';
import lines from '../../tests/compatibility/format-1.jsonl?raw';
import figures from '../../tests/compatibility/format-1.figures.json';
import log from '../../tests/compatibility/format-1.events?url&inline';
import { NONE } from '../recording/event-log';
import { OUTSIDE } from '../recording/events';
import { isLogFile, readLogFile, toLogFile } from './log-file';
import type { LogFile } from './log-file';
import { journeyOf } from './journey';
import { ledgerOf } from './ledger';
import { metricsFromEvents } from './metrics-from-events';

let blob: Blob;
let file: LogFile;

beforeAll(async () => {
  blob = await (await fetch(log)).blob();
  file = await readLogFile(blob);
  ledgerOf(file.recording).catchUp();
});

/** Returns the events as `clearpipe events --json` prints them. */
function linesOf({ recording, kinds }: LogFile): string[] {
  const events = recording.log;
  const lines: string[] = [];
  for (let index = events.begin; index < events.end; index += 1) {
    const [thread, record] = [events.thread(index), events.record(index)];
    lines.push(
      JSON.stringify({
        time_ns: events.time(index),
        place: recording.topology.nameOf(events.node(index)),
        worker: events.worker(index),
        thread: thread === OUTSIDE ? null : thread,
        kind: kinds[events.kind(index)],
        record: record === NONE ? null : record,
      }),
    );
  }
  return lines;
}

test('every event is as it was recorded', async () => {
  expect(await isLogFile(blob)).toBe(true);
  expect(file.warning).toBeNull();
  expect(linesOf(file)).toEqual(lines.trim().split('\n'));
});

test('the configuration is that of the run', () => {
  const { config } = file.recording;
  expect(config).toMatchObject(figures.config);
  expect(file.recording.isVirtual).toBe(true);
});

test('the figures are those of the run', () => {
  const { recording } = file;
  const metrics = metricsFromEvents(recording, recording.log.lastTime);
  const { produced, processed, failed, failed_by_status, channels, threads } = metrics;
  const passed = Object.fromEntries(channels.map(({ channel, passed }) => [channel, passed]));
  expect({ produced, processed, failed, failed_by_status, threads, passed }).toEqual(figures.run);
  expect(recording.log.lastTime / 1e9).toBe(figures.seconds);
  expect(recording.sampleAt(0)).toBe(1);
});

test('the journey of each record ends as it did', () => {
  const outcomes = figures.outcomes.map((_, record) => journeyOf(file.recording, record)?.outcome);
  expect(outcomes).toEqual(figures.outcomes);
});

test('the page writes it again so that the same is in it', async () => {
  const again = await readLogFile(toLogFile(file.recording));
  expect(linesOf(again)).toEqual(linesOf(file));
  expect(again.recording.config).toEqual(file.recording.config);
});
