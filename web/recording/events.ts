// The numbers of event kinds and places. `crates/core/src/trace/event.rs` and `crates/model/src/topology.rs` document
// them.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Stage } from '../engine/generated/Stage';

export const KIND = {
  arrive: 0,
  depart: 1,
  workStart: 2,
  workEnd: 3,
  produced: 4,
  valid: 5,
  invalid: 6,
  processed: 7,
  anomaly: 8,
  transformationError: 9,
  written: 10,
  counted: 11,
  blocked: 12,
  released: 13,
  fault: 14,
  woken: 15,
  runStart: 16,
  runEnd: 17,
  sampling: 18,
} as const;

/** Display names of event kinds, indexed by kind. */
export const KIND_NAMES = [
  'arrived',
  'left',
  'work started',
  'work ended',
  'produced',
  'found valid',
  'found invalid',
  'processed',
  'processed, an anomaly',
  'failed in transformation',
  'handed on to be written',
  'counted',
  'blocked: the channel is full',
  'could send again',
  'fault injected',
  'woken',
  'running',
  'stopped running',
  'sampling changed',
] as const;

/** The stages, indexed by their number as a place. */
export const STAGES = [
  'producer',
  'validator',
  'transformer',
  'fan_out',
  'loader',
  'error_handler',
  'metrics_collector',
] as const satisfies readonly Stage[];

export const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  producer: 'Producer',
  validator: 'Validator',
  transformer: 'Transformer',
  fan_out: 'Fan-out',
  loader: 'Loader',
  error_handler: 'Error Handler',
  metrics_collector: 'Metrics Collector',
};

/** The number of the first channel as a place. */
export const FIRST_CHANNEL = 16;

/** The channels, indexed by their number as a place minus [`FIRST_CHANNEL`]. */
export const CHANNELS = [
  'dataCh',
  'validCh',
  'processedCh',
  'errorCh',
  'loaderCh',
  'errorHandlerCh',
  'metricsCh',
] as const satisfies readonly ChannelId[];

/** The stage that receives from each channel, by index of the channel. */
export const RECEIVERS = [1, 2, 3, 3, 4, 5, 6] as const;

/** The stages that send to each channel, by index of the channel. */
export const SENDERS = [[0], [1], [2], [1, 2], [3], [3], [3]] as const;

export const isChannel = (place: number): boolean => place >= FIRST_CHANNEL;

/** Returns the display name of a place. */
export function placeName(place: number): string {
  if (isChannel(place)) return CHANNELS[place - FIRST_CHANNEL] ?? `channel ${place}`;
  const stage = STAGES[place];
  return stage ? STAGE_NAMES[stage] : `place ${place}`;
}

/** Whether a stage can have several workers. */
export const isPool = (place: number): boolean => place === 1 || place === 2;

/** Returns `Validator 2`, or just `Loader` for a stage with a single worker. */
export function workerName(place: number, worker: number): string {
  return isPool(place) ? `${placeName(place)} ${worker + 1}` : placeName(place);
}

/** The thread of an event that happened outside the runtime's threads. */
export const OUTSIDE = 255;
