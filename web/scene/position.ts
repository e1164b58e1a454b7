// Where the dot of a visit is at a time: a pure function of the log, the time and the layout. The vertex shader
// computes the same (webgl-renderer.ts). This version is for finding the dot under the pointer, for the 2D fallback,
// and for tests.

import { FIRST_CHANNEL } from '../recording/events';
import { isChannel } from '../recording/topology';
import { EXIT, HELD_BACK, OPEN, stateIn } from '../recording/residencies';
import type { RecordState, Residencies } from '../recording/residencies';
import { ease } from '../recording/track';
import type { Grid } from './layout';
import { along, pointsOf } from './routes';
import type { Routes } from './routes';

/** What all dots of a picture have in common. */
export interface Moment {
  /** Nanoseconds of the run. */
  time: number;
  /** The longest duration of a transition from one node to the next, in nanoseconds. Half of the visit if that is less. */
  ramp: number;
  /** How many traced records have left each channel, by its number minus [`FIRST_CHANNEL`]. Fractional while the queue moves up. */
  departed: number[];
  /** Up to when it is known whether visits have ended, in nanoseconds; infinite if the log is complete. */
  known: number;
}

export interface Dot {
  x: number;
  y: number;
  radius: number;
  state: RecordState;
  /** The lowest 32 bits of the record's number. */
  record: number;
  /** Below 1 while the dot fades at an exit. */
  opacity: number;
  /** Whether it is on its way to its node. */
  moving: boolean;
  /** Half the width and the height, if it is a line. */
  line: { w: number; h: number } | null;
}

/** How long a queue takes to move up, as a share of the longest transition. */
const QUEUE = 200 / 360;

export function momentAt(
  residencies: Residencies,
  time: number,
  ramp: number,
  known = Infinity,
): Moment {
  const departed = residencies.departed.map((counter) => counter.smooth(time, ramp * QUEUE));
  return { time, ramp, departed, known };
}

/** A dot smaller than this isn't drawn. */
export const LEAST_RADIUS = 0.3;

/** The golden angle: points at its multiples, at growing distances, are evenly spread. */
export const GOLDEN_ANGLE = 2.399963;

/** The centre of a cell; for a fractional index, a point between two centres. */
export function cell(grid: Grid, index: number): [number, number] {
  const last = grid.cols * grid.rows - 1;
  const at = Math.min(Math.max(0, index), last);
  const whole = Math.floor(at);
  const [x, y] = middle(grid, whole);
  const share = at - whole;
  if (share === 0) return [x, y];
  const [nextX, nextY] = middle(grid, Math.min(whole + 1, last));
  return [x + (nextX - x) * share, y + (nextY - y) * share];
}

function middle({ x, y, w, h, cols, rows, fromFoot }: Grid, index: number): [number, number] {
  const row = Math.floor(index / cols);
  const column = index - row * cols + 0.5;
  return [x + (column * w) / cols, y + ((fromFoot ? rows - row - 0.5 : row + 0.5) * h) / rows];
}

/** Returns the dot of a visit, or null if it has none at this time. */
export function dotAt(
  residencies: Residencies,
  visit: number,
  moment: Moment,
  routes: Routes,
): Dot | null {
  const { time, departed } = moment;
  const start = residencies.word(visit, 0);
  const end = residencies.word(visit, 1);
  const from = residencies.word(visit, 2);
  const to = residencies.word(visit, 3);
  const node = to & 0xff;
  const origin = from & 0xff;
  const isExit = node >= EXIT;
  const now = time / residencies.tick;
  const ramp = moment.ramp / residencies.tick;
  const age = now - start;
  const whole = Math.floor(now);
  if (whole < start || (end !== OPEN && whole >= end) || (isExit && age >= ramp)) return null;

  const until = end === OPEN ? moment.known / residencies.tick : end;
  const duration = isExit ? ramp : Math.min(ramp, (until - start) / 2);
  const share = duration > 0 ? ease(age / duration) : 1;
  const grid = gridOf(routes, node);
  const fromGrid = gridOf(routes, origin);
  const slot = residencies.word(visit, 4);
  const goal = targetPoint(grid, to, slot, departed);
  let [x, y] = goal;
  if (share < 1) {
    const source =
      origin === node ? targetPoint(grid, from, slot, departed) : sourcePoint(fromGrid, from);
    [x, y] = along(pointsOf(routes.get(origin, node), source, goal), share);
  }
  const radius = fromGrid.radius + (grid.radius - fromGrid.radius) * share;
  if (radius < LEAST_RADIUS) return null;
  return {
    ...{ x, y },
    radius,
    state: stateIn(to),
    record: residencies.word(visit, 5),
    opacity: isExit ? 1 - share : 1,
    moving: share < 1,
    line: share < 1 ? null : grid.line,
  };
}

/** Where the dot comes from: the foot of a channel, or a worker. */
function sourcePoint(grid: Grid, from: number): [number, number] {
  return isChannel(from & 0xff) ? cell(grid, 0) : workerPoint(grid, from);
}

/** Where a worker holds a record: on its left, or on its right if it can't send it. */
function workerPoint(grid: Grid, place: number): [number, number] {
  const [x, y] = cell(grid, Math.floor(((place >>> 8) & 0xffff) * grid.scale));
  return [x + (place & HELD_BACK ? grid.out : 0), y];
}

/** Where the dot belongs: in the queue, or with a worker, beside the other records that it has. */
function targetPoint(grid: Grid, to: number, slot: number, departed: number[]): [number, number] {
  const node = to & 0xff;
  if (node >= EXIT) return cell(grid, 0);
  if (isChannel(node)) {
    return cell(grid, Math.max(0, slot - (departed[node - FIRST_CHANNEL] ?? 0)));
  }
  if (grid.shelf && slot > 0) {
    const { x, y, step, most } = grid.shelf;
    return [x - step * (Math.min(slot, most) - 1), y];
  }
  const [x, y] = workerPoint(grid, to);
  const distance = Math.sqrt(slot) * grid.radius * 1.6;
  // Within the socket.
  const most = Math.max(0, Math.min(grid.w / grid.cols, grid.h / grid.rows) / 2 - grid.radius);
  const reach = Math.min(distance, most);
  return [x + reach * Math.cos(GOLDEN_ANGLE * slot), y + reach * Math.sin(GOLDEN_ANGLE * slot)];
}

function gridOf({ layout }: Routes, node: number): Grid {
  return layout.grids[node] as Grid;
}
