// Handmade recordings for tests.

import { withDefaults } from '../recording/merge';
import type { ChannelMetrics } from '../engine/generated/ChannelMetrics';
import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { EventLog, NONE, packed } from '../recording/event-log';
import { CHANNELS, KIND, NODE, STAGES } from '../recording/events';
import { Recording } from '../recording/recording';
import type { Origin } from '../recording/recording';
import { STANDARD, Topology } from '../recording/topology';
import { NO_LATENCY } from './no-latency';

export const MS = 1e6;

/** An event as a test specifies it; the time is in milliseconds. */
export interface TestEvent {
  at: number;
  kind: keyof typeof KIND;
  node: keyof typeof NODE | typeof AUDITOR | typeof AUDIT_CH;
  record?: number;
  worker?: number;
  thread?: number;
}

/** The reference run with changes. */
export function testConfig(changes: Partial<Config> = {}): Config {
  return {
    ...DEFAULT_CONFIG,
    generator: { ...DEFAULT_CONFIG.generator, locations: ['North'] },
    validator: { ...DEFAULT_CONFIG.validator, required: ['id'] },
    trace: { ...DEFAULT_CONFIG.trace, enabled: true },
    ...changes,
  };
}

export function nodeOf(node: TestEvent['node']): number {
  return typeof node === 'number' ? node : NODE[node];
}

export function words(events: readonly TestEvent[]): BigUint64Array {
  return new BigUint64Array(
    events.flatMap(({ at, kind, node, record = NONE, worker = 0, thread = 0 }) =>
      packed({
        time: Math.round(at * MS),
        kind: KIND[kind],
        node: nodeOf(node),
        record,
        worker,
        thread,
      }),
    ),
  );
}

export function recordingOf(
  events: readonly TestEvent[],
  config: Config = testConfig(),
  {
    origin = 'over',
    most,
    topology = STANDARD,
  }: { origin?: Origin; most?: number; topology?: Topology } = {},
): Recording {
  const log = new EventLog(most);
  log.add(words(events), Infinity);
  log.finish();
  return new Recording(config, origin, { log, topology });
}

/**
 * The events of a record that is never held up: a millisecond in each channel and at each stage. It is done after 9 ms.
 */
export function journeyEvents(record: number, at = 0, validator = 0, transformer = 0): TestEvent[] {
  const of = (
    after: number,
    kind: TestEvent['kind'],
    node: TestEvent['node'],
    worker = 0,
  ): TestEvent => ({ at: at + after, kind, node, record, worker });
  return [
    of(0, 'produced', 'producer'),
    of(0, 'arrive', 'dataCh'),
    of(1, 'depart', 'dataCh', validator),
    of(1, 'workStart', 'validator', validator),
    of(2, 'valid', 'validator', validator),
    of(2, 'workEnd', 'validator', validator),
    of(2, 'arrive', 'validCh', validator),
    of(3, 'depart', 'validCh', transformer),
    of(3, 'workStart', 'transformer', transformer),
    of(4, 'processed', 'transformer', transformer),
    of(4, 'workEnd', 'transformer', transformer),
    of(4, 'arrive', 'processedCh', transformer),
    of(5, 'depart', 'processedCh'),
    of(5, 'workStart', 'fan_out'),
    of(6, 'arrive', 'loaderCh'),
    of(6, 'arrive', 'errorHandlerCh'),
    of(6, 'arrive', 'metricsCh'),
    of(6, 'workEnd', 'fan_out'),
    of(7, 'depart', 'loaderCh'),
    of(7, 'depart', 'errorHandlerCh'),
    of(7, 'depart', 'metricsCh'),
    of(7, 'workStart', 'loader'),
    of(7, 'workStart', 'error_handler'),
    of(7, 'workStart', 'metrics_collector'),
    of(7, 'workEnd', 'error_handler'),
    of(8, 'counted', 'metrics_collector'),
    of(8, 'workEnd', 'metrics_collector'),
    of(9, 'written', 'loader'),
    of(9, 'workEnd', 'loader'),
  ];
}

/** The nodes of a second Error Handler and of its channel. */
export const AUDITOR = 7;
export const AUDIT_CH = 23;

/** The usual pipeline with a second Error Handler, the Error Auditor, after the fan-out. */
export const AUDITED = new Topology({
  stages: [
    ...STANDARD.stages,
    { node: AUDITOR, id: 'error_auditor', name: 'Error Auditor', is_pool: false },
  ],
  channels: [
    ...STANDARD.channels,
    {
      ...{ node: AUDIT_CH, id: 'auditCh', name: 'auditCh' },
      ...{ senders: [NODE.fan_out], receivers: [AUDITOR] },
    },
  ],
});

/** The events there of a record that fails in transformation: like [`journeyEvents`], but done after 11 ms. */
export function auditedEvents(record: number, at = 0): TestEvent[] {
  const failed = journeyEvents(record, at).map((event): TestEvent => {
    if (event.kind === 'processed') return { ...event, kind: 'transformationError' };
    if (event.kind === 'written') return { ...event, at: at + 7, node: 'error_handler' };
    return event.node === 'processedCh' ? { ...event, node: 'errorCh' } : event;
  });
  return [
    ...failed,
    { at: at + 6, kind: 'arrive', node: AUDIT_CH, record },
    { at: at + 8, kind: 'depart', node: AUDIT_CH, record },
    { at: at + 8, kind: 'workStart', node: AUDITOR, record },
    { at: at + 11, kind: 'written', node: AUDITOR, record },
    { at: at + 11, kind: 'workEnd', node: AUDITOR, record },
  ];
}

export function testWorker(changes: Partial<WorkerMetrics> = {}): WorkerMetrics {
  return {
    records: 0,
    state: 'waiting',
    busy_seconds: 0,
    ready_seconds: 0,
    waiting_seconds: 0,
    blocked_seconds: 0,
    ...changes,
  };
}

/** Metrics with one worker in each stage and empty channels, with changes. */
export function testMetrics(
  changes: Partial<Omit<Metrics, 'stages' | 'channels'>> = {},
  stages: Partial<Record<Stage, Partial<WorkerMetrics>[]>> = {},
  channels: Partial<Record<(typeof CHANNELS)[number], Partial<ChannelMetrics>>> = {},
): Metrics {
  return {
    produced: 0,
    processed: 0,
    failed: 0,
    dropped: 0,
    sent_back: 0,
    failed_by_status: { invalid: 0, transformation_error: 0 },
    reasons: [],
    anomalies: 0,
    total_value: 0,
    latency: NO_LATENCY,
    elapsed_seconds: 0,
    records_per_second: 0,
    processed_bytes: 0,
    failed_bytes: 0,
    input_bytes: 0,
    stopped: false,
    replaced_fields: false,
    notices: [],
    paused: false,
    threads: 2,
    batch: 1,
    stages: STAGES.map((stage) => ({
      stage,
      workers: (stages[stage] ?? [{}]).map((worker) => testWorker(worker)),
    })),
    channels: CHANNELS.map((channel) => ({
      channel,
      capacity: 100,
      depth: 0,
      highest_depth: 0,
      passed: 0,
      blocked_sends: 0,
      blocked_seconds: 0,
      ...channels[channel],
    })),
    trace_dropped_records: 0,
    trace_dropped_task_events: 0,
    trace_sample: 1,
    ...changes,
  };
}

/** Parses measurements by name. Their configurations have what later versions of the engine have added, as usual. */
export function measurementsOf<T extends { config: Config }>(json: string): Record<string, T> {
  const measured = JSON.parse(json) as Record<string, T>;
  const completed = Object.entries(measured).map(([name, one]) => {
    return [name, { ...one, config: withDefaults(one.config, DEFAULT_CONFIG) }] as const;
  });
  return Object.fromEntries(completed);
}
