// The kinds of events, the stages and the channels, and their display names. The engine's are in
// `engine/generated/topology.ts`; the pipeline of a log is described in the log: see `topology.ts`.

import { count } from '../format';
import type { ChannelId } from '../engine/generated/ChannelId';
import type { EventKind } from '../engine/generated/EventKind';
import type { Stage } from '../engine/generated/Stage';
import { EVENT_KINDS, STANDARD } from '../engine/generated/topology';

export { EVENT_KINDS, FIRST_CHANNEL, KIND, LAST_CHANNEL, NODE } from '../engine/generated/topology';

const WORDS: Readonly<Record<EventKind, string>> = {
  arrive: 'arrived',
  depart: 'left',
  work_start: 'work started',
  work_end: 'work ended',
  produced: 'produced',
  valid: 'found valid',
  invalid: 'found invalid',
  processed: 'processed',
  anomaly: 'processed, an anomaly',
  transformation_error: 'failed in transformation',
  written: 'handed on to be written',
  counted: 'counted',
  blocked: 'blocked: the channel is full',
  released: 'could send again',
  fault: 'fault injected',
  woken: 'woken',
  run_start: 'running',
  run_end: 'stopped running',
  sampling: 'sampling changed',
  dropped: 'dropped: the channel is full',
  sent_back: 'sent back for another try',
};

/** Display names of event kinds, indexed by kind. */
export const KIND_NAMES: readonly string[] = EVENT_KINDS.map((kind) => WORDS[kind]);

/**
 * What an event of the kind `sampling` means: from the record `first` on, one in `sample` × 2^`halvings` is traced.
 */
export function samplingText(sample: number, halvings: number, first: number): string {
  const interval = sample * 2 ** halvings;
  const which = interval === 1 ? 'every record' : `1 in ${count(interval)} records`;
  return `${which} is traced from #${first} on`;
}

/** The stages, indexed by their number as a node. */
export const STAGES: readonly Stage[] = STANDARD.stages.map(({ id }) => id);

export const STAGE_NAMES = Object.fromEntries(
  STANDARD.stages.map(({ id, name }) => [id, name]),
) as Readonly<Record<Stage, string>>;

/** The channels, indexed by their number as a node minus [`FIRST_CHANNEL`]. */
export const CHANNELS: readonly ChannelId[] = STANDARD.channels.map(({ id }) => id);

/** The thread of an event that happened outside the runtime's threads. */
export const OUTSIDE = 255;
