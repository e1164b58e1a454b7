// The structure of a recording's pipeline: its stages and channels, and which stages send to and
// receive from which channels. A run on this page has the engine's; a log file contains its own.

import { FIRST_CHANNEL, STANDARD as STANDARD_DATA } from '../engine/generated/topology';
import type { ChannelInfo, StageInfo } from '../engine/generated/topology';
import { visible } from '../visible';

export const isChannel = (node: number): boolean => node >= FIRST_CHANNEL;

type Info<T> = { readonly [K in keyof T]: T[K] extends (infer I)[] ? readonly I[] : T[K] };

/** A topology in the format of the engine and of logs. */
export interface TopologyData {
  readonly stages: readonly Info<StageInfo>[];
  readonly channels: readonly Info<ChannelInfo>[];
}

export class Topology {
  readonly data: TopologyData;
  readonly stages: readonly Info<StageInfo>[];
  readonly channels: readonly Info<ChannelInfo>[];
  // By the number of the node, since they are asked for each event.
  readonly #nodes = byNode<{ id: string; name: string } | undefined>(undefined);
  readonly #pools = byNode(false);
  readonly #senders = byNode<readonly number[]>([]);
  readonly #receivers = byNode<number | undefined>(undefined);
  readonly #outputs = byNode<readonly number[]>([]);
  readonly #fanOuts = byNode(false);
  readonly #ranks: ReadonlyMap<number, number>;

  /** @param data of the engine, or checked by it */
  constructor(data: TopologyData) {
    const { stages, channels } = data;
    this.data = data;
    this.stages = stages;
    this.channels = channels;
    for (const { node, id, name } of [...stages, ...channels]) {
      this.#nodes[node] = { id, name: visible(name) };
    }
    for (const { node, senders, receivers } of channels) {
      this.#senders[node] = senders;
      this.#receivers[node] = receivers[0];
    }
    for (const { node, is_pool: isPool } of stages) {
      const outputs = channels.filter(({ senders }) => senders.includes(node)).map(toNode);
      this.#outputs[node] = outputs;
      this.#pools[node] = isPool;
      this.#fanOuts[node] = !isPool && outputs.length > 1;
    }
    this.#ranks = ranksOf(data);
  }

  /** Whether there is such a stage or channel. */
  has(node: number): boolean {
    return this.#nodes[node] !== undefined;
  }

  /** Returns the name of a node for programs; an empty text if there is no such node. */
  idOf(node: number): string {
    return this.#nodes[node]?.id ?? '';
  }

  /** Returns the display name of a node. */
  nameOf(node: number): string {
    return this.#nodes[node]?.name ?? `${isChannel(node) ? 'channel' : 'node'} ${node}`;
  }

  /** Returns `Validator 2`, or just `Loader` for a stage with a single worker. */
  workerName(node: number, worker: number): string {
    return this.isPool(node) ? `${this.nameOf(node)} ${worker + 1}` : this.nameOf(node);
  }

  /** Returns `Validators`, or just `Loader` for a stage with a single worker. */
  workersName(node: number): string {
    return this.isPool(node) ? `${this.nameOf(node)}s` : this.nameOf(node);
  }

  /** Whether a stage can have several workers. */
  isPool(node: number): boolean {
    return this.#pools[node] ?? false;
  }

  /** Whether a stage receives from no channel: the first one. */
  isSource(node: number): boolean {
    return this.rankOf(node) === 0;
  }

  /** Whether a stage sends to no channel: records end there. */
  isSink(node: number): boolean {
    return this.outputsOf(node).length === 0;
  }

  /**
   * Whether a stage sends each record to all of its output channels. A pool sends a record to one
   * of them.
   */
  isFanOut(node: number): boolean {
    return this.#fanOuts[node] ?? false;
  }

  /** Returns the stages that send to a channel. */
  sendersOf(channel: number): readonly number[] {
    return this.#senders[channel] ?? [];
  }

  /** Returns the stage that receives from a channel. */
  receiverOf(channel: number): number | undefined {
    return this.#receivers[channel];
  }

  /** Returns the channels that a stage receives from. */
  inputsOf(stage: number): number[] {
    return this.channels.filter(({ node }) => this.receiverOf(node) === stage).map(toNode);
  }

  /** Returns the channels that a stage sends to. */
  outputsOf(stage: number): readonly number[] {
    return this.#outputs[stage] ?? [];
  }

  /**
   * Returns how far along the pipeline a node is: the largest number of nodes that a record passes
   * before it.
   */
  rankOf(node: number): number {
    return this.#ranks.get(node) ?? 0;
  }
}

/** A value for each number that a node can have in an event. */
const byNode = <T>(value: T): T[] => Array.from({ length: 256 }, () => value);

const toNode = ({ node }: { readonly node: number }): number => node;

function ranksOf({ stages, channels }: TopologyData): Map<number, number> {
  const ranks = new Map<number, number>();
  const rank = (node: number) => ranks.get(node) ?? 0;
  // As often as the longest path has stages.
  for (let pass = 0; pass < stages.length; pass += 1) {
    for (const { node, senders, receivers } of channels) {
      ranks.set(node, Math.max(...senders.map(rank)) + 1);
      for (const stage of receivers) ranks.set(stage, Math.max(rank(stage), rank(node) + 1));
    }
  }
  return ranks;
}

/** The pipeline of this page's engine, and of logs that don't describe theirs. */
export const STANDARD = new Topology(STANDARD_DATA);
