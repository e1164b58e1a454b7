// The settings of the page.

import type { Format } from '../engine/generated/Format';
import type { RuntimeKind } from '../engine/generated/RuntimeKind';
import { CHANNELS, SERVED_STAGES, each } from './parts';
import type { Channel, ServedStage } from './parts';
import { USUAL_POLICIES } from './policies';
import type { Policies } from './policies';

/** In the notation of the configuration: `off`, `5ms`, `0-20ms`, `exponential 20ms`, … */
export interface ServiceTimes {
  /** Waits without occupying a thread, like I/O. */
  wait: string;
  /** Occupies a thread. */
  compute: string;
}

/** The values of the controls. Null stands for the default of a number. */
export interface Settings {
  source: 'generator' | 'file';
  records: number | null;
  seed: number | null;
  /** The maximum number of records per second, whatever the source; 0 for no limit. */
  rate: number | null;
  /** How many records arrive back to back, if there is a rate. */
  burst: number | null;
  invalidValue: string;
  invalidUnit: string;
  /** The percentage of generated records that are anomalies. */
  anomalies: number | null;
  format: Format;
  /** The character encoding of the file; see encodings.ts. */
  encoding: string;
  /** The delimiter of a table. If empty, it is detected from the header. */
  delimiter: string;
  /** For tables: one `field=column` or `field='constant'` per line. */
  mapping: string;
  /** For each pool without a number of its own. */
  workers: number | null;
  validators: number | null;
  transformers: number | null;
  /** The capacity of each channel without one of its own. */
  buffer: number | null;
  buffers: Record<Channel, number | null>;
  batch: string;
  /** How many records may be in flight if the files are in order; null follows from channels and workers. */
  window: number | null;
  runtime: RuntimeKind;
  threads: number | null;
  cores: number | null;
  /** On the virtual clock: which ready task runs next; null follows from the seed. No control sets it yet, but links do. */
  scheduleSeed: number | null;
  /** On the virtual clock: as time passes on screen, or at once, to be replayed. */
  pace: 'screen' | 'at-once';
  ordered: boolean;
  clock: 'system' | 'fixed';
  fixedTime: string;
  service: Record<ServedStage, ServiceTimes>;
  /** What queues, locks, sends and tries do otherwise than usual. */
  policies: Policies;
}

/** The reference run, record by record. */
export function referenceRun(): Settings {
  return {
    source: 'generator',
    records: 50,
    seed: 1,
    rate: 0,
    burst: 1,
    invalidValue: 'every 10',
    invalidUnit: 'every 11',
    anomalies: 20,
    format: 'auto',
    encoding: 'auto',
    delimiter: '',
    mapping: '',
    workers: 3,
    validators: null,
    transformers: null,
    buffer: 100,
    buffers: each(CHANNELS, () => null),
    batch: '1',
    window: null,
    runtime: 'pool',
    threads: null,
    cores: 4,
    scheduleSeed: null,
    pace: 'screen',
    ordered: true,
    clock: 'system',
    fixedTime: '2026-01-01T00:00:00Z',
    service: each(SERVED_STAGES, () => ({ wait: 'off', compute: 'off' })),
    policies: { ...USUAL_POLICIES },
  };
}

/** Service times that wait. All others are off. */
export function waiting(times: Partial<Record<ServedStage, string>>): Settings['service'] {
  return each(SERVED_STAGES, (stage) => ({ wait: times[stage] ?? 'off', compute: 'off' }));
}

/** Service times that compute. All others are off. */
export function computing(times: Partial<Record<ServedStage, string>>): Settings['service'] {
  return each(SERVED_STAGES, (stage) => ({ wait: 'off', compute: times[stage] ?? 'off' }));
}

/**
 * The initial settings: the reference program with its pauses, in slow motion, so that the eye can follow a record. The
 * Transformers are slower than the Producer, so there is something to see, and to fix.
 */
export function openingRun(): Settings {
  return {
    ...referenceRun(),
    records: 200,
    buffer: 10,
    service: waiting({
      producer: '100-200ms',
      validator: '200-400ms',
      transformer: '300-900ms',
      loader: '20-60ms',
      error_handler: '20ms',
    }),
  };
}
