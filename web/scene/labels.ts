// Which texts of the picture have space, and where. A text that doesn't fit is left out, or takes a shorter form; it is
// never cut, and never smaller than can be read.

import type { Topology } from '../recording/topology';
import { marginOf, socketOf } from './layout';
import type { Layout, Rect } from './layout';
import { textWidth } from './text-width';

/** A text with the box that it needs. */
export interface Label extends Rect {
  text: string;
  /** The font size in pixels. */
  size: number;
  /** The width of the letters in percent. */
  stretch: number;
  align: 'left' | 'center' | 'right';
}

/** The smallest text in pixels. */
export const smallest = ({ form, scale }: Layout): number =>
  form === 'phone' ? 11 : scale > 1.1 ? 14 : 10.5;

/** Names of stages where there isn't space for the whole name, by id. */
const SHORT: Readonly<Record<string, string>> = {
  error_handler: 'Errors',
  metrics_collector: 'Metrics',
};

/** Returns the first text that fits, in the first form that fits. */
function fitting(
  { textFactor }: Layout,
  texts: readonly string[],
  forms: readonly (readonly [size: number, stretch: number])[],
  room: number,
): { text: string; size: number; stretch: number; width: number } | null {
  for (const text of texts) {
    for (const [size, stretch] of forms) {
      const width = Math.ceil(textWidth(text, size, stretch) * textFactor) + 1;
      if (width <= room) return { text, size, stretch, width };
    }
  }
  return null;
}

/** Places a text relative to a box, with its baseline at a height. */
function placed(
  { text, size, stretch, width }: NonNullable<ReturnType<typeof fitting>>,
  box: Rect,
  baseline: number,
  align: Label['align'],
): Label {
  const h = Math.ceil(size * 1.2);
  const x =
    align === 'left'
      ? box.x
      : align === 'right'
        ? box.x + box.w - width
        : box.x + (box.w - width) / 2;
  // The baseline is about four fifths down.
  return { text, size, stretch, align, x, y: baseline - h * 0.79, w: width, h };
}

/** The texts of a node, in the order in which they get their space. */
export type LabelKind = 'name' | 'depth' | 'word' | 'sub' | 'written' | 'more';

export const roomKey = (kind: LabelKind, node: number): string => `${kind} ${node}`;

const roomOf = ({ rooms }: Layout, kind: LabelKind, node: number, wanted: number): number =>
  Math.min(wanted, rooms.get(roomKey(kind, node)) ?? Infinity);

const NONE: Rect = { x: 0, y: 0, w: 0, h: 0 };

/** How much space there is beside a box, until the next column or the edge. */
function beside(layout: Layout, box: Rect, needed: number): number {
  const left = box.x - marginOf(layout.form) < 1 ? marginOf(layout.form) - 2 : layout.gap - needed;
  const right =
    layout.width - box.x - box.w - marginOf(layout.form) < 1
      ? marginOf(layout.form) - 2
      : layout.gap - needed;
  return Math.max(0, Math.min(left, right));
}

export function stageName(
  topology: Topology,
  layout: Layout,
  node: number,
  count: number,
  hasSub: boolean,
): Label | null {
  const { form, scale } = layout;
  const box = layout.boxes[node] ?? NONE;
  const name = count === 1 ? topology.nameOf(node) : topology.workersName(node);
  const short = SHORT[topology.idOf(node)] ?? name.split(' ')[0] ?? name;
  const isCentred = form === 'phone';
  const size = isCentred ? 13 : form === 'mini' ? 12.5 : 14 * scale;
  const forms = isCentred
    ? ([
        [size, 84],
        [size, 80],
        [12, 80],
        [11, 80],
      ] as const)
    : ([
        [size, 106],
        [size, 97],
        [size, 88],
        [size, 80],
        [Math.max(smallest(layout), size * 0.86), 80],
      ] as const);
  const room = isCentred
    ? box.w + 2 * beside(layout, box, 2.5)
    : box.w + Math.max(4, beside(layout, box, 26 * scale) * 0.7);
  const found = fitting(layout, [name, short], forms, roomOf(layout, 'name', node, room));
  const above = isCentred || form === 'mini' ? 7 : hasSub ? 25 * scale : 8 * scale;
  return found && placed(found, box, box.y - above, isCentred ? 'center' : 'left');
}

/** What is below the name of a stage: its service time, or its rate. */
export function stageSub(layout: Layout, node: number, texts: readonly string[]): Label | null {
  if (layout.form !== 'wide') return null;
  const box = layout.boxes[node] ?? NONE;
  const size = 12 * layout.scale;
  const room = box.w + Math.max(4, beside(layout, box, 30 * layout.scale) * 0.5);
  const found = fitting(
    layout,
    texts,
    [
      [size, 86],
      [size, 80],
      [Math.max(smallest(layout), 11), 80],
    ],
    roomOf(layout, 'sub', node, room),
  );
  return found && placed(found, box, box.y - 9 * layout.scale, 'left');
}

/** Whether a channel is as high as a pool, so that it has the same lines below. */
export function isMain(layout: Layout, node: number): boolean {
  const box = layout.boxes[node] ?? NONE;
  const { middle } = layout;
  return Math.abs(box.y + box.h - middle.y - middle.h) < 1;
}

export function channelName(topology: Topology, layout: Layout, node: number): Label | null {
  const { form, scale } = layout;
  const box = layout.boxes[node] ?? NONE;
  const name = topology.nameOf(node);
  if (form === 'phone') {
    if (!isMain(layout, node)) return null;
    const found = fitting(
      layout,
      [name],
      [
        [12, 80],
        [11, 80],
      ],
      roomOf(layout, 'name', node, box.w + 2 * (layout.gap + 14)),
    );
    return found && placed(found, box, box.y + box.h + 41, 'center');
  }
  const size = form === 'mini' ? 11 : 12 * scale;
  const found = fitting(
    layout,
    [name],
    [
      [size, 84],
      [size, 80],
      [Math.max(smallest(layout), size * 0.88), 80],
    ],
    roomOf(layout, 'name', node, box.w + 2 * Math.max(0, layout.gap - 3)),
  );
  return found && placed(found, box, box.y - (form === 'mini' ? 5 : 8 * scale), 'center');
}

/** How many records are in a channel; shorter forms come later. */
export function channelDepth(layout: Layout, node: number, texts: readonly string[]): Label | null {
  const { form, scale } = layout;
  const box = layout.boxes[node] ?? NONE;
  const main = isMain(layout, node);
  if (form === 'phone') {
    if (!main) return null;
    const found = fitting(
      layout,
      texts.slice(-1),
      [
        [13, 80],
        [11.5, 80],
      ],
      roomOf(layout, 'depth', node, box.w + 2 * (layout.gap - 1)),
    );
    return found && placed(found, box, box.y - 7, 'center');
  }
  if (form === 'mini' && !main) return null;
  const size = form === 'mini' ? 11.5 : main ? 13.5 * scale : 12 * scale;
  const found = fitting(
    layout,
    form === 'mini' ? texts.slice(-1) : texts,
    [
      [size, 88],
      [size, 80],
      [Math.max(smallest(layout), size * 0.86), 80],
    ],
    roomOf(layout, 'depth', node, box.w + 2 * Math.max(0, layout.gap - 8)),
  );
  const below = form === 'mini' ? 14 : main ? 22 * scale : 17 * scale;
  return found && placed(found, box, box.y + box.h + below, 'center');
}

/** The most of what the workers of a pool do, in a word. */
export function poolWord(layout: Layout, node: number, texts: readonly string[]): Label | null {
  const { form, scale } = layout;
  const box = layout.boxes[node] ?? NONE;
  if (form === 'mini') return null;
  const isPhone = form === 'phone';
  const size = isPhone ? 12.5 : 13 * scale;
  const found = fitting(
    layout,
    texts,
    [
      [size, isPhone ? 84 : 92],
      [size, 80],
      [isPhone ? 11 : Math.max(smallest(layout), 11.5), 80],
    ],
    roomOf(
      layout,
      'word',
      node,
      box.w + (isPhone ? 2 * Math.max(0, layout.gap - 2) : Math.max(0, layout.gap - 34)),
    ),
  );
  const align = isPhone ? 'center' : 'left';
  return found && placed(found, box, box.y + box.h + (isPhone ? 22 : 29 * scale), align);
}

/** What a consumer has written, and how many more records there are than on its shelf. */
export function written(
  layout: Layout,
  node: number,
  texts: readonly string[],
  shelved: number,
): { written: Label | null; more: Label | null } {
  const box = layout.boxes[node] ?? NONE;
  const { form, scale } = layout;
  const none = { written: null, more: null };
  if (form !== 'wide') return none;
  const size = 12 * scale;
  const forms = [
    [size, 86],
    [size, 80],
  ] as const;
  const shelf = layout.grids[node]?.shelf ?? null;
  // Space is kept for the shelf, so that nothing moves when it fills up.
  const taken = shelf ? shelf.step * shelf.most + 6 : 0;
  const baseline = box.y + box.h + 16 * scale;
  const text = fitting(
    layout,
    texts,
    forms,
    roomOf(layout, 'written', node, box.w - taken + (shelf ? 0 : 10)),
  );
  const label = text && placed(text, box, baseline, 'left');
  const extra = shelf ? shelved - shelf.most : 0;
  const more =
    extra > 0
      ? fitting(
          layout,
          [`+${extra}`],
          forms,
          roomOf(layout, 'more', node, box.w - taken - (label ? label.w + 4 : 0)),
        )
      : null;
  return {
    written: label,
    more: more && placed(more, { ...box, w: box.w - taken }, baseline, 'right'),
  };
}

/**
 * The text of a worker, if there is space: beside its socket, if that has a record.
 *
 * @param texts longer ones first
 * @param socket on which side it has a record; null if it has none
 */
export function workerText(
  layout: Layout,
  rect: Pick<Rect, 'w' | 'h'>,
  texts: readonly string[],
  socket: 'left' | 'right' | null,
): Label | null {
  const { form, scale } = layout;
  const size =
    form === 'phone'
      ? 12.5
      : form === 'mini'
        ? 11.5
        : Math.min(14, Math.max(12, rect.h * 0.3)) * scale;
  const sizes = [size, Math.max(smallest(layout), size * 0.86)].filter(
    (one) => rect.h >= one * 1.15,
  );
  if (sizes.length === 0) return null;
  const side = socket === null ? 0 : (socketOf(layout, rect) || Math.min(rect.h, 12)) + 3;
  const room = rect.w - side - 8;
  const found = fitting(
    layout,
    texts,
    sizes.map((one) => [one, 86] as const),
    room,
  );
  if (!found) return null;
  const box = { x: socket === 'left' ? side : 0, y: 0, w: rect.w - side, h: rect.h };
  return placed(found, box, rect.h / 2 + found.size * 0.35, 'center');
}

/** What fails, above the wire that goes around, if there is space between its ends. */
export function faultLabel(
  layout: Layout,
  { left, right, y }: { left: number; right: number; y: number },
  texts: readonly string[],
): Label | null {
  if (layout.form !== 'wide') return null;
  const size = 12 * layout.scale;
  const found = fitting(
    layout,
    texts,
    [
      [size, 86],
      [size, 80],
    ],
    right - left - 60,
  );
  // In the middle, with the valve beside it.
  return found && placed(found, { x: left + 30, y, w: right - left - 40, h: 0 }, y - 8, 'center');
}
