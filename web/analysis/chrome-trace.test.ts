import { expect, test } from 'vitest';
import { toChromeTrace } from './chrome-trace';
import { recordingOf, journeyEvents } from './testing';

interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid?: number;
  ts?: number;
  dur?: number;
  args?: Record<string, unknown>;
}

test('a track for each worker and thread, a counter for each channel', async () => {
  const recording = recordingOf([
    { at: 0, kind: 'runStart', place: 'producer', thread: 1 },
    ...journeyEvents(7),
    { at: 10, kind: 'runEnd', place: 'producer', thread: 1 },
  ]);
  const { traceEvents } = JSON.parse(await toChromeTrace(recording).text()) as {
    traceEvents: TraceEvent[];
  };
  const names = traceEvents
    .filter(({ name }) => name === 'thread_name')
    .map(({ args }) => args?.name);
  expect(names).toContain('Validator 1');
  expect(names).toContain('Loader');
  expect(names).toContain('thread 2');

  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  expect(slices).toContainEqual({
    ph: 'X',
    name: 'record 7',
    pid: 1,
    tid: 65536,
    ts: 1000,
    dur: 1000,
    args: { record: 7 },
  });
  expect(slices).toContainEqual({ ph: 'X', name: 'Producer', pid: 2, tid: 1, ts: 0, dur: 10_000 });

  const counts = traceEvents.filter(({ ph, name }) => ph === 'C' && name === 'validCh');
  expect(counts.map(({ ts, args }) => [ts, args?.records])).toEqual([
    [2000, 1],
    [3000, 0],
  ]);
});

test('an empty recording is a trace as well', async () => {
  const trace = JSON.parse(await toChromeTrace(recordingOf([])).text()) as object;
  expect(trace).toHaveProperty('traceEvents');
});
