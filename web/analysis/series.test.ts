import { describe, expect, test } from 'vitest';
import { NODE } from '../recording/events';
import { Recording } from '../recording/recording';
import { ledgerOf } from './ledger';
import { depths, latency, throughput, utilisation } from './series';
import { MS, recordingOf, testConfig, testMetrics, journeyEvents } from './testing';

const window = { from: 0, to: 20 * MS };

/** Records at 0 and 10 ms, 9 ms each. */
function twoRecords(): Recording {
  const recording = recordingOf([...journeyEvents(0), ...journeyEvents(1, 10)]);
  ledgerOf(recording).catchUp();
  return recording;
}

function line(chart: { lines: { label: string; values: (number | null)[] }[] }, label: string) {
  return chart.lines.find((line) => line.label === label)?.values;
}

describe('from events', () => {
  test('throughput', () => {
    const chart = throughput(twoRecords(), window, 4);
    expect(chart.origin).toBe('events');
    expect(chart.times).toEqual([0.005, 0.01, 0.015, 0.02]);
    // Counted at 8 and 18 ms.
    expect(line(chart, 'processed')).toEqual([0, 200, 0, 200]);
    expect(line(chart, 'invalid')).toEqual([0, 0, 0, 0]);
  });

  test('depths are means', () => {
    const chart = depths(twoRecords(), window, 4);
    expect(chart.lines).toHaveLength(7);
    const valid = line(chart, 'validCh') as number[];
    expect(valid[0]).toBeCloseTo(0.2);
    expect(valid[1]).toBeCloseTo(0);
  });

  test('utilisation', () => {
    const chart = utilisation(twoRecords(), NODE.transformer, { from: 3 * MS, to: 13 * MS }, 2);
    expect(line(chart, 'busy')?.[0]).toBeCloseTo(0.2);
    expect(line(chart, 'waiting')?.[0]).toBeCloseTo(0.8);
  });

  test('latency', () => {
    const chart = latency(twoRecords(), window, 2);
    expect(line(chart, 'p50')).toEqual([0.009, 0.009]);
    expect(line(latency(twoRecords(), window, 4), 'p99')).toEqual([null, 0.009, null, 0.009]);
  });

  test('nothing is said of workers where only some records are traced', () => {
    const config = testConfig({ trace: { enabled: true, sample: 4, tasks: true, ring: 1024 } });
    const recording = recordingOf(journeyEvents(0), config);
    ledgerOf(recording).catchUp();
    expect(utilisation(recording, NODE.validator, window).times).toEqual([]);
    // Throughput is estimated.
    const chart = throughput(recording, window, 2);
    expect(chart.origin).toBe('sample');
    expect(line(chart, 'processed')?.[0]).toBeCloseTo(400);
  });

  test('nothing has happened yet', () => {
    const empty = new Recording(testConfig(), 'live');
    expect(throughput(empty, { from: 0, to: 0 }).times).toEqual([]);
    expect(latency(empty, { from: 0, to: 0 }).times).toEqual([]);
  });
});

describe('from measurements', () => {
  const recording = recordingOf(journeyEvents(0));
  for (let at = 1; at <= 40; at += 1) {
    recording.addSnapshot(
      testMetrics(
        {
          elapsed_seconds: at / 10,
          processed: 100 * at,
          failed_by_status: { invalid: 10 * at, transformation_error: 0 },
        },
        { validator: [{ busy_seconds: at / 20, ready_seconds: at / 40 }] },
        { validCh: { depth: at } },
      ),
    );
  }
  const all = { from: 0, to: 4e9 };

  test('throughput is that of all records', () => {
    const chart = throughput(recording, all, 10);
    expect(chart.origin).toBe('measured');
    expect(chart.times.length).toBeGreaterThan(8);
    for (const rate of line(chart, 'processed') ?? []) expect(rate).toBeCloseTo(1000);
    for (const rate of line(chart, 'invalid') ?? []) expect(rate).toBeCloseTo(100);
  });

  test('depths and shares', () => {
    expect(line(depths(recording, all), 'validCh')?.at(-1)).toBe(40);
    const chart = utilisation(recording, NODE.validator, all);
    expect(line(chart, 'busy')?.at(-1)).toBeCloseTo(0.5);
    expect(line(chart, 'ready (no thread)')?.at(-1)).toBeCloseTo(0.25);
    expect(line(chart, 'waiting')?.at(-1)).toBeCloseTo(0.25);
  });
});
