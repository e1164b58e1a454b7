// The fallback without WebGL2: the same dots, drawn one by one and therefore limited in number.

import { RECORD_STATE } from '../recording/residencies';
import { css } from './colours';
import type { Drawable } from './drawable';
import type { Drawing } from './drawing';
import { dotAt } from './position';
import type { Dot } from './position';

/** How many visits to look at per draw: more would take too long. */
const MAX_DRAWN = 4000;

export class Canvas2DRenderer {
  readonly #context: CanvasRenderingContext2D;

  private constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  static create(canvas: HTMLCanvasElement): Canvas2DRenderer | null {
    const context = canvas.getContext('2d');
    return context && new Canvas2DRenderer(context);
  }

  draw(drawing: Drawing): void {
    const { residencies, moment, routes, palette, chosen, pixels } = drawing;
    const context = this.#context;
    this.#clear();
    context.setTransform(pixels, 0, 0, pixels, 0, 0);
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    for (let visit = Math.max(first, behind - MAX_DRAWN); visit < behind; visit += 1) {
      const dot = dotAt(residencies, visit, moment, routes);
      if (!dot) continue;
      const colour = palette.states[dot.state];
      context.globalAlpha = dot.opacity;
      drawDot(context, dot, colour ? css(colour) : 'gray', css(palette.ground));
      if (chosen !== null && (chosen | 0) === dot.record)
        drawBrackets(context, dot, css(palette.ink));
    }
  }

  /** The colour of a pixel; for tests. */
  pixelAt(x: number, y: number): number[] {
    return [...this.#context.getImageData(x, y, 1, 1).data];
  }

  #clear(): void {
    const { canvas } = this.#context;
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, canvas.width, canvas.height);
  }
}

/** Draws a dot with an outline in the colour of the ground. */
export function drawDot(context: Drawable, dot: Dot, colour: string, ground: string): void {
  const { x, y, radius: r, state, line } = dot;
  context.fillStyle = colour;
  if (line) {
    context.fillRect(x - line.w, y - line.h, 2 * line.w, 2 * line.h);
    return;
  }
  const outline = 2 * Math.min(1.2, r * 0.3);
  trace(context, state, x, y, r);
  const isStroke = state === RECORD_STATE.raw || state === RECORD_STATE.failed;
  const thickness = isStroke ? r * (state === RECORD_STATE.raw ? 0.42 : 0.56) : 0;
  context.lineCap = 'butt';
  context.lineWidth = thickness + outline;
  context.strokeStyle = ground;
  context.stroke();
  context.fillStyle = state === RECORD_STATE.raw ? ground : colour;
  if (state !== RECORD_STATE.failed) context.fill();
  if (!isStroke) return;
  context.lineWidth = thickness;
  context.strokeStyle = colour;
  context.stroke();
}

/** Makes the outline of a dot the current path. */
function trace(context: Drawable, state: Dot['state'], x: number, y: number, r: number): void {
  context.beginPath();
  switch (state) {
    case RECORD_STATE.raw:
      context.arc(x, y, r * 0.78, 0, 2 * Math.PI);
      break;
    case RECORD_STATE.valid:
      context.arc(x, y, r * 0.98, 0, 2 * Math.PI);
      break;
    case RECORD_STATE.processed:
      context.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
      break;
    case RECORD_STATE.anomaly:
      context.moveTo(x, y - r * 1.05);
      context.lineTo(x + r * 1.15, y + r);
      context.lineTo(x - r * 1.15, y + r);
      context.closePath();
      break;
    case RECORD_STATE.failed:
      context.moveTo(x - r * 0.8, y - r * 0.8);
      context.lineTo(x + r * 0.8, y + r * 0.8);
      context.moveTo(x - r * 0.8, y + r * 0.8);
      context.lineTo(x + r * 0.8, y - r * 0.8);
      break;
  }
}

/** The corners of a square around a dot. */
export function drawBrackets(context: Drawable, dot: Dot, ink: string): void {
  const w = (dot.line?.w ?? dot.radius * 1.1) + 4;
  const h = (dot.line?.h ?? dot.radius * 1.1) + 4;
  context.beginPath();
  for (const [across, down] of [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const) {
    const [x, y] = [dot.x + across * w, dot.y + down * h];
    context.moveTo(x, y - down * Math.min(5, h * 0.6));
    context.lineTo(x, y);
    context.lineTo(x - across * Math.min(5, w * 0.6), y);
  }
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.stroke();
}
