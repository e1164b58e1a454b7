// Event logs that users may have, and how the page must always read them: those of a run in each
// format, in `tests/compatibility`. The expected lines are the output of `clearpipe events --json`,
// and the expected figures are from the run's metrics.

import { readFileSync } from 'node:fs';
import { journeyOf } from '../../web/analysis/journey';
import { ledgerOf } from '../../web/analysis/ledger';
import { isLogFile } from '../../web/log-file/is-log-file';
import { toLogFile } from '../../web/log-file/write';
import { metricsFromEvents } from '../../web/analysis/metrics-from-events';
import type { LoggedRun } from '../../web/log-file/open';
import { NONE } from '../../web/recording/event-log';
import { OUTSIDE } from '../../web/recording/events';
import { bytesOf, readLog } from './logs';
import { expect, test } from './page';
import { open } from './steps';

const folder = new URL('../compatibility/', import.meta.url);
const lines = readFileSync(new URL('format-1.jsonl', folder), 'utf8');
const figures = JSON.parse(readFileSync(new URL('format-1.figures.json', folder), 'utf8')) as {
  config: Record<string, unknown>;
  seconds: number;
  run: Record<string, unknown>;
  outcomes: string[];
};

/** Returns the events as `clearpipe events --json` prints them. */
function linesOf({ recording }: LoggedRun): string[] {
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
        kind: recording.kinds[events.kind(index)],
        record: record === NONE ? null : record,
      }),
    );
  }
  return lines;
}

for (const name of ['format-1.events', 'format-2.events']) {
  test(`${name} is read as it was recorded`, async ({ page, servers }) => {
    const bytes = readFileSync(new URL(name, folder));
    expect(await isLogFile(new Blob([bytes]))).toBe(true);
    await open(page, servers.isolated);
    const file = await readLog(page, bytes);
    const { recording, warning } = file;
    expect(warning).toBeNull();
    expect(linesOf(file)).toEqual(lines.trim().split('\n'));

    expect(recording.config).toMatchObject(figures.config);
    expect(recording.isVirtual).toBe(true);

    ledgerOf(recording).catchUp();
    const metrics = metricsFromEvents(recording, recording.log.lastTime);
    const { produced, processed, failed, failed_by_status, channels, threads } = metrics;
    const passed = Object.fromEntries(channels.map(({ channel, passed }) => [channel, passed]));
    expect({ produced, processed, failed, failed_by_status, threads, passed }).toEqual(figures.run);
    expect(recording.log.lastTime / 1e9).toBe(figures.seconds);
    expect(recording.sampleAt(0)).toBe(1);

    const outcomes = figures.outcomes.map((_, record) => journeyOf(recording, record)?.outcome);
    expect(outcomes).toEqual(figures.outcomes);

    // The page writes the same again.
    const again = await readLog(page, await bytesOf(toLogFile(recording)));
    expect(linesOf(again)).toEqual(linesOf(file));
    expect(again.recording.config).toEqual(recording.config);
  });
}
