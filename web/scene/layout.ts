// Where stages and channels are in the picture: from left to right in the order in which records reach them, or from top
// to bottom where it is narrow. Lengths are CSS pixels from the top left corner.

import type { Topology } from '../recording/topology';
import { EXIT, SOURCE } from '../recording/residencies';

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Where dots can be within a node: cells in columns. */
export interface Grid extends Rect {
  cols: number;
  rows: number;
  /** Cells per slot of the channel, or per worker; below 1 if there isn't enough space for all. */
  scale: number;
  /** Whether the first cell is on the right: a queue fills up from its exit. */
  fromRight: boolean;
  /** The radius of a dot, in pixels. */
  radius: number;
}

export interface Layout {
  width: number;
  height: number;
  /** Whether the layout runs from top to bottom. */
  narrow: boolean;
  /** The cards of stages and of channels, by node. */
  cards: Rect[];
  /** By node, including the source and the exits. */
  grids: Grid[];
  /** How many workers of a stage have a lane of their own, in one column for a pool; null if there are too many. */
  lanes: (number | null)[];
}

export interface LayoutInput {
  width: number;
  /** By index of the stage in the topology. */
  workers: readonly number[];
  /** By index of the channel in the topology. */
  capacities: readonly number[];
  /** How many records a dot represents. */
  sample: number;
  /** The font size in pixels. Cards scale with it. */
  text: number;
  /** Presenter mode: the text is large relative to the cards, so names may take two lines. */
  large?: boolean;
  /** The height available without scrolling. The layout is higher if necessary. */
  room?: number;
}

/** The minimum distance between dots. */
const CLOSEST = 4;

/** Up to this many workers have a lane each. */
export const MAX_LANES = 12;

/** In the narrow layout, up to this many cards are side by side. */
const MAX_IN_ROW = 3;

/** Cards narrower than this are too slim for a long name in one line, in font sizes. */
const SLIM = 12;

/** The height of channels that are side by side there, in lines, by their number. */
const CHANNEL_LINES = [0, 6.4, 7, 9.4];

/**
 * Longer names of channels take two lines if the text is large: errorHandlerCh is too long for its
 * card.
 */
const LONG_NAME = 12;

/** Stages at the same position along the pipeline, and the channels that they receive from. */
interface Layer {
  stages: Card[];
  channels: Card[];
}

interface Card {
  node: number;
  /** Decides how wide and how high the card is. */
  kind: 'first' | 'pool' | 'single' | 'last' | 'channel';
  /** How many workers have a lane. */
  lanes: number;
  /** For a channel: the index of the stage that receives from it, within its layer. */
  slot: number;
  /** For a channel: whether a line to it goes around another layer. */
  isBypass: boolean;
}

/** Returns how many stages records pass on the longest path to a stage. */
const layerOf = (topology: Topology, stage: number): number => topology.rankOf(stage) / 2;

/** Whether a channel is not between neighbouring layers, seen from one of its senders. */
export function isBypass(topology: Topology, sender: number, channel: number): boolean {
  const receiver = topology.receiverOf(channel) ?? sender;
  return layerOf(topology, receiver) > layerOf(topology, sender) + 1;
}

function layersOf(topology: Topology, workers: readonly number[] = []): Layer[] {
  const layers: Layer[] = [];
  const none = { lanes: 0, slot: 0, isBypass: false };
  topology.stages.forEach(({ node }, index) => {
    const layer = (layers[layerOf(topology, node)] ??= { stages: [], channels: [] });
    const kind = topology.isPool(node)
      ? 'pool'
      : topology.isSource(node)
        ? 'first'
        : topology.isSink(node)
          ? 'last'
          : 'single';
    const lanes = Math.min(workers[index] ?? 1, MAX_LANES);
    layer.stages.push({ ...none, node, kind, lanes });
  });
  for (const { node, senders } of topology.channels) {
    const receiver = topology.receiverOf(node);
    const layer = layers.find(({ stages }) => stages.some((stage) => stage.node === receiver));
    layer?.channels.push({
      ...none,
      node,
      kind: 'channel',
      slot: layer.stages.findIndex((stage) => stage.node === receiver),
      isBypass: senders.some((sender) => isBypass(topology, sender, node)),
    });
  }
  // A line that goes around comes in from below.
  for (const { channels } of layers) {
    channels.sort((a, b) => a.slot - b.slot || Number(a.isBypass) - Number(b.isBypass));
  }
  return layers;
}

/** The shares of the width, alternating between stages and channels. */
function sharesOf(layers: readonly Layer[], large = false): number[] {
  return layers.flatMap(({ stages }, at) => {
    const own = stages.some(({ kind }) => kind === 'pool' || kind === 'last')
      ? 13
      : large
        ? 10.5
        : 9.5;
    const isLast = at === layers.length - 1;
    const before = large ? (isLast ? 11.5 : 11) : isLast ? 12 : 11.5;
    return at === 0 ? [own] : [before, own];
  });
}

/**
 * The sum of the shares of the specification's pipeline, for which the relative widths were chosen.
 */
const USUAL_SHARES = 104.5;

/** The most cards on top of each other in that pipeline. */
const USUAL_STACK = 3;

const stackOf = (layers: readonly Layer[]): number =>
  Math.max(
    USUAL_STACK,
    ...layers.flatMap(({ stages, channels }) => [stages.length, channels.length]),
  );

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/**
 * Returns how much wider and higher than the specification's pipeline a pipeline is from left to
 * right, if it is: the text must be smaller then.
 */
export function extentOf(topology: Topology): { wider: number; higher: number } {
  const layers = layersOf(topology);
  return {
    wider: Math.max(1, sum(sharesOf(layers)) / USUAL_SHARES),
    higher: stackOf(layers) / USUAL_STACK,
  };
}

/**
 * Returns the smallest width at which names fit into cards from left to right, in pixels. In presenter mode, they may
 * take two lines.
 */
export function leastWidth(topology: Topology, text: number, large = false): number {
  return (large ? 72 : 83) * text * extentOf(topology).wider;
}

export function computeLayout(topology: Topology, shape: LayoutInput): Layout {
  const layers = layersOf(topology, shape.workers);
  return shape.width < leastWidth(topology, shape.text, shape.large)
    ? topToBottom(topology, layers, shape)
    : leftToRight(topology, layers, shape);
}

function leftToRight(topology: Topology, layers: readonly Layer[], shape: LayoutInput): Layout {
  const { width, text } = shape;
  const stack = stackOf(layers);
  /** Returns the height of a pool in lines: enough for its workers. */
  const linesOf = ({ lanes }: Card) => lanes * 2.1 + 7;
  const pools = layers.map(({ stages }) => stages.filter(({ kind }) => kind === 'pool'));
  const most = Math.max(0, ...pools.flat().map(linesOf));
  const highest = Math.max(0, ...pools.map((side) => side.length * most));
  const needed = Math.max(9 * stack * text, highest * text);
  const height = Math.round(Math.max(shape.room ?? width * 0.29, needed));
  const gap = Math.round(Math.max(0.7 * text, width * 0.011));
  const shares = sharesOf(layers, shape.large);
  const total = sum(shares);
  const room = width - gap * (shares.length - 1);
  const columns: { x: number; w: number }[] = [];
  let x = 0;
  for (const share of shares) {
    const w = (room * share) / total;
    columns.push({ x, w });
    x += w + gap;
  }
  const cards: Rect[] = [];
  const place = ({ node }: Card, column: number, middle: number, h: number) => {
    const { x = 0, w = 0 } = columns[column] ?? {};
    const top = Math.min(Math.max(0, middle * height - h / 2), height - h);
    cards[node] = { x, y: top, w, h };
  };
  /** Returns the height of one of several cards on top of each other. */
  const partOf = (count: number) => height / count - 0.7 * text;
  layers.forEach(({ stages, channels }, layer) => {
    const count = stages.length;
    stages.forEach((stage, at) => {
      const h = {
        first: 10 * text,
        pool: Math.max(height * 0.72, most * text),
        single: 12 * text,
        last: count === 1 ? 12 * text : height,
        channel: height,
      }[stage.kind];
      place(
        stage,
        2 * layer,
        (at + 0.5) / count,
        Math.min(h, count === 1 ? height : partOf(count)),
      );
    });
    const tube = Math.min(9.2 * text, partOf(Math.max(USUAL_STACK, channels.length)));
    channels.forEach((channel, at) => {
      place(channel, 2 * layer - 1, middleOf(at, channels.length, count), tube);
    });
  });
  return finish(topology, shape, height, false, cards, new Set());
}

/**
 * Returns where the middle of one of several channels is, from 0 to 1: at the height of the stage that receives from it,
 * if all of them have as many. Where there is a single stage, there is space for a line below.
 */
function middleOf(at: number, channels: number, stages: number): number {
  if (channels === 1 || stages > 1) return (at + 0.5) / channels;
  const [first, last] = [0.52 / channels, 1 - 0.4 / channels];
  return first + ((last - first) * at) / (channels - 1);
}

function topToBottom(topology: Topology, layers: readonly Layer[], shape: LayoutInput): Layout {
  const { width, text } = shape;
  const gap = Math.round(0.9 * text);
  const cards: Rect[] = [];
  const slim = new Set<number>();
  let y = 0;
  const row = (side: readonly Card[], h: number) => {
    const w = (width - gap * (side.length - 1)) / side.length;
    side.forEach(({ node }, at) => {
      cards[node] = { x: at * (w + gap), y, w, h };
      if (side.length >= MAX_IN_ROW && w < SLIM * text) slim.add(node);
    });
    if (side.length > 0) y += h + gap;
  };
  const heightOf = ({ kind, lanes }: Card, count: number) =>
    kind === 'pool' ? 5.4 + lanes * 2.1 : count > 1 ? 10.6 : 7.2;
  for (const { stages, channels } of layers) {
    for (const some of inRows(stages)) {
      const inputs = channels.filter(({ slot }) => some.includes(stages[slot] as Card));
      for (const side of inRows(inputs)) row(side, (CHANNEL_LINES[side.length] ?? 0) * text);
      row(some, Math.max(...some.map((stage) => heightOf(stage, some.length))) * text);
    }
  }
  return finish(topology, shape, y - gap, true, cards, slim);
}

/** Splits cards into as few rows as possible, about equally long. */
function inRows<T>(cards: readonly T[]): T[][] {
  const rows = Math.ceil(cards.length / MAX_IN_ROW);
  const each = Math.ceil(cards.length / rows);
  return Array.from({ length: rows }, (_, at) => cards.slice(at * each, (at + 1) * each));
}

/** @param slim the nodes of cards too slim for a name in one line */
function finish(
  topology: Topology,
  shape: LayoutInput,
  height: number,
  narrow: boolean,
  cards: Rect[],
  slim: ReadonlySet<number>,
): Layout {
  const { text, large } = shape;
  const inner = (card: Rect, top: number, bottom: number): Rect => ({
    x: card.x + 0.6 * text,
    y: card.y + top * text,
    w: card.w - 1.2 * text,
    h: Math.max(CLOSEST, card.h - (top + bottom) * text),
  });
  const none = { x: 0, y: 0, w: 0, h: 0 };
  /** Whether the name of a stage may take two lines. */
  const wraps = (stage: number, count: number) => {
    if (count > MAX_LANES) return true;
    return large ? topology.isPool(stage) || topology.isSink(stage) : slim.has(stage);
  };
  const grids: Grid[] = [];
  const lanes: (number | null)[] = [];
  const outside = (rect: Omit<Rect, 'w' | 'h'>): Grid => ({
    ...{ w: 0, h: 0 },
    ...rect,
    ...{ cols: 1, rows: 1, scale: 0, fromRight: false, radius: 0.2 * text },
  });
  topology.stages.forEach(({ node }, index) => {
    const count = shape.workers[index] ?? 1;
    const card = cards[node] ?? none;
    const single = count <= MAX_LANES;
    const field = inner(card, wraps(node, count) ? 3.4 : 2.1, 3.1);
    const grid = single ? lanesOf(field, count, text) : cellsOf(field, count, 1, text, false);
    grids[node] = grid;
    lanes[node] = single ? count : null;
    if (topology.isSource(node)) grids[SOURCE] = outside({ x: card.x, y: card.y + card.h / 2 });
    if (topology.isSink(node)) {
      // Dots fade where the worker holds them: on the way out of the card they would cross its text.
      const { x, y, w, h } = grid;
      grids[EXIT + node] = outside({ x: x + w - 0.4 * text, y: y + h / 2 });
    }
  });
  topology.channels.forEach(({ node, name }, index) => {
    const isBroken = narrow ? slim.has(node) : large && name.length > LONG_NAME;
    const field = inner(cards[node] ?? none, isBroken ? 3 : 1.9, 2.6);
    grids[node] = cellsOf(field, shape.capacities[index] ?? 1, shape.sample, text, true);
  });
  return { width: shape.width, height, narrow, cards, grids, lanes };
}

/** One lane per worker. The dot is at the left end of the lane, where there is no text. */
function lanesOf(field: Rect, count: number, text: number): Grid {
  const w = 2.2 * text;
  return {
    ...{ x: field.x, y: field.y, w: Math.min(w, field.w), h: field.h },
    ...{ cols: 1, rows: count, scale: 1, fromRight: false },
    radius: Math.min(0.42 * text, (field.h / count) * 0.3),
  };
}

/** Cells as square as possible. If there isn't enough space, several slots share one. */
function cellsOf(
  field: Rect,
  count: number,
  sample: number,
  text: number,
  fromRight: boolean,
): Grid {
  const dots = Math.max(1, Math.ceil(count / sample));
  const most = Math.floor(field.w / CLOSEST) * Math.floor(field.h / CLOSEST);
  const wanted = Math.min(dots, Math.max(1, most));
  let rows = Math.max(1, Math.round(Math.sqrt((wanted * field.h) / field.w)));
  rows = Math.min(rows, Math.max(1, Math.floor(field.h / CLOSEST)));
  const cols = Math.ceil(wanted / rows);
  const radius = Math.min(0.42 * text, field.w / cols / 2.5, field.h / rows / 2.5);
  return { ...field, cols, rows, scale: Math.min(1, wanted / dots), fromRight, radius };
}
