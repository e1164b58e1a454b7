// How the pipeline of a recording is put together: its stages and channels, and who sends to and receives from which. A
// run on this page has that of the engine, a log file brings its own.

import { FIRST_CHANNEL, STANDARD as STANDARD_DATA } from '../engine/generated/topology';
import type { ChannelInfo, StageInfo } from '../engine/generated/topology';
import { visible } from '../visible';

export const isChannel = (place: number): boolean => place >= FIRST_CHANNEL;

type Info<T> = { readonly [K in keyof T]: T[K] extends (infer I)[] ? readonly I[] : T[K] };

/** A topology as the engine and logs have it. */
export interface TopologyData {
  readonly stages: readonly Info<StageInfo>[];
  readonly channels: readonly Info<ChannelInfo>[];
}

export class Topology {
  readonly data: TopologyData;
  readonly #names: ReadonlyMap<number, string>;
  readonly #pools: ReadonlySet<number>;
  readonly #channels: ReadonlyMap<number, Info<ChannelInfo>>;
  readonly #ranks: ReadonlyMap<number, number>;

  /** @param data without a problem that [`problemOfTopology`] finds */
  constructor(data: TopologyData) {
    const { stages, channels } = data;
    this.data = data;
    this.#names = new Map(
      [...stages, ...channels].map(({ place, name }) => [place, visible(name)]),
    );
    this.#pools = new Set(stages.filter(({ is_pool }) => is_pool).map(({ place }) => place));
    this.#channels = new Map(channels.map((channel) => [channel.place, channel]));
    this.#ranks = ranksOf(data);
  }

  /** Returns the display name of a place. */
  nameOf(place: number): string {
    return this.#names.get(place) ?? `${isChannel(place) ? 'channel' : 'place'} ${place}`;
  }

  /** Returns `Validator 2`, or just `Loader` for a stage with a single worker. */
  workerName(place: number, worker: number): string {
    return this.isPool(place) ? `${this.nameOf(place)} ${worker + 1}` : this.nameOf(place);
  }

  /** Returns `Validators`, or just `Loader` for a stage with a single worker. */
  workersName(place: number): string {
    return this.isPool(place) ? `${this.nameOf(place)}s` : this.nameOf(place);
  }

  /** Whether a stage can have several workers. */
  isPool(place: number): boolean {
    return this.#pools.has(place);
  }

  /** Returns the places of the stages that send to a channel. */
  sendersOf(channel: number): readonly number[] {
    return this.#channels.get(channel)?.senders ?? [];
  }

  /** Returns the places of the stages that receive from a channel. */
  receiversOf(channel: number): readonly number[] {
    return this.#channels.get(channel)?.receivers ?? [];
  }

  /** Returns the places of the channels that a stage receives from. */
  inputsOf(stage: number): number[] {
    const { channels } = this.data;
    return channels.filter(({ receivers }) => receivers.includes(stage)).map(({ place }) => place);
  }

  /** Returns how far along the pipeline a place is: over how many places records come there at most. */
  rankOf(place: number): number {
    return this.#ranks.get(place) ?? 0;
  }
}

function ranksOf({ stages, channels }: TopologyData): Map<number, number> {
  const ranks = new Map<number, number>();
  const rank = (place: number) => ranks.get(place) ?? 0;
  // As often as the longest way has stages; then it ends in any case, since a file may have a circle.
  for (let pass = 0; pass < stages.length; pass += 1) {
    for (const { place, senders, receivers } of channels) {
      ranks.set(place, senders.reduce((most, stage) => Math.max(most, rank(stage)), 0) + 1);
      for (const stage of receivers) ranks.set(stage, Math.max(rank(stage), rank(place) + 1));
    }
  }
  return ranks;
}

/** The pipeline of this page's engine, and of logs that say nothing about it. */
export const STANDARD = new Topology(STANDARD_DATA);

const MALFORMED = 'malformed';

/**
 * Returns why no pipeline can have a topology, or null if one can. It may come from a file. The engine has the same
 * rules in `crates/model/src/topology.rs`; both are tested with `tests/vectors/logged-topologies.json`.
 */
export function problemOfTopology(value: unknown): string | null {
  if (!isTopology(value)) return MALFORMED;
  const stages = value.stages.map(({ place }) => place);
  const channels = value.channels.map(({ place }) => place);
  const noStage = stages.find(isChannel);
  if (noStage !== undefined) {
    return `a stage is at place ${noStage}, and stages are below ${FIRST_CHANNEL}`;
  }
  const noChannel = channels.find((place) => !isChannel(place));
  if (noChannel !== undefined) {
    return `a channel is at place ${noChannel}, and channels are not below ${FIRST_CHANNEL}`;
  }
  const places = [...stages, ...channels];
  const twice = places.find((place, at) => places.indexOf(place) < at);
  if (twice !== undefined) return `there are two at place ${twice}`;
  for (const { place, senders, receivers } of value.channels) {
    for (const [ends, doWhat] of [
      [senders, 'send to'],
      [receivers, 'receive from'],
    ] as const) {
      if (ends.length === 0) {
        return `there are no stages that ${doWhat} the channel at place ${place}`;
      }
      const unknown = ends.find((end) => !stages.includes(end));
      if (unknown !== undefined) {
        return `there is no stage at place ${unknown} to ${doWhat} the channel at place ${place}`;
      }
    }
  }
  return null;
}

function isTopology(value: unknown): value is TopologyData {
  const { stages, channels } = membersOf(value);
  return isListOf(stages, isStage) && isListOf(channels, isChannelInfo);
}

function isStage(value: unknown): boolean {
  const { place, id, name, is_pool } = membersOf(value);
  return isPlace(place) && isText(id) && isText(name) && typeof is_pool === 'boolean';
}

function isChannelInfo(value: unknown): boolean {
  const { place, id, name, senders, receivers } = membersOf(value);
  const isOne = isPlace(place) && isText(id) && isText(name);
  return isOne && isListOf(senders, isPlace) && isListOf(receivers, isPlace);
}

const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);

const isText = (value: unknown): boolean => typeof value === 'string';

const isPlace = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
