// Where stages and channels are in the picture, in columns from left to right in the order in which records reach them,
// and where dots can be within them. Lengths are CSS pixels from the top left corner.

import type { Topology } from '../recording/topology';
import { EXIT, SOURCE } from '../recording/residencies';
import { layersOf } from './columns';
import type { Layer, PlacedChannel, PlacedStage } from './columns';

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Where dots can be within a node: cells in columns, each filled from the top; in a channel from its foot. */
export interface Grid extends Rect {
  cols: number;
  rows: number;
  /** Cells per slot of the channel, or per worker; below 1 if several share one. */
  scale: number;
  /** Whether the first cell is the lowest: a queue is taken from at its foot. */
  fromFoot: boolean;
  /** The radius of a dot. */
  radius: number;
  /** How far to the right a worker holds the record that it can't send. */
  out: number;
  /** Where a consumer's records other than the first are, from right to left; null without space for them. */
  shelf: { x: number; y: number; step: number; most: number } | null;
  /** Half the width and height of the line that a record is where dots would be too small; null where it is a dot. */
  line: { w: number; h: number } | null;
}

/**
 * `wide` from the width of a tablet; `phone` for narrow windows; `mini` for one of two pictures
 * that are compared, with less text.
 */
export type Form = 'wide' | 'phone' | 'mini';

/** How the workers of a stage are drawn: as rows, or as the cells of a map. */
export type WorkerForm = 'rows' | 'map';

export interface Layout {
  width: number;
  height: number;
  form: Form;
  /** The scale of text: above 1 for presenters. */
  scale: number;
  /** How much wider texts are than in the font of the page. */
  textFactor: number;
  /** How wide each text may be; 0 for one that is left out. See arrange.ts; a text that isn't here has its place. */
  rooms: Map<string, number>;
  layers: Layer[];
  /** The workers of a stage, and the slots of a channel, by node. */
  boxes: Rect[];
  /** By node, including the source and the exits. */
  grids: Grid[];
  /** How many workers a stage has, by node. */
  counts: number[];
  /** The capacity of a channel, by node. */
  capacities: number[];
  /** The top and the height of the workers of pools, if there are any. */
  middle: { y: number; h: number };
  /** Where wires go around other stages. */
  laneY: number;
  gap: number;
}

export interface LayoutInput {
  width: number;
  height: number;
  form: Form;
  /** The scale of text: 1, or more for presenters. */
  scale: number;
  /** By index of the stage in the topology. */
  workers: readonly number[];
  /** By index of the channel in the topology. */
  capacities: readonly number[];
  /** How many records a dot represents. */
  sample: number;
  /** Whether there is a row of controls below pools and their channels. */
  controls: boolean;
  /** How much wider texts are than in the font of the page; see [`fontFactor`]. */
  textFactor?: number;
}

/** With more workers than this, they are the cells of a map instead of rows. */
export const MAX_ROWS = 30;

/** The most cells in a map, and how many of them are side by side. */
export const MAX_CELLS = 64;
const MAP_COLUMNS = 8;

/** Above this many slots, a record is a line. */
export const MAX_DOTS = 24;

/** Closer together than this, dots are lines as well. */
const CLOSEST = 5;

/** The capacity at which a channel is as high as a pool. One with more slots is as high, with narrower slots. */
const FULL_HEIGHT = 10;

/** The width of a gap beside columns of the widths below. */
const GAP = 41.5;

/** Widths of columns, by what is in them, in pixels at scale 1. */
const WIDTHS = {
  wide: { source: 76, pool: 116, single: 62, sink: 112, map: 232, channels: [34, 32, 30] },
  phone: { source: 40, pool: 63, single: 34, sink: 56, map: 84, channels: [17, 17, 14] },
} as const;

/** The least width of a column, gaps included: with more of them the picture is wider than its frame. */
const LEAST_COLUMN = 19;

export const marginOf = (form: Form): number => (form === 'phone' ? 8 : 18);

/** How much of the picture is for what is above and below the workers of pools. */
export function headAndFoot({ form, scale, controls }: LayoutInput): [head: number, foot: number] {
  if (form === 'phone') return [30, 56];
  if (form === 'mini') return [34, 28];
  return [
    (scale > 1.1 ? 62 : 83) * (scale > 1.1 ? scale : 1),
    ((controls ? 66 : 36) + LEGEND) * scale,
  ];
}

/** The height of the legend at the foot, at scale 1. */
const LEGEND = 42;

export function computeLayout(topology: Topology, input: LayoutInput): Layout {
  const layers = layersOf(topology);
  const { form, scale, height } = input;
  const counts: number[] = [];
  const capacities: number[] = [];
  topology.stages.forEach(({ node }, index) => (counts[node] = input.workers[index] ?? 1));
  topology.channels.forEach(({ node }, index) => (capacities[node] = input.capacities[index] ?? 1));

  const { columns, gap, width } = columnsOf(layers, input, counts);
  const middle = middleOf(input, counts);
  const boxes: Rect[] = [];
  const place = (node: number, column: number, y: number, h: number) => {
    const { x, w } = columns[column] ?? { x: 0, w: 0 };
    boxes[node] = { x, y, w, h };
  };
  layers.forEach(({ stages, channels }, layer) => {
    const column = 2 * layer;
    const [only] = stages;
    if (stages.length === 1 && only) {
      const h = middle.h * heightOf(only);
      place(only.node, column, middle.y + (middle.h - h) / 2, h);
      placeChannels(channels, column - 1);
      return;
    }
    rowsOf(stages.length).forEach(({ y, h }, row) => {
      const stage = stages[row];
      if (!stage) return;
      const own = channels.filter(({ slot }) => slot === row);
      const { top, body } = insideRow(h);
      const most = stage.kind === 'pool' ? body : Math.min(body, stageHeight(form) * scale);
      place(stage.node, column, y + top + (body - most) / 2, most);
      const each = body / Math.max(1, own.length);
      own.forEach(({ node }, at) => {
        const part = own.length > 1 ? each * 0.72 : each;
        placeHopper(node, column - 1, y + top + each * at + (each - part), part);
      });
    });
  });

  /** Places the channels that one stage receives from. */
  function placeChannels(channels: readonly PlacedChannel[], column: number): void {
    if (channels.length === 1) {
      channels.forEach(({ node }) => {
        placeHopper(node, column, middle.y, middle.h);
      });
      return;
    }
    const many = channels.length;
    const ideal =
      form === 'phone' ? 52 : form === 'mini' ? 64 : Math.min(96 * scale, middle.h * 0.6);
    const top =
      form === 'phone' ? middle.y + 2 : form === 'mini' ? 34 : height * 0.12 + 14 * scale + 6;
    const below =
      form === 'phone' ? middle.y + middle.h - 2 : height - (form === 'mini' ? 22 : 46 * scale);
    const each = (below - top) / many;
    const h = Math.min(ideal, each * 0.72);
    channels.forEach(({ node }, at) => {
      placeHopper(node, column, top + ((below - top - h) * at) / (many - 1), h);
    });
  }

  /** A hopper is as high as its capacity, up to a limit, and stands on its foot. */
  function placeHopper(node: number, column: number, y: number, h: number): void {
    const share = Math.min(1, (capacities[node] ?? 1) / FULL_HEIGHT);
    const own = Math.min(h, Math.max(h * share, form === 'wide' ? 42 * scale : 26));
    place(node, column, y + h - own, own);
  }

  /** Splits the height among stages on top of each other. */
  function rowsOf(many: number): { y: number; h: number }[] {
    const top = form === 'phone' ? 6 : form === 'mini' ? 4 : scale > 1.1 ? 6 : 41;
    const h = (height - top - (form === 'mini' ? 8 : form === 'phone' ? 22 : 14)) / many;
    return Array.from({ length: many }, (_, at) => ({ y: top + h * at, h }));
  }

  /** What is left of a row for a hopper, beside its name above and its numbers below. */
  function insideRow(h: number): { top: number; body: number } {
    if (form === 'phone')
      return h < 34 ? { top: 1, body: h - 4 } : { top: 16, body: Math.min(38, h - 18) };
    if (form === 'mini')
      return h < 40 ? { top: 1, body: h - 4 } : { top: 16, body: Math.min(34, h - 22) };
    if (h >= 74 * scale) return { top: 18 * scale, body: Math.min(h - 50 * scale, 84 * scale) };
    if (h >= 40 * scale) return { top: 18 * scale, body: h - 22 * scale };
    return { top: 1, body: h - 4 };
  }

  const layout: Layout = {
    ...{ width, height, form, scale, layers, boxes, grids: [], counts, capacities, middle, gap },
    textFactor: input.textFactor ?? 1,
    rooms: new Map(),
    laneY: height - (form === 'mini' ? 6 : form === 'phone' ? 4 : 10 * scale),
  };
  placeGrids(topology, layout, input.sample);
  return layout;
}

const stageHeight = (form: Form) => (form === 'phone' ? 26 : form === 'mini' ? 22 : 34);

/** Of the height of a pool. */
function heightOf({ kind }: PlacedStage): number {
  if (kind === 'pool') return 1;
  return kind === 'single' ? 0.44 : 0.4;
}

/** Where columns are. Whatever width they leave is in the gaps, all of them equal. */
function columnsOf(
  layers: readonly Layer[],
  { width: given, form, scale }: LayoutInput,
  counts: readonly number[],
): { columns: { x: number; w: number }[]; gap: number; width: number } {
  const of = form === 'phone' ? WIDTHS.phone : WIDTHS.wide;
  const base = layers.flatMap(({ stages, channels }, layer) => {
    const own = Math.max(
      ...stages.map(({ node, kind }) => {
        if (kind === 'pool' && (counts[node] ?? 1) > MAX_ROWS) return of.map;
        return kind === 'sink' && scale > 1.1 && given < 1200 ? 136 : of[kind];
      }),
    );
    const before = of.channels[Math.min(channels.length, 3) - 1] ?? of.channels[0];
    return layer === 0 ? [own] : [before, own];
  });
  const width = Math.max(given, base.length * LEAST_COLUMN);
  const sum = base.reduce((all, w) => all + w, 0);
  const between = base.length - 1;
  const room = width - 2 * marginOf(form);
  const factor =
    form === 'phone'
      ? Math.max(0.2, Math.min(1.5, (room - 7 * between) / sum))
      : Math.min(1.35, room / (sum + GAP * between));
  const gap = between > 0 ? (room - sum * factor) / between : 0;
  let x = marginOf(form);
  const columns = base.map((one) => {
    const column = { x, w: one * factor };
    x += column.w + gap;
    return column;
  });
  return { columns, gap, width };
}

/** Where pools are, from top to bottom. */
function middleOf(input: LayoutInput, counts: readonly number[]): { y: number; h: number } {
  const { form, scale, height } = input;
  const [head, foot] = headAndFoot(input);
  const most = Math.max(20, height - head - foot);
  const workers = Math.max(...counts.filter(Number.isFinite));
  const ideal =
    form === 'phone'
      ? 154
      : form === 'mini'
        ? Math.max(110, height * 0.5)
        : Math.max(188 * scale, height * 0.46) * (workers > 8 ? 2 : workers > 4 ? 1.15 : 1);
  const h = Math.min(most, ideal);
  // In the middle of what is free, and a little higher, as there is more text below than above.
  const y = head + Math.max(0, (most - h) * (form === 'wide' ? 0.35 : 0.5));
  return { y, h };
}

/** Whether channels that are drawn equally high have different capacities, so that each needs a scale. */
export const hasScales = ({ capacities }: Layout): boolean =>
  new Set(capacities.filter(Number.isFinite)).size > 1;

/** Returns the stage or channel that is nearest to a point, within a distance in pixels; null if there is none. */
export function nearestNode(
  { boxes }: Layout,
  x: number,
  y: number,
  within: number,
): number | null {
  let nearest: number | null = null;
  let least = within;
  boxes.forEach((box, node) => {
    const across = Math.max(box.x - x, x - box.x - box.w, 0);
    const along = Math.max(box.y - y, y - box.y - box.h, 0);
    const distance = Math.hypot(across, along);
    if (distance > least || box.w === 0) return;
    nearest = node;
    least = distance;
  });
  return nearest;
}

/** Returns the worker of a stage that is nearest to a height. */
export function workerNearest({ boxes, counts }: Layout, stage: number, y: number): number {
  const box = boxes[stage];
  const count = counts[stage] ?? 1;
  if (!box || box.h <= 0) return 0;
  return Math.min(count - 1, Math.max(0, Math.floor(((y - box.y) / box.h) * count)));
}

/** The space between the rows of workers. */
export const rowGap = (count: number): number => (count <= 12 ? 3 : count <= 20 ? 2 : 1);

export function workerForm(count: number): WorkerForm {
  return count > MAX_ROWS ? 'map' : 'rows';
}

/** How many cells the map of a pool has. If it has more workers, each cell stands for several. */
export const cellsOf = (count: number): number => Math.min(count, MAX_CELLS);

/** Returns for about how many workers a cell stands at most. */
export const perCellOf = (stages: readonly { readonly count: number }[]): number =>
  Math.round(Math.max(1, ...stages.map(({ count }) => count / Math.max(1, cellsOf(count)))));

/** The rectangle of a worker, or of a cell of a map. */
export function workerRect(layout: Layout, stage: number, worker: number): Rect {
  const box = layout.boxes[stage] ?? { x: 0, y: 0, w: 0, h: 0 };
  const count = layout.counts[stage] ?? 1;
  if (workerForm(count) === 'rows') {
    const gap = rowGap(count);
    const h = (box.h - gap * (count - 1)) / count;
    return { x: box.x, y: box.y + worker * (h + gap), w: box.w, h };
  }
  const rows = Math.ceil(cellsOf(count) / MAP_COLUMNS);
  const [w, h] = [(box.w - 2 * (MAP_COLUMNS - 1)) / MAP_COLUMNS, (box.h - 2 * (rows - 1)) / rows];
  return {
    x: box.x + (worker % MAP_COLUMNS) * (w + 2),
    y: box.y + Math.floor(worker / MAP_COLUMNS) * (h + 2),
    ...{ w, h },
  };
}

/** The side of the socket in which a worker holds a record; 0 if its row is too thin for one. */
export function socketOf(layout: Layout, { w, h }: Pick<Rect, 'w' | 'h'>): number {
  const side = Math.min(h - 6, layout.form === 'phone' ? 18 : 28 * layout.scale, w * 0.34);
  return side >= 9 ? side : 0;
}

function placeGrids(topology: Topology, layout: Layout, sample: number): void {
  const { form, scale, boxes, grids } = layout;
  const largest = form === 'phone' ? 5 : form === 'mini' ? 4.6 : 6.4 * scale;
  const none = { x: 0, y: 0, w: 0, h: 0 };
  const plain = { cols: 1, rows: 1, scale: 1, fromFoot: false, out: 0, shelf: null, line: null };
  for (const { node } of topology.stages) {
    const box = boxes[node] ?? none;
    const count = layout.counts[node] ?? 1;
    const first = workerRect(layout, node, 0);
    if (workerForm(count) === 'map') {
      const cells = cellsOf(count);
      grids[node] = {
        ...plain,
        ...{ x: box.x - 1, y: box.y - 1, w: box.w + 2, h: box.h + 2 },
        ...{ cols: MAP_COLUMNS, rows: Math.ceil(cells / MAP_COLUMNS), scale: cells / count },
        // A cell shows its state instead of its record.
        radius: 0,
      };
    } else {
      const side = socketOf(layout, first);
      const w = side || Math.min(first.h, 12);
      const gap = rowGap(count);
      grids[node] = {
        ...plain,
        ...{ x: box.x + 3, y: box.y - gap / 2, w, h: box.h + gap, rows: count },
        radius: Math.max(1.2, Math.min(largest, (side || first.h) * 0.4)),
        out: box.w - 6 - w,
      };
    }
    const grid = grids[node];
    const atEdge = (x: number): Grid => ({
      ...plain,
      ...{ x, y: box.y + box.h / 2, w: 0, h: 0, radius: grid.radius },
    });
    if (topology.isSource(node)) grids[SOURCE] = atEdge(box.x + 3 + grid.w / 2);
    if (topology.isSink(node)) {
      grid.shelf = shelfOf(layout, box, grid.radius);
      grids[EXIT + node] = atEdge(box.x + 3 + grid.w / 2);
    }
  }
  for (const { node } of topology.channels) {
    const box = boxes[node] ?? none;
    const capacity = layout.capacities[node] ?? 1;
    const dots = Math.max(1, Math.ceil(capacity / sample));
    const pitch = box.h / dots;
    const radius = Math.max(2.2, Math.min(pitch * 0.38, box.w * 0.36, 6.5 * scale, largest));
    grids[node] = {
      ...{ x: box.x, y: box.y, w: box.w, h: box.h, cols: 1, rows: dots },
      ...{ scale: 1, fromFoot: true, radius, out: 0, shelf: null },
      line:
        capacity > MAX_DOTS || pitch < CLOSEST
          ? {
              w: Math.max(2, box.w / 2 - (form === 'wide' ? 4 : 3)),
              h: Math.min(3, Math.max(0.6, (pitch - 0.7) / 2)),
            }
          : null,
    };
  }
}

/** Below a consumer on the right, beside what it has written. */
function shelfOf({ form, scale }: Layout, box: Rect, radius: number): Grid['shelf'] {
  if (form !== 'wide' || box.w < 84 * scale) return null;
  const step = 2 * radius + 1;
  return { x: box.x + box.w - radius - 1, y: box.y + box.h + 4 + radius, step, most: 3 };
}
