import { describe, expect, test } from 'vitest';
import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import type { StageService } from '../engine/generated/StageService';
import type { Stage } from '../engine/generated/Stage';
import { CHANNELS } from '../recording/events';
import { Recording } from '../recording/recording';
import { diagnose } from './bottleneck';
import type { Diagnosis, Saturation } from './bottleneck';
import { saturationOf } from './saturation';
import { testConfig, testMetrics } from './testing';

/**
 * Shares of a stage's time, in percent: busy, ready, blocked. It waits for the rest of the time.
 */
type Spent = [busy: number, ready?: number, blocked?: number];

interface Situation {
  stages?: Partial<Record<Stage, Spent>>;
  /** The percentage of time that each sender of a channel is blocked. */
  full?: Partial<Record<string, number>>;
  pools?: number;
  config?: Partial<Config>;
  metrics?: Partial<Metrics>;
  cores?: number;
  fullness?: Saturation;
  before?: Metrics;
}

/** Ten seconds. */
const TIME = 10;

function found(situation: Situation): Diagnosis {
  const { stages = {}, full = {}, pools = 3, config = {}, metrics = {}, cores = 2 } = situation;
  const senders: Record<string, number> = {
    validCh: pools,
    processedCh: pools,
    errorCh: 2 * pools,
  };
  const workersOf = (stage: Stage) => {
    const [busy, ready = 0, blocked = 0] = stages[stage] ?? [0];
    const worker = {
      state: 'busy' as const,
      busy_seconds: (busy / 100) * TIME,
      ready_seconds: (ready / 100) * TIME,
      blocked_seconds: (blocked / 100) * TIME,
    };
    const isPool = stage === 'validator' || stage === 'transformer';
    return Array.from({ length: isPool ? pools : 1 }, () => worker);
  };
  const now = testMetrics(
    { elapsed_seconds: TIME, produced: 1000, processed: 1000, ...metrics },
    {
      producer: workersOf('producer'),
      validator: workersOf('validator'),
      transformer: workersOf('transformer'),
      fan_out: workersOf('fan_out'),
      loader: workersOf('loader'),
      error_handler: workersOf('error_handler'),
      metrics_collector: workersOf('metrics_collector'),
    },
    Object.fromEntries(
      CHANNELS.map((channel) => [
        channel,
        {
          passed: channel === 'errorCh' ? 0 : 1000,
          blocked_seconds: ((full[channel] ?? 0) / 100) * TIME * (senders[channel] ?? 1),
        },
      ]),
    ),
  );
  return diagnose(now, situation.before, testConfig(config), cores, situation.fullness);
}

function service(stages: Partial<Record<Stage, StageService>>): Partial<Config> {
  return { service: { ...testConfig().service, ...stages } };
}

const waits = { wait: '5ms', compute: 'off' };
const computes = { wait: 'off', compute: '5ms' };

/** Three Transformers that wait for their service time. */
const slowTransformers: Situation = {
  stages: {
    producer: [2, 0, 95],
    validator: [10, 0, 85],
    transformer: [98],
    fan_out: [1],
    loader: [40],
  },
  full: { dataCh: 95, validCh: 85 },
  config: service({ transformer: waits, loader: waits }),
};

describe('a pool with too few workers', () => {
  test('is named, with what a worker more would bring', () => {
    const diagnosis = found(slowTransformers);
    expect(plain(diagnosis.sentence)).toBe(
      'Transformers: 98 % busy, those who send to validCh blocked 85 % of the time; a fourth worker would help, by up to 33 %.',
    );
    expect(diagnosis).toMatchObject({
      limit: 'workers',
      stage: 'transformer',
      changes: [{ path: 'transformer.workers', value: 4 }],
    });
  });

  test('counts the configured workers, and gives no advice before all of them are there', () => {
    const started = testMetrics(
      { elapsed_seconds: 10, produced: 1000, processed: 1000 },
      {
        producer: [{ state: 'blocked', blocked_seconds: 9 }],
        transformer: [
          { state: 'busy', busy_seconds: 9.8 },
          { state: 'busy', busy_seconds: 9.8 },
          { state: null },
        ],
      },
      { validCh: { passed: 1000, depth: 100 } },
    );
    const config = testConfig(service({ transformer: waits }));
    const of = (workers: number) => diagnose(started, undefined, { ...config, workers }, 2);
    expect(of(3)).toMatchObject({
      limit: 'workers',
      stage: 'transformer',
      advice: '',
      changes: [],
    });
    expect(of(2)).toMatchObject({ changes: [{ path: 'transformer.workers', value: 3 }] });
    expect(of(2).advice).toMatch(/^a third worker would help/);
  });

  test('says full of what was measured as full', () => {
    const fullness: Saturation = new Map([['validCh', { share: 0.91, measurements: 50 }]]);
    expect(plain(found({ ...slowTransformers, fullness }).finding)).toBe(
      'Transformers: 98 % busy, validCh full in 91 % of the measurements',
    );
    const few: Saturation = new Map([['validCh', { share: 0.91, measurements: 5 }]]);
    expect(found({ ...slowTransformers, fullness: few }).finding).toContain('blocked');
  });

  test('brings no more than the next stage can take', () => {
    const stages = { ...slowTransformers.stages, loader: [80] as Spent };
    const diagnosis = found({ ...slowTransformers, stages });
    expect(plain(diagnosis.advice)).toBe(
      'a fourth worker would help, by up to 23 %; then Loader would be the limit',
    );
  });

  test('brings nothing, if the next stage is at its limit as well', () => {
    const stages = { ...slowTransformers.stages, loader: [95] as Spent };
    expect(found({ ...slowTransformers, stages })).toMatchObject({
      limit: 'several',
      changes: [],
    });
  });

  test('that computes gets no further than the cores that are left', () => {
    const config = service({ transformer: computes });
    const stages = {
      ...slowTransformers.stages,
      validator: [5, 0, 90] as Spent,
      loader: [5] as Spent,
    };
    const few = found({ ...slowTransformers, stages, config, metrics: { threads: 4 } });
    expect(few).toMatchObject({ limit: 'workers' });
    // 2.94 for the Transformers, 0.23 for all others, of 4.
    expect(plain(few.advice)).toBe(
      'a fourth worker would help, by up to 26 %; then the threads would be the limit',
    );
  });
});

describe('cores', () => {
  const withoutThreads: Situation = {
    ...slowTransformers,
    stages: { producer: [2, 0, 95], validator: [3, 2, 90], transformer: [63, 35] },
    config: service({ transformer: computes }),
  };

  test('are the limit where workers are ready without a thread', () => {
    const diagnosis = found(withoutThreads);
    expect(diagnosis).toMatchObject({ limit: 'cores', stage: 'transformer', changes: [] });
    expect(plain(diagnosis.sentence)).toBe(
      'Transformers: 63 % busy, 35 % ready (no thread); a fourth worker would not help: both threads are busy; the machine has no more cores, so only less work for each record would help.',
    );
  });

  test('are the limit where as many compute as there are threads', () => {
    const stages: Situation['stages'] = { ...withoutThreads.stages, transformer: [98, 1] };
    expect(found({ ...withoutThreads, stages, pools: 2 })).toMatchObject({ limit: 'cores' });
  });

  test('more threads, where the machine has them', () => {
    expect(found({ ...withoutThreads, cores: 8 }).changes).toEqual([
      { path: 'runtime.threads', value: 8 },
    ]);
    const runtime = { kind: 'virtual' as const, cores: 2 };
    const virtual = found({ ...withoutThreads, config: { ...withoutThreads.config, runtime } });
    expect(virtual.changes).toEqual([{ path: 'runtime.cores', value: 3 }]);
    expect(virtual.advice).toContain('both simulated cores are busy');
  });

  test('are not the limit for a stage of its own that is busy on one of them', () => {
    const diagnosis = found({
      stages: { producer: [2, 0, 95], fan_out: [2, 0, 95], loader: [99] },
      full: { loaderCh: 95 },
      config: service({ loader: computes }),
    });
    expect(diagnosis.limit).toBe('slow-consumer');
  });

  test('all stages together', () => {
    const stages: Situation['stages'] = {
      producer: [60, 15, 15],
      validator: [20, 20],
      transformer: [20, 20],
      loader: [30],
    };
    expect(found({ stages, metrics: { batch: 1024 } })).toMatchObject({
      limit: 'cores',
      stage: null,
    });
  });
});

describe('stages of which there is one', () => {
  test('a slow consumer holds up all', () => {
    const diagnosis = found({
      stages: { producer: [2, 0, 95], transformer: [5, 0, 90], fan_out: [2, 0, 96], loader: [97] },
      full: { loaderCh: 96, processedCh: 90, validCh: 90 },
      config: service({ loader: waits }),
    });
    expect(diagnosis).toMatchObject({ limit: 'slow-consumer', stage: 'loader', changes: [] });
    expect(plain(diagnosis.sentence)).toBe(
      'Loader: 97 % busy; the fan-out gives every record to each consumer, so errorHandlerCh and metricsCh wait with loaderCh; workers would not help, a faster Loader would.',
    );
  });

  test('a slow Producer', () => {
    const diagnosis = found({
      stages: { producer: [99], validator: [10] },
      config: service({ producer: waits }),
    });
    expect(diagnosis).toMatchObject({ limit: 'producer', stage: 'producer' });
    expect(diagnosis.finding).toContain('service time');
  });

  test('a slow input', () => {
    const diagnosis = found({ stages: { producer: [5] }, metrics: { input_bytes: 1000 } });
    expect(diagnosis.finding).toContain('waits for the input');
  });

  test('a rate limit', () => {
    const config = testConfig();
    const generator = { ...config.generator, rate_limit: 100 };
    const diagnosis = found({ stages: { producer: [1] }, config: { generator } });
    expect(diagnosis).toMatchObject({
      limit: 'rate-limit',
      changes: [{ path: 'generator.rate_limit', value: 0 }],
    });
    // A limit that is not reached limits nothing.
    const high = { ...config.generator, rate_limit: 1000 };
    expect(
      found({ ...slowTransformers, config: { ...slowTransformers.config, generator: high } }).limit,
    ).toBe('workers');
  });
});

describe('what lies between the stages', () => {
  const handing: Situation = {
    stages: { producer: [50, 10, 35], validator: [60, 5], transformer: [60, 5], fan_out: [92] },
    full: { processedCh: 60 },
    config: { batch: '1' },
    metrics: { threads: 8 },
    cores: 8,
  };

  test('records that travel alone', () => {
    expect(found(handing)).toMatchObject({
      limit: 'batch',
      changes: [{ path: 'batch', value: 'auto' }],
    });
    // With batches, the fan-out is the work.
    expect(found({ ...handing, metrics: { threads: 8, batch: 512 } }).limit).toBe('fan-out');
    // A small channel doesn't let larger batches through.
    const config = { batch: 'auto', channels: { capacity: 10 } };
    expect(found({ ...handing, config, metrics: { threads: 8, batch: 10 } })).toMatchObject({
      limit: 'batch',
      changes: [{ path: 'channels.capacity', value: null }],
    });
  });

  test('too few records may be in flight', () => {
    const stages: Situation['stages'] = { producer: [5, 0, 80], transformer: [50] };
    const config = { ...service({ transformer: waits }), window: 10 };
    expect(found({ stages, config })).toMatchObject({
      limit: 'window',
      changes: [{ path: 'window', value: 20 }],
    });
    // If it is blocked by its channel, the window isn't the limit.
    expect(found({ stages, config, full: { dataCh: 75 } }).limit).not.toBe('window');
    expect(found({ stages, config: { ...config, ordered: false } }).limit).not.toBe('window');
  });
});

test('small channels', () => {
  const seconds = (busy: number, blocked: number) => ({
    state: 'busy' as const,
    busy_seconds: busy,
    blocked_seconds: blocked,
  });
  const now = testMetrics(
    { elapsed_seconds: 10, produced: 100, processed: 90 },
    { producer: [seconds(2, 7)], validator: [seconds(5, 3)], transformer: [seconds(7, 0)] },
    {
      dataCh: { capacity: 2, passed: 100, blocked_seconds: 7 },
      validCh: { capacity: 2, passed: 90, blocked_seconds: 3 },
    },
  );
  const config = { ...service({ transformer: waits }), channels: { capacity: 2 } };
  expect(diagnose(now, undefined, testConfig(config), 2)).toMatchObject({
    limit: 'capacity',
    stage: 'transformer',
    changes: [{ path: 'channels.capacity', value: 8 }],
  });
  const own = { ...config, channels: { capacity: 100, valid: 2 } };
  expect(diagnose(now, undefined, testConfig(own), 2).changes[0]?.path).toBe('channels.valid');
});

describe('at the border', () => {
  const at = (busy: number, blocked: number) =>
    found({
      stages: { producer: [5, 0, blocked], validator: [10], transformer: [busy] },
      full: { dataCh: blocked, validCh: blocked },
      config: service({ transformer: waits }),
    });

  test.each([
    [85, 30, 'workers'],
    [84, 30, 'none'],
    [85, 29, 'none'],
    [100, 0, 'none'],
  ])('%d %% busy, %d %% blocked before: %s', (busy, blocked, limit) => {
    expect(at(busy, blocked).limit).toBe(limit);
  });

  test('of few records nothing is said', () => {
    const few = { ...slowTransformers, metrics: { produced: 9, processed: 9 } };
    expect(found(few)).toMatchObject({ limit: 'too-early', sentence: 'Too early to tell.' });
  });

  test('nothing is said before as much comes out as goes in', () => {
    const filling = { ...slowTransformers, metrics: { processed: 600 } };
    expect(found(filling).limit).toBe('too-early');
  });

  test('busy, with a channel that is hardly ever full, it keeps up', () => {
    expect(plain(at(100, 0).sentence)).toBe(
      'Transformers: 100 % busy, but validCh is hardly ever full; they keep up, just.',
    );
  });

  test('nobody is at the limit', () => {
    expect(plain(at(60, 5).sentence)).toBe(
      'No stage is at its limit: the busiest, Transformers, are busy 60 % of the time; there is room for more records.',
    );
    expect(at(60, 12).sentence).not.toContain('room');
  });
});

describe('when nothing goes on', () => {
  test('paused', () => {
    expect(found({ ...slowTransformers, metrics: { paused: true } }).limit).toBe('paused');
  });

  test('nothing was measured', () => {
    expect(found({ metrics: { elapsed_seconds: 0 } }).limit).toBe('nothing-measured');
  });

  test('all wait', () => {
    expect(found({ metrics: { produced: 0, processed: 0 } }).limit).toBe('waiting');
  });

  test('a run that has just begun is not stuck, nor is one whose records are on their way', () => {
    const since = testMetrics({ elapsed_seconds: 5, produced: 43 });
    const now = (elapsed_seconds: number, produced: number, depth: number) =>
      testMetrics({ elapsed_seconds, produced }, {}, { validCh: { depth, passed: 0 } });
    for (const [metrics, before, limit] of [
      [now(0.001, 0, 0), undefined, 'too-early'],
      [now(0.001, 43, 43), undefined, 'too-early'],
      [now(10, 43, 43), since, 'too-early'],
      [now(10, 44, 0), since, 'too-early'],
      [now(10, 43, 0), since, 'waiting'],
      [now(10, 0, 0), undefined, 'waiting'],
    ] as const) {
      expect(diagnose(metrics, before, testConfig(), 2).limit).toBe(limit);
    }
  });

  test('over; but the whole run can be looked at still', () => {
    const over = (elapsed: number) =>
      testMetrics(
        { elapsed_seconds: elapsed, processed: 10 },
        Object.fromEntries(
          testMetrics().stages.map(({ stage }) => [stage, [{ state: null, busy_seconds: 9 }]]),
        ),
      );
    expect(diagnose(over(20), over(10), testConfig(), 2).limit).toBe('over');
    expect(diagnose(over(10), undefined, testConfig(), 2).limit).not.toBe('over');
  });
});

test('fullness: measurements in which what travels together would not fit', () => {
  const recording = new Recording(testConfig(), 'live');
  const depths = [100, 99, 90, 100];
  depths.forEach((depth, at) => {
    recording.addSnapshot(
      testMetrics({ elapsed_seconds: at + 1, batch: 2 }, {}, { validCh: { depth } }),
    );
  });
  const saturation = saturationOf(recording, { from: 0, to: 4e9 });
  expect(saturation.get('validCh')).toEqual({ share: 0.75, measurements: 4 });
  expect(saturation.get('dataCh')).toEqual({ share: 0, measurements: 4 });
});

/** Replaces non-breaking spaces. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
