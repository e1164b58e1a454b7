// The lanes of the timeline from top to bottom: which there are, in which order, and how high. If there is little
// space, lanes are left out from the bottom, and pools of many workers become one lane each.

import type { Place } from '../recording/takes-record';
import type { Topology } from '../recording/topology';

export type LaneSet = 'full' | 'presenter' | 'phone';

/** What a lane shows. */
export type LaneContent =
  | { kind: 'ends' }
  | { kind: 'rate' }
  | { kind: 'depth'; channel: number }
  | { kind: 'worker'; stage: number; worker: number }
  /** How many of the workers of a pool are in each state. */
  | { kind: 'pool'; stage: number }
  /** A thin row for each worker of a pool. */
  | { kind: 'raster'; stage: number; workers: number }
  | { kind: 'thread'; thread: number }
  /** How many of the threads run a task. */
  | { kind: 'threads' };

export interface Lane {
  /** Identifies it among the lanes. */
  key: string;
  content: LaneContent;
  /** Empty if the lane above or below has the label for both. */
  label: string;
  /** `work` is written wide, `records` narrow. */
  tone: 'work' | 'records' | 'soft';
  /** The lanes that are folded and unfolded with this label; null if it can't be. */
  fold: { group: string; folded: boolean } | null;
  /** In CSS pixels from the top of the plot. */
  y: number;
  height: number;
}

/** What the lanes depend on. */
export interface LaneInput {
  topology: Topology;
  /** How many rows each stage has had at most, by node. */
  workers: ReadonlyMap<number, number>;
  threads: number;
  /** Whether threads are simulated cores. */
  isVirtual: boolean;
  /** The space for all lanes, in CSS pixels. */
  height: number;
  set: LaneSet;
  /** What the user has folded (true) and unfolded (false), by group. */
  folded: Readonly<Record<string, boolean>>;
  /** Whether records per second are what this is about. */
  isAboutRate?: boolean;
  /** The stage that the lanes of a phone are about. */
  stage: number | null;
}

/** More workers than this share a lane, and more than [`MAX_SHARED`] get a thin row each. */
const MAX_ROWS = 12;
const MAX_SHARED = 30;

/** More threads than this share a lane. */
const MAX_THREADS = 8;

/** Rows of a worker aren't lower than this, in CSS pixels. */
const LOWEST_ROW = 9;

/** A lane before there is a scale. */
interface Wanted extends Omit<Lane, 'y'> {
  /** Above it. */
  gap: number;
}

/** What is left out. */
interface Choice {
  allChannels: boolean;
  smallChannels: boolean;
  producer: boolean;
  consumers: 'folded' | 'unfolded' | 'none';
  threads: boolean;
  rows: boolean;
}

/** From the richest choice to the poorest, with the least scale at which each is made. */
const CHOICES: readonly (Choice & { least: number })[] = [
  { ...all('unfolded'), allChannels: true, least: 0.93 },
  { ...all('folded'), least: 0.78 },
  { ...all('folded'), threads: false, least: 0.78 },
  { ...all('none'), threads: false, least: 0.78 },
  { ...all('none'), threads: false, producer: false, least: 0.78 },
  { ...all('none'), threads: false, producer: false, smallChannels: false, least: 0.68 },
  { ...all('folded'), rows: false, least: 0.78 },
  { ...all('folded'), rows: false, threads: false, least: 0.78 },
  { ...all('none'), rows: false, threads: false, producer: false, smallChannels: false, least: 0 },
];

/** Lanes are stretched up to this scale. */
const MOST = 1.35;

function all(consumers: Choice['consumers']): Choice {
  return {
    ...{ allChannels: false, smallChannels: true, producer: true, consumers },
    ...{ threads: true, rows: true },
  };
}

/** Returns the lanes, placed. */
export function lanesOf(input: LaneInput): Lane[] {
  const { set, height } = input;
  if (set !== 'full') return placed(set === 'phone' ? phone(input) : presenter(input), height);
  for (const choice of CHOICES) {
    const lanes = full(input, choice);
    const scale = height / extent(lanes);
    const rows = lanes.filter(({ content }) => content.kind === 'worker');
    const areRowsHighEnough = rows.every((lane) => lane.height * scale >= LOWEST_ROW);
    if (choice.least === 0 || (scale >= choice.least && areRowsHighEnough)) {
      return placed(lanes, height);
    }
  }
  return [];
}

const extent = (lanes: readonly Wanted[]) =>
  lanes.reduce((sum, { height, gap }) => sum + height + gap, 0);

function placed(lanes: readonly Wanted[], height: number): Lane[] {
  // A raster takes what space there is.
  const fixed = extent(lanes);
  const scale = Math.min(MOST, height / fixed);
  const rasters = lanes.filter(({ content }) => content.kind === 'raster');
  const spare = Math.max(0, height - fixed * scale) / Math.max(1, rasters.length);
  let y = 0;
  return lanes.map(({ gap, ...lane }) => {
    y += gap * scale;
    const stretch = lane.content.kind === 'raster' ? Math.min(spare, lane.height * 2) : 0;
    const own = lane.height * scale + stretch;
    const result = { ...lane, y, height: own };
    y += own;
    return result;
  });
}

const plain = { fold: null, tone: 'soft' as const };

function full(input: LaneInput, choice: Choice): Wanted[] {
  const { topology, folded, isAboutRate = false } = input;
  const pools = topology.stages.filter(({ node }) => topology.isPool(node));
  const source = topology.stages.find(({ node }) => topology.isSource(node));
  const lanes: Wanted[] = [
    {
      ...plain,
      ...{ key: 'ends', content: { kind: 'ends' }, label: 'born, written', height: 20, gap: 0 },
    },
    {
      ...{ ...plain, tone: 'records' },
      ...{ key: 'rate', content: { kind: 'rate' }, label: 'records/s' },
      ...{ height: isAboutRate ? 96 : 30, gap: 4 },
    },
    ...channels(input, choice),
  ];
  if (source && choice.producer) lanes.push(...rows(input, source.node, 7, 13));
  for (const { node } of pools) lanes.push(...pool(input, node, choice.rows));
  lanes.push(...consumers(input, choice));
  const threads = folded.threads;
  if (threads ?? choice.threads) lanes.push(...threadLanes(input, 6));
  return lanes;
}

/** The channel before a pool is what its workers wait for; that before the last pool is the highest lane. */
function heightOf({ topology }: LaneInput, channel: number): [height: number, gap: number] {
  const receiver = topology.receiverOf(channel);
  if (receiver === undefined || !topology.isPool(receiver)) return [13, 3.5];
  const pools = topology.stages.filter(({ node }) => topology.isPool(node));
  return receiver === pools.at(-1)?.node ? [48, 5] : [26, 6];
}

function channels(input: LaneInput, choice: Choice): Wanted[] {
  const { topology, folded } = input;
  const isBeforePool = (node: number) => topology.isPool(topology.receiverOf(node) ?? -1);
  const isBeforeSink = (node: number) => topology.isSink(topology.receiverOf(node) ?? -1);
  const wanted = topology.channels.filter(({ node }) => {
    if (isBeforePool(node)) return true;
    if (isBeforeSink(node)) return !(folded.channels ?? !choice.allChannels);
    return choice.smallChannels || folded.channels === false;
  });
  const hidden = topology.channels.length - wanted.length;
  return wanted.map(({ node }, index) => {
    const [height, gap] = heightOf(input, node);
    const isLast = index === wanted.length - 1;
    const canFold = isLast && (hidden > 0 || folded.channels === false);
    return {
      ...{ key: `channel ${node}`, content: { kind: 'depth', channel: node } },
      ...{ label: topology.nameOf(node), tone: 'records', height, gap },
      fold: canFold ? { group: 'channels', folded: hidden > 0 } : null,
    };
  });
}

/** A row for each worker of a stage. */
function rows(
  { topology, workers }: LaneInput,
  stage: number,
  gap: number,
  height: number,
  fold: Lane['fold'] = null,
): Wanted[] {
  return Array.from({ length: workers.get(stage) ?? 1 }, (_, worker) => ({
    key: `worker ${stage} ${worker}`,
    content: { kind: 'worker', stage, worker },
    label: topology.isPool(stage) ? topology.workerName(stage, worker) : topology.nameOf(stage),
    tone: 'work',
    fold: worker === 0 ? fold : null,
    ...{ height, gap: worker === 0 ? gap : 1.5 },
  }));
}

/** The name of all workers of a stage. */
function plural(topology: Topology, stage: number): string {
  return topology.nameOf(stage) + (topology.isPool(stage) ? 's' : '');
}

const groupOf = (stage: number) => `stage ${stage}`;

/** A pool as rows, as one lane, or as a raster. */
function pool(input: LaneInput, stage: number, asRows: boolean): Wanted[] {
  const { topology, folded, workers } = input;
  const count = workers.get(stage) ?? 1;
  const group = groupOf(stage);
  const chosen = folded[group];
  const label = `${plural(topology, stage)} × ${count}`;
  if (count > MAX_SHARED && chosen !== true) {
    const height = Math.min(192, Math.max(90, count * 3));
    return [
      {
        ...{ key: `raster ${stage}`, content: { kind: 'raster', stage, workers: count }, label },
        ...{ tone: 'work', fold: { group, folded: false }, height, gap: 8 },
      },
    ];
  }
  const isFolded = chosen ?? (!asRows || count > MAX_ROWS);
  if (!isFolded) {
    return rows(input, stage, 6, 13.5, count > 1 ? { group, folded: false } : null);
  }
  return [
    {
      ...{ key: `pool ${stage}`, content: { kind: 'pool', stage }, label },
      ...{ tone: 'work', fold: { group, folded: true }, height: 26, gap: 8 },
    },
  ];
}

/** The stages after the pools; folded, the first at which records end stands for all. */
function consumers(input: LaneInput, choice: Choice): Wanted[] {
  const { topology, folded } = input;
  const stages = topology.stages.filter(
    ({ node }) => !topology.isPool(node) && !topology.isSource(node),
  );
  const chosen = folded.consumers;
  if (stages.length === 0 || (choice.consumers === 'none' && chosen === undefined)) return [];
  if (!(chosen ?? choice.consumers !== 'unfolded')) {
    return stages.flatMap(({ node }, index) =>
      rows(
        input,
        node,
        index === 0 ? 6 : 2,
        11,
        index === 0 ? { group: 'consumers', folded: false } : null,
      ),
    );
  }
  const [shown] = [...stages.filter(({ node }) => topology.isSink(node)), ...stages];
  if (!shown) return [];
  const more = stages.length - 1;
  return rows(input, shown.node, 5, 11, { group: 'consumers', folded: true }).map((lane) => ({
    ...lane,
    label: more > 0 ? `${topology.nameOf(shown.node)} + ${more} more` : lane.label,
    tone: 'soft',
  }));
}

function threadLanes({ threads, isVirtual }: LaneInput, gap: number): Wanted[] {
  if (threads === 0) return [];
  const name = isVirtual ? 'Core' : 'Thread';
  const fold = { group: 'threads', folded: false };
  if (threads > MAX_THREADS) {
    return [
      {
        ...{ key: 'threads', content: { kind: 'threads' }, label: `${name}s × ${threads}` },
        ...{ tone: 'soft', fold, height: 22, gap },
      },
    ];
  }
  const label =
    threads === 1 ? `${name} 1` : threads === 2 ? `${name}s 1, 2` : `${name}s 1–${threads}`;
  return Array.from({ length: threads }, (_, thread) => ({
    ...{ key: `thread ${thread}`, content: { kind: 'thread', thread } },
    ...{ label: thread === 0 ? label : '', tone: 'soft' },
    fold: thread === 0 ? fold : null,
    ...{ height: 8.5, gap: thread === 0 ? gap : 1.5 },
  }));
}

/** Rows of a pool with one label in their middle. */
function unnamed(input: LaneInput, stage: number, height: number, gap: number): Wanted[] {
  const count = input.workers.get(stage) ?? 1;
  if (count > MAX_ROWS) return pool(input, stage, false);
  const middle = Math.floor((count - 1) / 2);
  return rows(input, stage, gap, height).map((lane, worker) => ({
    ...lane,
    label: worker === middle ? plural(input.topology, stage) : '',
  }));
}

function channelLane(
  { topology }: LaneInput,
  channel: number,
  height: number,
  gap: number,
): Wanted {
  return {
    ...{ key: `channel ${channel}`, content: { kind: 'depth', channel } },
    ...{ label: topology.nameOf(channel), tone: 'records', fold: null, height, gap },
  };
}

/** For an audience: the channels before the pools, and the pools. */
function presenter(input: LaneInput): Wanted[] {
  const { topology } = input;
  const pools = topology.stages.filter(({ node }) => topology.isPool(node));
  const before = pools.flatMap(({ node }) => topology.inputsOf(node));
  return [
    ...before.map((channel, index) =>
      channelLane(input, channel, index === before.length - 1 ? 46 : 34, index === 0 ? 2 : 6),
    ),
    ...pools.flatMap(({ node }, index) =>
      unnamed(input, node, index === pools.length - 1 ? 14 : 12, 6),
    ),
  ];
}

/** On a phone: a stage and the channel before it. */
function phone(input: LaneInput): Wanted[] {
  const { topology, stage } = input;
  const pools = topology.stages.filter(({ node }) => topology.isPool(node));
  const shown = stage ?? pools.at(-1)?.node ?? topology.stages[0]?.node ?? 0;
  return [
    ...topology.inputsOf(shown).map((channel) => channelLane(input, channel, 30, 0)),
    ...unnamed(input, shown, 13, 5),
  ];
}

/** Whether a lane is a row of spans, on a ground of its own. */
export const isRow = ({ kind }: LaneContent): boolean => kind === 'worker' || kind === 'thread';

/** Returns the stage that is inspected, or that which takes from the channel that is; null if neither is. */
export function stageOf(topology: Topology, focus: Place | null): number | null {
  if (!focus) return null;
  return focus.stage ?? topology.receiverOf(focus.channel) ?? null;
}

/** The middle of a lane, in CSS pixels from the top of the plot. */
export const middleOf = ({ y, height }: Lane): number => y + height / 2;

/** Texts closer than this to each other, in CSS pixels at scale 1, would overlap. */
const LEAST_SPACE = 10.5;

/** Returns for each lane whether its text has space, if it has one: not if that of a lane above it is too close. */
export function spaced(
  lanes: readonly Lane[],
  scale: number,
  has: (lane: Lane, index: number) => boolean,
): boolean[] {
  let last = -Infinity;
  return lanes.map((lane, index) => {
    const middle = middleOf(lane);
    if (!has(lane, index) || middle - last < LEAST_SPACE * scale) return false;
    last = middle;
    return true;
  });
}
