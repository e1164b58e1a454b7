import { expect, test } from 'vitest';
import { journeyEvents, recordingOf, testConfig, testMetrics } from '../analysis/testing';
import { readTables, tablesOf } from './tables';

const MARKS = [{ time: 1.5e6, text: 'here' }];

function run() {
  const recording = recordingOf(journeyEvents(0));
  recording.adjust(2e6, testConfig({ workers: 7 }));
  recording.ids.add([0, 'r-1']);
  recording.lines.set(0, 'a line');
  const reason = { text: 'a value' } as never;
  recording.addSnapshot(testMetrics({ elapsed_seconds: 0.1 }));
  recording.end({ ...testMetrics({ produced: 1, elapsed_seconds: 0.2 }), reasons: [reason] });
  return recording;
}

test('tables are read as they were written', () => {
  const recording = run();
  const read = readTables(JSON.stringify(tablesOf(recording, MARKS, { withIds: true })));
  expect(read.changes).toEqual([
    { at_ns: 2e6, config: expect.objectContaining({ workers: 7 }) as unknown },
  ]);
  expect(read.marks).toEqual(MARKS);
  expect(read.records).toEqual([[0, 'r-1', 'a line']]);
  expect(read.final).toEqual({ ...recording.finalMetrics, reasons: [] });
  // The events say more.
  expect(read.metrics).toEqual([]);
});

test('they have no values of the user’s records unless that is wanted', () => {
  const text = JSON.stringify(tablesOf(run(), [], { withIds: false }));
  expect(text).not.toContain('r-1');
  expect(text).not.toContain('a line');
  expect(text).not.toContain('a value');
});

test('where not every record is traced, there are measurements, but not too many', () => {
  const recording = recordingOf(
    journeyEvents(0),
    testConfig({ trace: { ...testConfig().trace, sample: 10 } }),
  );
  for (let tenth = 1; tenth <= 1000; tenth += 1) {
    recording.addSnapshot(testMetrics({ elapsed_seconds: tenth / 10, trace_sample: 10 }));
  }
  const read = readTables(JSON.stringify(tablesOf(recording, [], { withIds: false })));
  expect(read.metrics.length).toBeGreaterThan(200);
  expect(read.metrics.length).toBeLessThanOrEqual(256);
  expect(read.metrics.at(-1)?.at_ns).toBe(100e9);
});

test('what a file can’t have is left out', () => {
  const good = testMetrics();
  const wrong = [
    { ...good, produced: '7' },
    { ...good, latency: {} },
    { ...good, stages: [{ stage: 'loader', workers: [{}] }] },
    { ...good, channels: [null] },
    { ...good, failed_by_status: null },
    null,
  ];
  const metrics = [good, ...wrong].map((metrics, at) => ({ at_ns: at, metrics }));
  for (const final of metrics.slice(1)) {
    expect(readTables(JSON.stringify({ final })).final).toBeNull();
  }
  const read = readTables(
    JSON.stringify({
      metrics,
      final: metrics[0],
      records: [[1, 'a'], [2], ['3', 'c'], [4, 'd', 5], [6, 'f', '{}'], null],
      marks: [
        { at_ns: 1, text: 'a\nb' },
        { at_ns: 2 },
        ...Array.from({ length: 30 }, () => ({ at_ns: 3, text: '' })),
      ],
    }),
  );
  expect(read.metrics.map(({ at_ns }) => at_ns)).toEqual([0]);
  expect(read.final).toEqual(good);
  expect(read.records).toEqual([
    [1, 'a'],
    [6, 'f', '{}'],
  ]);
  expect([read.marks.length, read.marks[0]?.text]).toEqual([20, 'a b']);
  expect(readTables(null)).toEqual({
    changes: [],
    metrics: [],
    final: null,
    records: [],
    marks: [],
  });
});
