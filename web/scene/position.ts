// Where the dot of a visit is at a time: a pure function of the log, the time and the layout. The vertex shader
// computes the same (webgl-renderer.ts). This version is for finding the dot under the pointer, for the 2D fallback,
// and for tests.

import { FIRST_CHANNEL } from '../recording/events';
import { isChannel } from '../recording/topology';
import { EXIT, OPEN } from '../recording/residencies';
import type { RecordState, Residencies } from '../recording/residencies';
import { ease } from '../recording/track';
import type { Grid, Layout } from './layout';

/** What all dots of a picture have in common. */
export interface Moment {
  /** Nanoseconds of the run. */
  time: number;
  /** The duration of a transition from one node to the next, in nanoseconds. Shorter if the visit is. */
  ramp: number;
  /** How many traced records have left each channel, by its number minus [`FIRST_CHANNEL`]. Fractional while the queue moves up. */
  departed: number[];
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
}

export function momentAt(residencies: Residencies, time: number, ramp: number): Moment {
  const departed = residencies.departed.map((counter) => counter.smooth(time, ramp));
  return { time, ramp, departed };
}

/** The golden angle: points at its multiples, at growing distances, are evenly spread. */
export const GOLDEN_ANGLE = 2.399963;

/** The centre of a cell; for a fractional index, a point between two centres. */
export function cell(grid: Grid, index: number): [number, number] {
  const scaled = Math.min(Math.max(0, index * grid.scale), grid.cols * grid.rows - 1);
  const whole = Math.floor(scaled);
  const [x, y] = middle(grid, whole);
  const share = scaled - whole;
  if (share === 0) return [x, y];
  const [nextX, nextY] = middle(grid, Math.min(whole + 1, grid.cols * grid.rows - 1));
  return [x + (nextX - x) * share, y + (nextY - y) * share];
}

function middle({ x, y, w, h, cols, rows, fromRight }: Grid, index: number): [number, number] {
  const column = Math.floor(index / rows) + 0.5;
  const row = (index % rows) + 0.5;
  return [x + ((fromRight ? cols - column : column) * w) / cols, y + (row * h) / rows];
}

/** Returns the dot of a visit, or null if it has none at this time. */
export function dotAt(
  residencies: Residencies,
  visit: number,
  moment: Moment,
  layout: Layout,
): Dot | null {
  const { time, departed } = moment;
  const start = residencies.word(visit, 0);
  const end = residencies.word(visit, 1);
  const from = residencies.word(visit, 2);
  const to = residencies.word(visit, 3);
  const node = to & 0xff;
  const isExit = node >= EXIT;
  const now = time / residencies.tick;
  const ramp = moment.ramp / residencies.tick;
  const age = now - start;
  const whole = Math.floor(now);
  if (whole < start || (end !== OPEN && whole >= end) || (isExit && age >= ramp)) return null;

  const duration = end === OPEN ? ramp : Math.min(ramp, end - start);
  const share = duration > 0 ? ease(age / duration) : 1;
  const fromGrid = gridOf(layout, from & 0xff);
  const toGrid = gridOf(layout, node);
  const [fromX, fromY] =
    (from & 0xff) === node
      ? targetPoint(toGrid, to, residencies.word(visit, 4), departed)
      : sourcePoint(fromGrid, from);
  const [toX, toY] = targetPoint(toGrid, to, residencies.word(visit, 4), departed);
  return {
    x: fromX + (toX - fromX) * share,
    y: fromY + (toY - fromY) * share,
    radius: fromGrid.radius + (toGrid.radius - fromGrid.radius) * share,
    state: ((to >>> 24) & 0xff) as RecordState,
    record: residencies.word(visit, 5),
    opacity: isExit ? 1 - share : 1,
  };
}

/** Where the dot comes from: the exit of a channel, or a worker. */
function sourcePoint(grid: Grid, from: number): [number, number] {
  return cell(grid, isChannel(from & 0xff) ? 0 : (from >>> 8) & 0xffff);
}

/** Where the dot belongs: in the queue, or with a worker, beside the other records that it has. */
function targetPoint(grid: Grid, to: number, slot: number, departed: number[]): [number, number] {
  const node = to & 0xff;
  if (node >= EXIT) return cell(grid, 0);
  if (isChannel(node)) {
    return cell(grid, Math.max(0, slot - (departed[node - FIRST_CHANNEL] ?? 0)));
  }
  const [x, y] = cell(grid, (to >>> 8) & 0xffff);
  const distance = Math.sqrt(slot) * grid.radius * 1.6;
  // Keep off the text beside it.
  const most = Math.max(0, Math.min(grid.w / grid.cols, grid.h / grid.rows) / 2 - grid.radius);
  const reach = Math.min(distance, most);
  return [x + reach * Math.cos(GOLDEN_ANGLE * slot), y + reach * Math.sin(GOLDEN_ANGLE * slot)];
}

function gridOf(layout: Layout, node: number): Grid {
  return layout.grids[node] as Grid;
}
