// Where stages and channels are in the picture: from left to right as in the specification's drawing, or from top to
// bottom where it is narrow. Lengths are CSS pixels from the top left corner.

import { CHANNELS, FIRST_CHANNEL, NODE, STAGES } from '../recording/events';
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
  /** The cards of stages and of channels, by index. */
  stages: Rect[];
  channels: Rect[];
  /** Indexed by [`gridIndexOf`] a node. */
  grids: Grid[];
  /** How many workers have a lane of their own, in one column for a pool; null if there are too many. */
  lanes: (number | null)[];
}

/** The stages that records end at. */
const CONSUMERS = [NODE.loader, NODE.error_handler, NODE.metrics_collector] as const;

/** The index of the source's grid, behind those of the stages and the channels. */
export const SOURCE_GRID = STAGES.length + CHANNELS.length;

/** Added to the number of a consumer, this is the index of its exit's grid. */
export const EXIT_GRID = SOURCE_GRID + 1 - NODE.loader;

/** The number of grids: stages, channels, the source and the exits. */
export const GRID_COUNT = SOURCE_GRID + 1 + CONSUMERS.length;

/** Returns the index of a node's grid. */
export function gridIndexOf(node: number): number {
  if (node < FIRST_CHANNEL) return node;
  if (node < SOURCE) return node - FIRST_CHANNEL + STAGES.length;
  if (node === SOURCE) return SOURCE_GRID;
  return node - EXIT + EXIT_GRID;
}

export interface LayoutInput {
  width: number;
  /** By index of the stage. */
  workers: readonly number[];
  /** By index of the channel. */
  capacities: readonly number[];
  /** How many records a dot represents. */
  sample: number;
  /** The font size in pixels. Cards scale with it. */
  text: number;
  /** Presenter mode: the text is large relative to the cards, so names may take two lines. */
  large?: boolean;
  /** The height available without scrolling. The layout is higher if it has to be. */
  room?: number;
}

/** The minimum distance between dots. */
const CLOSEST = 4;

/** Up to this many workers have a lane each. */
export const MAX_LANES = 12;

export function computeLayout(shape: LayoutInput): Layout {
  return shape.width < 46 * shape.text ? topToBottom(shape) : leftToRight(shape);
}

function leftToRight(shape: LayoutInput): Layout {
  const { width, text } = shape;
  const most = Math.max(shape.workers[1] ?? 1, shape.workers[2] ?? 1);
  const lanes = Math.min(most, MAX_LANES);
  const needed = Math.max(27 * text, (lanes * 2.1 + 7) * text);
  const height = Math.round(Math.max(shape.room ?? width * 0.29, needed));
  const gap = Math.round(Math.max(0.7 * text, width * 0.011));
  // Shares of the width, alternating between stages and channels.
  const shares = shape.large
    ? [10.5, 11, 13, 11, 13, 11, 10.5, 11.5, 13]
    : [9.5, 11.5, 13, 11.5, 13, 11.5, 9.5, 12, 13];
  const total = shares.reduce((sum, share) => sum + share, 0);
  const room = width - gap * (shares.length - 1);
  const columns: { x: number; w: number }[] = [];
  let x = 0;
  for (const share of shares) {
    const w = (room * share) / total;
    columns.push({ x, w });
    x += w + gap;
  }
  const card = (column: number, middle: number, h: number): Rect => {
    const { x = 0, w = 0 } = columns[column] ?? {};
    const top = Math.min(Math.max(0, middle * height - h / 2), height - h);
    return { x, y: top, w, h };
  };
  const third = height / 3 - 0.7 * text;
  const tube = Math.min(9.2 * text, third);
  const pool = Math.min(height, Math.max(height * 0.72, (lanes * 2.1 + 7) * text));
  return finish(shape, height, false, {
    stages: [
      card(0, 0.5, 10 * text),
      card(2, 0.5, pool),
      card(4, 0.5, pool),
      card(6, 0.5, 12 * text),
      card(8, 1 / 6, third),
      card(8, 0.5, third),
      card(8, 5 / 6, third),
    ],
    channels: [
      card(1, 0.5, tube),
      card(3, 0.5, tube),
      card(5, 0.26, tube),
      card(5, 0.8, tube),
      card(7, 1 / 6, tube),
      card(7, 0.5, tube),
      card(7, 5 / 6, tube),
    ],
  });
}

function topToBottom(shape: LayoutInput): Layout {
  const { width, text } = shape;
  const gap = Math.round(0.9 * text);
  let y = 0;
  const row = (h: number, count = 1): Rect[] => {
    const w = (width - gap * (count - 1)) / count;
    const rects = Array.from({ length: count }, (_, at) => ({ x: at * (w + gap), y, w, h }));
    y += h + gap;
    return rects;
  };
  const pool = (stage: number) => {
    const lanes = Math.min(shape.workers[stage] ?? 1, MAX_LANES);
    return (5.4 + lanes * 2.1) * text;
  };
  const [producer] = row(7.2 * text);
  const [data] = row(6.4 * text);
  const [validators] = row(pool(1));
  const [valid] = row(6.4 * text);
  const [transformers] = row(pool(2));
  const [processed, error] = row(7 * text, 2);
  const [fanOut] = row(7.2 * text);
  const [loaderCh, handlerCh, metricsCh] = row(9.4 * text, 3);
  const [loader, handler, metrics] = row(10.6 * text, 3);
  const present = (rects: (Rect | undefined)[]) =>
    rects.map((rect) => rect ?? { x: 0, y: 0, w: 0, h: 0 });
  return finish(shape, y - gap, true, {
    stages: present([producer, validators, transformers, fanOut, loader, handler, metrics]),
    channels: present([data, valid, processed, error, loaderCh, handlerCh, metricsCh]),
  });
}

function finish(
  shape: LayoutInput,
  height: number,
  narrow: boolean,
  { stages, channels }: { stages: Rect[]; channels: Rect[] },
): Layout {
  const { text } = shape;
  const inner = (card: Rect, top: number, bottom: number): Rect => ({
    x: card.x + 0.6 * text,
    y: card.y + top * text,
    w: card.w - 1.2 * text,
    h: Math.max(CLOSEST, card.h - (top + bottom) * text),
  });
  /** How many lines the name of a stage may take: three cards side by side are too narrow for one. */
  const linesOf = (stage: number, count: number) => {
    if (count > MAX_LANES) return 2;
    if (shape.large) return stage === 0 || stage === 3 ? 1 : 2;
    return narrow && stage >= 4 ? 2 : 1;
  };
  const grids: Grid[] = [];
  const lanes = STAGES.map((_, stage) => {
    const count = shape.workers[stage] ?? 1;
    const card = stages[stage] ?? { x: 0, y: 0, w: 0, h: 0 };
    const single = count <= MAX_LANES;
    const field = inner(card, linesOf(stage, count) === 1 ? 2.1 : 3.4, 3.1);
    grids.push(single ? lanesOf(field, count, text) : cellsOf(field, count, 1, text, false));
    return single ? count : null;
  });
  CHANNELS.forEach((_, channel) => {
    const card = channels[channel] ?? { x: 0, y: 0, w: 0, h: 0 };
    // errorHandlerCh is too long for its card.
    const isBroken = narrow ? channel >= 4 : shape.large && channel === 5;
    const field = inner(card, isBroken ? 3 : 1.9, 2.6);
    const capacity = shape.capacities[channel] ?? 1;
    grids.push(cellsOf(field, capacity, shape.sample, text, true));
  });
  const outside = (rect: Omit<Rect, 'w' | 'h'>): Grid => ({
    ...{ w: 0, h: 0 },
    ...rect,
    ...{ cols: 1, rows: 1, scale: 0, fromRight: false, radius: 0.2 * text },
  });
  const producer = stages[0] ?? { x: 0, y: 0, w: 0, h: 0 };
  grids.push(outside({ x: producer.x, y: producer.y + producer.h / 2 }));
  for (const stage of CONSUMERS) {
    // Dots fade where the worker holds them: on the way out of the card they would cross its text.
    const { x, y, w, h } = grids[stage] ?? producer;
    grids.push(outside({ x: x + w - 0.4 * text, y: y + h / 2 }));
  }
  return { width: shape.width, height, narrow, stages, channels, grids, lanes };
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
