// The structure of a recording's pipeline: its stages and channels, and which stages send to and
// receive from which channels. A run on this page has the engine's; a log file contains its own.

import {
  FIRST_CHANNEL,
  LAST_CHANNEL,
  MAX_NAME,
  STANDARD as STANDARD_DATA,
} from '../engine/generated/topology';
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

  /** @param data must be free of problems that [`problemOfTopology`] detects */
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

const MALFORMED = 'malformed';

/**
 * Returns why a topology is impossible, or null if it isn't. It may come from a file. The engine has the same
 * rules in `crates/model/src/topology.rs`; both are tested with `tests/vectors/logged-topologies.json`.
 */
export function problemOfTopology(value: unknown): string | null {
  if (!isTopology(value)) return MALFORMED;
  return problemOfNodes(value) ?? problemOfChannels(value) ?? problemOfGraph(value);
}

function problemOfNodes({ stages, channels }: TopologyData): string | null {
  if (stages.length === 0) return 'there are no stages';
  const noStage = stages.find(({ node }) => isChannel(node));
  if (noStage) {
    return `stage ${noStage.node} has the number of a channel: stages are below ${FIRST_CHANNEL}`;
  }
  const noChannel = channels.find(({ node }) => !isChannel(node) || node > LAST_CHANNEL);
  if (noChannel) {
    return `channel ${noChannel.node} is outside of ${FIRST_CHANNEL} to ${LAST_CHANNEL}`;
  }
  const [nodes, ids] = [new Set<number>(), new Set<string>()];
  for (const { node, id, name } of [...stages, ...channels]) {
    if (nodes.has(node)) return `two nodes have the number ${node}`;
    if (ids.has(id)) return `node ${node} has the id of another one`;
    if (![id, name].every(isShort)) {
      return `the id and the name of ${node} must have from 1 to ${MAX_NAME} characters`;
    }
    nodes.add(node);
    ids.add(id);
  }
  return null;
}

function problemOfChannels({ stages, channels }: TopologyData): string | null {
  const isStage = (end: number) => stages.some(({ node }) => node === end);
  for (const { node, senders, receivers } of channels) {
    if (senders.length === 0) return `no stage sends to channel ${node}`;
    if (receivers.length !== 1) {
      // An event names the worker that received a record, but not its stage.
      return `${receivers.length} stages receive from channel ${node}, and only one can`;
    }
    for (const [ends, doesWhat] of [
      [senders, 'sends to'],
      [receivers, 'receives from'],
    ] as const) {
      for (const [at, end] of ends.entries()) {
        if (!isStage(end)) {
          return `stage ${end} ${doesWhat} channel ${node}, and there is no such stage`;
        }
        if (ends.indexOf(end) < at) return `stage ${end} ${doesWhat} channel ${node} twice`;
      }
    }
  }
  return null;
}

function problemOfGraph({ stages, channels }: TopologyData): string | null {
  const sources = stages.filter(
    ({ node }) => !channels.some(({ receivers }) => receivers.includes(node)),
  );
  const [first, second] = sources;
  if (first && second) {
    return `stages ${first.node} and ${second.node} receive from no channel, and only one can`;
  }
  // Without a cycle, the stages can be removed one by one, each when no remaining stage sends to
  // it.
  let left = stages.map(({ node }) => node);
  for (let before = 0; before !== left.length;) {
    before = left.length;
    left = left.filter((stage) =>
      channels.some(
        ({ senders, receivers }) =>
          receivers.includes(stage) && senders.some((sender) => left.includes(sender)),
      ),
    );
  }
  return left.length > 0 ? 'the channels form a cycle' : null;
}

function isTopology(value: unknown): value is TopologyData {
  const { stages, channels } = membersOf(value);
  return isListOf(stages, isStage) && isListOf(channels, isChannelInfo);
}

function isStage(value: unknown): boolean {
  const { node, id, name, is_pool } = membersOf(value);
  return isNode(node) && isText(id) && isText(name) && typeof is_pool === 'boolean';
}

function isChannelInfo(value: unknown): boolean {
  const { node, id, name, senders, receivers } = membersOf(value);
  const isOne = isNode(node) && isText(id) && isText(name);
  return isOne && isListOf(senders, isNode) && isListOf(receivers, isNode);
}

const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);

const isShort = (text: string): boolean => text !== '' && Array.from(text).length <= MAX_NAME;

const isText = (value: unknown): boolean => typeof value === 'string';

const isNode = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
