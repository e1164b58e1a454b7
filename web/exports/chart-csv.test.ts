import { expect, test } from 'vitest';
import { MS, journeyEvents, recordingOf } from '../analysis/testing';
import { ledgerOf } from '../analysis/ledger';
import { throughput } from '../analysis/series';
import { chartsOf, toCsv } from './chart-csv';

test('each known value is a row', () => {
  const chart = {
    times: [0.5, 1],
    lines: [
      { label: 'processed', values: [2, null] },
      { label: 'invalid', values: [0.1 + 0.2, 1e-3] },
    ],
    origin: 'events' as const,
  };
  expect(toCsv([{ name: 'throughput', unit: 'records/s', chart }])).toBe(
    'chart,series,until_seconds,value,unit,origin\r\n' +
      'throughput,processed,0.5,2,records/s,events\r\n' +
      'throughput,invalid,0.5,0.3,records/s,events\r\n' +
      'throughput,invalid,1,0.001,records/s,events\r\n',
  );
});

test('names stay in their cell, and are no formulas', () => {
  const chart = { times: [1], lines: [{ label: '=1+1', values: [1] }], origin: 'events' as const };
  const [, row] = toCsv([{ name: 'a, "b"\u202e', unit: '', chart }]).split('\r\n');
  expect(row).toBe(`"a, ""b""\\u{202e}",'=1+1,1,1,,events`);
});

test('all charts of a run are there, with the numbers of the charts', () => {
  const recording = recordingOf(
    Array.from({ length: 30 }, (_, record) => journeyEvents(record, 12 * record)).flat(),
  );
  ledgerOf(recording).catchUp();
  const window = { from: 0, to: recording.duration };
  const charts = chartsOf(recording, window);
  expect(charts.map(({ name }) => name)).toEqual([
    ...['throughput', 'depth', 'latency'],
    ...['Producer', 'Validators', 'Transformers', 'Fan-out', 'Loader', 'Error Handler'].map(
      (stage) => `time of ${stage}`,
    ),
    'time of Metrics Collector',
  ]);
  const { times, lines } = throughput(recording, window);
  const rows = toCsv(charts)
    .split('\r\n')
    .map((row) => row.split(','))
    .filter(([chart, series]) => chart === 'throughput' && series === 'processed');
  expect(rows.map(([, , until]) => Number(until))).toEqual(
    times.map((time) => Number(time.toFixed(9))),
  );
  expect(rows.map(([, , , value]) => Number(value))).toEqual(
    lines[0]?.values.map((value) => Number((value ?? NaN).toFixed(9))),
  );
  const seconds = rows.map(([, , until], at) => Number(until) - Number(rows[at - 1]?.[2] ?? 0));
  const all = rows.reduce((sum, [, , , value], at) => sum + Number(value) * (seconds[at] ?? 0), 0);
  expect(all).toBeCloseTo(30, 3);
  expect(recording.duration).toBe((29 * 12 + 9) * MS);
});
