// Where the points of a curve are: two small charts, one above the other, over one axis.

import { textWidth } from '../scene/text-width';
import { positionOn, roundUp, ticksOf } from './axis';
import type { LogAxis, Tick } from './axis';
import type { Figures, Point } from './sweep.svelte';
import type { Sweepable } from './sweepable';

/** A chart of one figure. */
export interface Chart {
  title: string;
  top: number;
  bottom: number;
  /** The text at its upper end. */
  most: string;
  /** What is known, in the order of the axis. */
  dots: readonly Dot[];
  /** The line through the dots that have a place on the axis, as an SVG path. */
  line: string;
}

export interface Dot {
  /** The index of the point. */
  at: number;
  x: number;
  y: number;
}

export interface Plot {
  width: number;
  height: number;
  /** Where the charts begin and end. */
  left: number;
  right: number;
  /** The position of each point. */
  positions: readonly number[];
  charts: readonly Chart[];
  ticks: readonly Tick[];
  /** The text of the value beside the axis, and where it stands. */
  beside: { text: string; x: number; align: 'start' | 'end' } | null;
  /** The baseline of the texts of the axis. */
  baseline: number;
}

/** A figure that is drawn. */
export interface Series {
  title: string;
  of: (figures: Figures) => number | null;
  textOf: (value: number) => string;
}

/** Sizes in pixels, for the usual text. */
const [GUTTER, MARGIN, BESIDE, HEIGHT, HEAD, FOOT] = [50, 8, 34, 62, 20, 20];

/** The font size of the axes, for the usual text. */
export const AXIS_SIZE = 11.5;

export function plotOf(
  points: readonly Point[],
  sweepable: Sweepable,
  series: readonly Series[],
  width: number,
  scale: number,
): Plot {
  const left = GUTTER * scale;
  const right = Math.max(left + 1, width - MARGIN * scale);
  const { beside, isCounted, textOf } = sweepable;
  const isBeside = beside !== null && points.some(({ place }) => place === null);
  const room = isBeside ? BESIDE * scale : 0;
  const places = points.flatMap(({ place }) => place ?? []);
  const axis: LogAxis = {
    ...{ least: Math.min(...places), most: Math.max(...places) },
    from: left + MARGIN * scale + (beside?.side === 'left' ? room : 0),
    to: right - MARGIN * scale - (beside?.side === 'right' ? room : 0),
  };
  const outside = beside?.side === 'left' ? left + MARGIN * scale : right - MARGIN * scale;
  const positions = points.map(({ place }) => (place === null ? outside : positionOn(axis, place)));
  const charts = series.map(({ title, of, textOf }, row): Chart => {
    const top = (row + 1) * HEAD * scale + row * HEIGHT * scale;
    const bottom = top + HEIGHT * scale;
    const known = points.flatMap(({ figures }, at) => {
      const value = figures && of(figures);
      return value === null ? [] : [{ at, value }];
    });
    const most = roundUp(Math.max(...known.map(({ value }) => value), 0));
    const dots = known.map(({ at, value }) => ({
      at,
      x: positions[at] ?? 0,
      y: bottom - (value / most) * (bottom - top),
    }));
    const line = dots
      .filter(({ at }) => points[at]?.place !== null)
      .map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
      .join('');
    return { title, top, bottom, most: known.length > 0 ? textOf(most) : '', dots, line };
  });
  const height = series.length * (HEAD + HEIGHT) * scale + FOOT * scale;
  const size = AXIS_SIZE * scale;
  const widest = Math.max(0, ...places.map((place) => textWidth(textOf(place), size, 88)));
  return {
    ...{ width, height, left, right, positions, charts },
    ticks: places.length > 0 ? ticksOf(axis, isCounted, widest + 10 * scale, textOf) : [],
    beside: isBeside
      ? {
          text: beside.text,
          x: beside.side === 'left' ? left : right,
          align: beside.side === 'left' ? 'start' : 'end',
        }
      : null,
    baseline: height - 5 * scale,
  };
}

/** Returns the index of the point that is nearest to a position; −1 if there is none. */
export function nearest(positions: readonly number[], x: number): number {
  let found = -1;
  for (const [at, position] of positions.entries()) {
    const best = positions[found] ?? Infinity;
    if (Math.abs(position - x) < Math.abs(best - x)) found = at;
  }
  return found;
}
