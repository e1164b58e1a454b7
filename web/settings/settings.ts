// What the page lets its user set.

import type { Format } from '../engine/generated/Format';
import type { RuntimeKind } from '../engine/generated/RuntimeKind';
import { CHANNELS, SERVED_STAGES, each } from './parts';
import type { Channel, ServedStage } from './parts';

/** As the configuration has them: `off`, `5ms`, `0-20ms`. */
export interface ServiceTimes {
  /** As I/O does: takes no thread. */
  wait: string;
  /** Keeps a thread busy. */
  compute: string;
}

/** As the controls have it. A number that is null has its default. */
export interface Settings {
  source: 'generator' | 'file';
  records: number | null;
  seed: number | null;
  /** Records in a second at most, whatever the source; 0 is no limit. */
  rate: number | null;
  /** How many records come back to back where there is a rate. */
  burst: number | null;
  invalidValue: string;
  invalidUnit: string;
  /** The share of generated records that are to be anomalies, in percent. */
  anomalies: number | null;
  format: Format;
  /** How the file has its characters: one of those in encodings.ts. */
  encoding: string;
  /** What separates the cells of a table; empty: what its header looks like. */
  delimiter: string;
  /** For tables: one `field=column` or `field='constant'` a line. */
  mapping: string;
  /** Of each pool that has no number of its own. */
  workers: number | null;
  validators: number | null;
  transformers: number | null;
  /** The capacity of each channel that has none of its own. */
  buffer: number | null;
  buffers: Record<Channel, number | null>;
  batch: string;
  runtime: RuntimeKind;
  threads: number | null;
  cores: number | null;
  ordered: boolean;
  clock: 'system' | 'fixed';
  fixedTime: string;
  service: Record<ServedStage, ServiceTimes>;
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
    runtime: 'pool',
    threads: null,
    cores: 4,
    ordered: true,
    clock: 'system',
    fixedTime: '2026-01-01T00:00:00Z',
    service: each(SERVED_STAGES, () => ({ wait: 'off', compute: 'off' })),
  };
}

/** Service times that wait; all others are off. */
export function waiting(times: Partial<Record<ServedStage, string>>): Settings['service'] {
  return each(SERVED_STAGES, (stage) => ({ wait: times[stage] ?? 'off', compute: 'off' }));
}

/** Service times that compute; all others are off. */
export function computing(times: Partial<Record<ServedStage, string>>): Settings['service'] {
  return each(SERVED_STAGES, (stage) => ({ wait: 'off', compute: times[stage] ?? 'off' }));
}

/**
 * What the page opens with: the reference program with its pauses, in slow motion, so that the eye can follow a
 * record. The Transformers are slower than the Producer, so there is something to see, and to mend.
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
