// The wires between stages and channels, and the ways of dots along them. Both are made of the same numbers, so a dot
// is never off its wire.

import { NODES } from '../recording/residencies';
import type { Topology } from '../recording/topology';
import { isBypass } from './columns';
import { marginOf, workerForm, workerRect } from './layout';
import type { Layout, Rect } from './layout';

/**
 * The way from one node to another, as the coordinates where it turns:
 *
 * from the start up or down to `y1`, to `x2`, to `y3`, to `x4`, to `y5`, to above or below the end, to the end.
 *
 * [`SAME`] for `y1` and `y5` is the height of the start and of the end.
 */
export interface Route {
  y1: number;
  x2: number;
  y3: number;
  x4: number;
  y5: number;
}

/** A coordinate that is the start's or the end's. Numbers for the graphics card can't be null. */
export const SAME = -1e6;

/** The corners of a wire are round. */
const CORNER = 8;

/** A wire as drawn. */
export interface Wire {
  key: string;
  /** An SVG path. */
  path: string;
  /** Where its arrow tip touches a box; null for none. */
  tip: { x: number; y: number } | null;
}

const right = ({ x, w }: Rect): number => x + w;
const NONE: Rect = { x: 0, y: 0, w: 0, h: 0 };

/** How far from its top a record enters a channel, and from its foot it leaves. */
const inset = (layout: Layout, { h }: Rect): number => Math.min(11 * layout.scale, h * 0.16);

export class Routes {
  readonly layout: Layout;
  readonly topology: Topology;
  readonly #routes = new Map<number, Route>();

  constructor(topology: Topology, layout: Layout) {
    this.topology = topology;
    this.layout = layout;
    for (const { node, senders } of topology.channels) {
      for (const sender of senders) {
        this.#routes.set(sender * NODES + node, this.#into(sender, node));
      }
      const receiver = topology.receiverOf(node);
      if (receiver !== undefined) this.#routes.set(node * NODES + receiver, this.#outOf(node));
    }
  }

  /** Returns the way between two nodes; undefined if it is straight. */
  get(from: number, to: number): Route | undefined {
    return this.#routes.get(from * NODES + to);
  }

  #box(node: number): Rect {
    return this.layout.boxes[node] ?? NONE;
  }

  entryOf(channel: number): number {
    const box = this.#box(channel);
    return box.y + inset(this.layout, box);
  }

  exitOf(channel: number): number {
    const box = this.#box(channel);
    return box.y + box.h - inset(this.layout, box);
  }

  /** How far to the right there is nothing but the legend at the foot: up to the first wire that goes down there. */
  get legendRoom(): number {
    const { topology, layout } = this;
    const trunks = topology.channels.flatMap(({ node, senders }) =>
      senders
        .filter((sender) => isBypass(topology, sender, node))
        .map((sender) => this.trunkAfter(sender)),
    );
    return Math.min(layout.width, ...trunks) - marginOf(layout.form) - 12;
  }

  /** Where the trunk of the wires from a stage to the channels after it is. */
  trunkAfter(stage: number): number {
    const { gap, form, scale } = this.layout;
    const outputs = this.topology.outputsOf(stage).length;
    const edge = right(this.#box(stage));
    if (outputs < 2 || form === 'phone') return edge + gap * (outputs < 2 ? 0.5 : 0.4);
    // A channel reached by a detour needs no trunk of its own.
    const near = this.topology
      .outputsOf(stage)
      .filter((channel) => !isBypass(this.topology, stage, channel)).length;
    if (near < 2) return edge + gap * 0.5;
    return this.topology.isFanOut(stage)
      ? edge + Math.min(11 * scale, gap * 0.3)
      : edge + gap * 0.42;
  }

  /** Where the trunk of the wires from a channel to the workers after it is. */
  trunkBefore(channel: number): number {
    return right(this.#box(channel)) + this.layout.gap * 0.5;
  }

  /** The heights at which the workers of a stage send and receive; one for the cells of a map. */
  rowsOf(stage: number): number[] {
    const count = this.layout.counts[stage] ?? 1;
    const box = this.#box(stage);
    if (workerForm(count) === 'map') return [box.y + box.h / 2];
    return Array.from({ length: count }, (_, worker) => {
      const { y, h } = workerRect(this.layout, stage, worker);
      return y + h / 2;
    });
  }

  /** The height at which a stage with a single worker sends to or receives from one of several channels. */
  #port(stage: number, channel: number, channels: readonly number[], step: number): number {
    const { y, h } = this.#box(stage);
    const others = [...channels].sort((a, b) => this.#box(a).y - this.#box(b).y);
    const each = Math.min(step * this.layout.scale, (h - 8) / Math.max(1, others.length - 1));
    return y + h / 2 + (others.indexOf(channel) - (others.length - 1) / 2) * each;
  }

  /** The height where a record leaves a stage for a channel; [`SAME`] as its worker. */
  portOut(stage: number, channel: number): number {
    const { topology, layout } = this;
    const isMap = workerForm(layout.counts[stage] ?? 1) === 'map';
    if (isMap) return this.rowsOf(stage)[0] ?? 0;
    if (topology.isPool(stage)) return SAME;
    return this.#port(stage, channel, topology.outputsOf(stage), 9);
  }

  /** The height where a record enters a stage from a channel; [`SAME`] as its worker. */
  portIn(stage: number, channel: number): number {
    const { topology, layout } = this;
    const isMap = workerForm(layout.counts[stage] ?? 1) === 'map';
    if (isMap) return this.rowsOf(stage)[0] ?? 0;
    if (topology.isPool(stage)) return SAME;
    return this.#port(stage, channel, topology.inputsOf(stage), 18);
  }

  /** The way around, for a channel that isn't in the next column: it comes up again at `x`, and goes in at `y`. */
  detourOf(channel: number): { laneY: number; x: number; y: number } {
    const { gap, laneY, form } = this.layout;
    const box = this.#box(channel);
    // Each lane is a little above the one before.
    const all = this.topology.channels.filter(({ node, senders }) =>
      senders.some((sender) => isBypass(this.topology, sender, node)),
    );
    const at = Math.max(
      0,
      all.findIndex(({ node }) => node === channel),
    );
    const step = form === 'wide' ? 5 : 3;
    return {
      laneY: laneY - Math.min(at, 5) * step,
      x: box.x - Math.min(10, gap * 0.3),
      y: box.y + box.h * 0.62,
    };
  }

  #into(sender: number, channel: number): Route {
    const x = this.trunkAfter(sender);
    const y1 = this.portOut(sender, channel);
    if (isBypass(this.topology, sender, channel)) {
      const around = this.detourOf(channel);
      return { y1, x2: x, y3: around.laneY, x4: around.x, y5: around.y };
    }
    const y = this.entryOf(channel);
    return { y1, x2: x, y3: y, x4: x, y5: y };
  }

  #outOf(channel: number): Route {
    const x = this.trunkBefore(channel);
    const receiver = this.topology.receiverOf(channel) ?? 0;
    const y = this.portIn(receiver, channel);
    return { y1: this.exitOf(channel), x2: x, y3: y, x4: x, y5: y };
  }

  /** All wires, each once. */
  wires(): Wire[] {
    const { topology } = this;
    return topology.channels.flatMap(({ node, senders }) => {
      const box = this.#box(node);
      const into = senders.flatMap((sender) => this.#wiresInto(sender, node));
      const receiver = topology.receiverOf(node);
      if (receiver === undefined) return into;
      const port = this.portIn(receiver, node);
      const ends = port === SAME ? this.rowsOf(receiver) : [port];
      const { x } = this.#box(receiver);
      const trunk = this.trunkBefore(node);
      return [
        ...into,
        ...ends.map((y, at) => ({
          key: `${node}>${at}`,
          path: elbow(right(box), this.exitOf(node), trunk, x, y),
          tip: { x, y },
        })),
      ];
    });
  }

  #wiresInto(sender: number, channel: number): Wire[] {
    const port = this.portOut(sender, channel);
    const starts = port === SAME ? this.rowsOf(sender) : [port];
    const edge = right(this.#box(sender));
    const trunk = this.trunkAfter(sender);
    const { x } = this.#box(channel);
    if (isBypass(this.topology, sender, channel)) {
      // One wire down from the lowest worker: the others join the trunk above it.
      const around = this.detourOf(channel);
      return [
        ...starts.slice(0, -1).map((y, at) => ({
          key: `${sender}-${at}>${channel}`,
          path: `M${edge} ${y}H${trunk}V${starts.at(-1) ?? y}`,
          tip: null,
        })),
        {
          key: `${sender}>${channel}`,
          path: rounded([
            [edge, starts.at(-1) ?? 0],
            [trunk, starts.at(-1) ?? 0],
            [trunk, around.laneY],
            [around.x, around.laneY],
            [around.x, around.y],
            [x, around.y],
          ]),
          tip: { x, y: around.y },
        },
      ];
    }
    const y2 = this.entryOf(channel);
    return starts.map((y, at) => ({
      key: `${sender}-${at}>${channel}`,
      path: elbow(edge, y, trunk, x, y2),
      tip: at === 0 ? { x, y: y2 } : null,
    }));
  }

  /**
   * Returns the way of the pressure from a channel against the flow to a worker of a stage that can't send to it, as an
   * SVG path, and where it ends.
   */
  pressure(channel: number, stage: number, worker: number): { path: string; x: number; y: number } {
    const { layout } = this;
    const port = this.portOut(stage, channel);
    const rows = this.rowsOf(stage);
    const y = port === SAME ? (rows[worker] ?? rows[0] ?? 0) : port;
    const box = this.#box(channel);
    const edge = right(this.#box(stage));
    const trunk = this.trunkAfter(stage);
    const short = layout.form === 'phone' ? 3 : 6 * layout.scale;
    const end: [number, number] = [edge + short, y];
    const points: [number, number][] = isBypass(this.topology, stage, channel)
      ? (() => {
          const around = this.detourOf(channel);
          return [
            [box.x - 2, around.y],
            [around.x, around.y],
            [around.x, around.laneY],
            [trunk, around.laneY],
            [trunk, y],
            end,
          ];
        })()
      : [[box.x - 2, this.entryOf(channel)], [trunk, this.entryOf(channel)], [trunk, y], end];
    return { path: rounded(points, 0), x: edge, y };
  }
}

/** From left to right, with a step in between. */
function elbow(x1: number, y1: number, middle: number, x2: number, y2: number): string {
  return rounded([
    [x1, y1],
    [middle, y1],
    [middle, y2],
    [x2, y2],
  ]);
}

/** Returns an SVG path along points, with round corners. */
export function rounded(points: readonly (readonly [number, number])[], most = CORNER): string {
  const some = points.filter(([x, y], at) => {
    const before = points[at - 1];
    return !before || Math.abs(before[0] - x) + Math.abs(before[1] - y) > 0.5;
  });
  let path = '';
  some.forEach(([x, y], at) => {
    const before = some[at - 1];
    const after = some[at + 1];
    if (!before) path += `M${num(x)} ${num(y)}`;
    else if (!after || most === 0) path += `L${num(x)} ${num(y)}`;
    else {
      const lengths = [
        Math.abs(x - before[0]) + Math.abs(y - before[1]),
        Math.abs(after[0] - x) + Math.abs(after[1] - y),
      ];
      const r = Math.min(most, ...lengths.map((length) => length / 2));
      const [fx, fy] = [Math.sign(before[0] - x) * r, Math.sign(before[1] - y) * r];
      const [tx, ty] = [Math.sign(after[0] - x) * r, Math.sign(after[1] - y) * r];
      path += `L${num(x + fx)} ${num(y + fy)}Q${num(x)} ${num(y)} ${num(x + tx)} ${num(y + ty)}`;
    }
  });
  return path;
}

const num = (value: number): string => String(Math.round(value * 100) / 100);

/** The points of a dot's way from a start to an end. The shader does the same. */
export function pointsOf(
  route: Route | undefined,
  [sx, sy]: readonly [number, number],
  [tx, ty]: readonly [number, number],
): [number, number][] {
  if (!route) {
    return [
      [sx, sy],
      [tx, ty],
    ];
  }
  const y1 = route.y1 === SAME ? sy : route.y1;
  const y5 = route.y5 === SAME ? ty : route.y5;
  const y3 = route.y3 === SAME ? ty : route.y3;
  return [
    [sx, sy],
    [sx, y1],
    [route.x2, y1],
    [route.x2, y3],
    [route.x4, y3],
    [route.x4, y5],
    [tx, y5],
    [tx, ty],
  ];
}

/** Returns the point after a share of the length of a way. */
export function along(
  points: readonly (readonly [number, number])[],
  share: number,
): [number, number] {
  let whole = 0;
  for (let at = 1; at < points.length; at += 1) whole += distance(points, at);
  let left = whole * share;
  for (let at = 1; at < points.length; at += 1) {
    const length = distance(points, at);
    const [x, y] = points[at] as [number, number];
    if (left <= length || at === points.length - 1) {
      const [fromX, fromY] = points[at - 1] as [number, number];
      const part = length > 0 ? Math.min(1, left / length) : 1;
      return [fromX + (x - fromX) * part, fromY + (y - fromY) * part];
    }
    left -= length;
  }
  return [0, 0];
}

function distance(points: readonly (readonly [number, number])[], at: number): number {
  const [x1, y1] = points[at - 1] as [number, number];
  const [x2, y2] = points[at] as [number, number];
  return Math.hypot(x2 - x1, y2 - y1);
}
