import { describe, expect, test } from 'vitest';
import { journeyEvents, recordingOf, testConfig } from '../analysis/testing';
import type { TestEvent } from '../analysis/testing';
import type { Recording } from '../recording/recording';
import { STANDARD } from '../recording/topology';
import { timelineDataOf } from '../timeline/timeline-data';
import { ALIGNMENTS, partnerOf } from './alignment';
import { differencesOf, headlineOf, settingsText } from './differences';
import { figuresOf } from './figures';
import { binsOf } from './histogram';
import { pairLanes } from './pair-lanes';

const MS = 1e6;

/** A run whose records are born this many milliseconds apart; each takes 9 ms. */
function runOf(spacing: number, records = 101, config = testConfig()): Recording {
  const events = Array.from({ length: records }, (_, record) =>
    journeyEvents(record, record * spacing),
  ).flat();
  return recordingOf(inOrder(events), config);
}

const inOrder = (events: TestEvent[]) => events.sort((one, other) => one.at - other.at);

function dataOf(recording: Recording) {
  const data = timelineDataOf(recording);
  data.advance();
  return data;
}

describe('alignment', () => {
  const [a, b] = [dataOf(runOf(10)), dataOf(runOf(5))];

  test('by time, times are the same', () => {
    expect(partnerOf('time', a, b, 123)).toEqual({ time: 123, pace: 1 });
  });

  test('by share, the ends are one moment', () => {
    const { time, pace } = partnerOf('share', a, b, a.recording.duration);
    expect(time).toBeCloseTo(b.recording.duration, 3);
    expect(pace).toBeCloseTo(509 / 1009, 6);
  });

  test('by records, as many have ended in both', () => {
    for (let time = 0; time <= a.recording.duration; time += 3.7 * MS) {
      const partner = partnerOf('records', a, b, time).time;
      const done = a.ends.after(time);
      // A step of B may be reached a rounding error earlier.
      expect([done, done + 1]).toContain(b.ends.after(partner + 1));
    }
    expect(partnerOf('records', a, b, a.recording.duration).time).toBe(b.recording.duration);
    expect(partnerOf('records', a, b, 500 * MS).pace).toBeCloseTo(0.5, 6);
  });

  test('a run is beside itself at the same time, however it is aligned', () => {
    for (const alignment of ALIGNMENTS) {
      for (let time = 0; time <= a.recording.duration; time += 31.3 * MS) {
        expect(partnerOf(alignment, a, a, time).time).toBeCloseTo(time, 0);
      }
    }
  });

  test('a run in which nothing ends stands where the other one is', () => {
    const none = dataOf(recordingOf([{ at: 5, kind: 'produced', node: 'producer', record: 0 }]));
    const { time, pace } = partnerOf('records', none, a, 2 * MS);
    expect(Number.isFinite(time) && Number.isFinite(pace)).toBe(true);
  });
});

describe('the figures of a run', () => {
  test('are those of its middle part', () => {
    const figures = figuresOf(dataOf(runOf(10)));
    expect(figures).not.toBeNull();
    if (!figures) return;
    expect([figures.from, figures.to]).toEqual([109 * MS, 909 * MS]);
    expect(figures.records).toBe(80);
    expect(figures.rate).toBeCloseTo(100, 6);
    expect(figures.median).toBeCloseTo(0.009, 9);
    expect(figures.p99).toBeCloseTo(0.009, 9);
    expect(figures.growth).toBe(0);
    const shares = figures.busy.map(({ value }) => value);
    // One of three workers works 1 ms of 10.
    expect(shares.length).toBe(2);
    for (const share of shares) expect(share).toBeCloseTo(1 / 30, 3);
    expect(figures.longest.map(({ value }) => value)).toEqual([1, 1]);
  });

  test('are unknown if little ended, or if the log lost its beginning', () => {
    expect(figuresOf(dataOf(runOf(10, 9)))).toBeNull();
    const events = Array.from({ length: 100 }, (_, at) => journeyEvents(at, at * 10)).flat();
    const dropped = recordingOf(inOrder(events), testConfig(), { most: 256 });
    expect(dropped.log.dropped).toBeGreaterThan(0);
    expect(figuresOf(dataOf(dropped))).toBeNull();
    expect(headlineOf(null, null)).toBe('Too little has ended to compare');
  });
});

describe('differences', () => {
  const [a, b] = [figuresOf(dataOf(runOf(10))), figuresOf(dataOf(runOf(8)))];
  if (!a || !b) throw new Error('both have figures');

  test('are told by sign and by word', () => {
    const rows = differencesOf(a, b, STANDARD);
    expect(rows[0]).toEqual({
      ...{ name: 'records/s', a: '100', b: '125', change: '+25\u00a0%, more' },
      ...{ values: { a: 100, b: 125 }, unit: 'records/s' },
    });
    expect(rows[1]).toMatchObject({ name: 'median latency', change: 'the same' });
    expect(differencesOf(b, a, STANDARD)[0]?.change).toBe('−20\u00a0%, fewer');
    // Nobody is blocked in either run.
    expect(rows.some(({ name }) => name.includes('blocked'))).toBe(false);
  });

  test('a headline says the largest that counts, in at most 60 characters', () => {
    expect(headlineOf(a, b)).toBe('B passes 25\u00a0% more');
    expect(headlineOf(b, a)).toBe('B passes 20\u00a0% fewer');
    expect(headlineOf(a, a)).toBe('Both come out the same');
    const slow = { ...a, median: 0.018 };
    expect(headlineOf(a, slow)).toBe('As many pass in B, 100\u00a0% slower each');
    expect(headlineOf(slow, a)).toBe('As many pass in B, 50\u00a0% faster each');
  });

  test('settings that differ are named', () => {
    const config = testConfig();
    const { transformer, validator } = config;
    expect(settingsText(config, config)).toBe('Both have the same settings.');
    expect(settingsText(config, { ...config, transformer: { ...transformer, workers: 7 } })).toBe(
      'Transformers 3 → 7. All else is the same.',
    );
    // Each pool has what both had.
    const own = {
      ...config,
      transformer: { ...transformer, workers: config.workers },
      validator: { ...validator, workers: config.workers },
    };
    expect(settingsText(config, own)).toBe('Both have the same settings.');
    // Not how a run is traced.
    expect(settingsText(config, { ...config, trace: { ...config.trace, sample: 9 } })).toBe(
      'Both have the same settings.',
    );
    const many = { ...own, seed: 12_345, records: 2, batch: '3', ordered: false, window_bytes: 4 };
    expect(settingsText(config, many)).toMatch(/^(.+), (.+), (.+) and \d more\. All else/);
  });
});

describe('distributions', () => {
  test('share their bins, and each sums to all of its records', () => {
    const bins = binsOf(Float64Array.from([0.1, 0.2, 0.9]), Float64Array.from([0.5]));
    expect(bins).not.toBeNull();
    if (!bins) return;
    for (const shares of [bins.a, bins.b]) {
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      expect(shares).toHaveLength(bins.a.length);
    }
    expect(bins.b[Math.floor(0.5 / bins.width)]).toBe(1);
    expect(bins.end).toBeGreaterThan(0.9);
    expect(binsOf(new Float64Array(), new Float64Array())).toBeNull();
  });
});

describe('lanes of two runs', () => {
  test('each of the first is above the same one of the second', () => {
    const lanes = pairLanes(STANDARD, 400);
    expect(lanes.length).toBe(10);
    for (let at = 0; at < lanes.length; at += 2) {
      const [a, b] = [lanes[at], lanes[at + 1]];
      expect([a?.side, b?.side]).toEqual(['a', 'b']);
      expect(a?.content).toEqual(b?.content);
      expect((a?.y ?? 0) + (a?.height ?? 0)).toBeLessThan(b?.y ?? 0);
    }
    const last = lanes.at(-1);
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(400);
  });

  test('with little space, what is at the end of the pipeline stays', () => {
    const labels = (height: number) => [
      ...new Set(pairLanes(STANDARD, height).map(({ label }) => label)),
    ];
    expect(labels(300)).toEqual(['records/s', 'dataCh', 'validCh', 'Validators', 'Transformers']);
    expect(labels(80)).toEqual(['validCh', 'Transformers']);
    expect(labels(10)).toEqual(['validCh']);
  });
});
