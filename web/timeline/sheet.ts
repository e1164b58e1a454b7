// What a lane is drawn with: a canvas, a time scale, colours. Rectangles are collected by colour, since changing the
// colour costs more than a rectangle.

import type { TimeWindow } from '../analysis/series';
import type { Drawable } from '../scene/drawable';
import type { LanePalette } from './palette';

export interface Sheet {
  context: Drawable;
  palette: LanePalette;
  window: TimeWindow;
  /** The width of the window in CSS pixels. */
  width: number;
  /** Up to this time everything is known, in nanoseconds; what goes on then is drawn up to here. */
  until: number;
  /** The size of text relative to that of the desktop. */
  scale: number;
}

/** Returns the position of a time, in CSS pixels. */
export function toX({ window: { from, to }, width }: Sheet, time: number): number {
  return ((time - from) / (to - from)) * width;
}

/** Returns the time at a position. */
export function toTime({ window: { from, to }, width }: Sheet, x: number): number {
  return from + (x / width) * (to - from);
}

/** How many grades of opacity there are. */
const GRADES = 8;

/** Rectangles to be filled, by colour and opacity. */
export class Rects {
  readonly #fills = new Map<CanvasPattern | string, Map<number, number[]>>();

  /** @param opacity from 0 to 1, rounded to one of a few grades */
  add(
    fill: CanvasPattern | string,
    x: number,
    y: number,
    width: number,
    height: number,
    opacity = 1,
  ): void {
    let grades = this.#fills.get(fill);
    if (!grades) this.#fills.set(fill, (grades = new Map<number, number[]>()));
    const grade = Math.max(1, Math.ceil(opacity * GRADES));
    const rects = grades.get(grade);
    if (rects) rects.push(x, y, width, height);
    else grades.set(grade, [x, y, width, height]);
  }

  /** Fills them, and forgets them. */
  fill(context: Drawable): void {
    for (const [fill, grades] of this.#fills) {
      context.fillStyle = fill;
      for (const [grade, rects] of grades) {
        context.globalAlpha = grade / GRADES;
        for (let at = 0; at < rects.length; at += 4) {
          context.fillRect(
            rects[at] as number,
            rects[at + 1] as number,
            rects[at + 2] as number,
            rects[at + 3] as number,
          );
        }
      }
    }
    context.globalAlpha = 1;
    this.#fills.clear();
  }
}
