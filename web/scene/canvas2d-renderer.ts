// The fallback without WebGL2: the same dots, drawn one by one and therefore limited in number.

import { RECORD_STATE } from '../recording/residencies';
import { css } from './colours';
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
    const { residencies, moment, layout, palette, chosen, pixels } = drawing;
    const context = this.#context;
    this.#clear();
    context.setTransform(pixels, 0, 0, pixels, 0, 0);
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    for (let visit = Math.max(first, behind - MAX_DRAWN); visit < behind; visit += 1) {
      const dot = dotAt(residencies, visit, moment, layout);
      if (!dot) continue;
      const colour = palette.states[dot.state];
      context.globalAlpha = dot.opacity;
      context.fillStyle = context.strokeStyle = colour ? css(colour) : 'gray';
      drawShape(context, dot);
      if (chosen !== null && (chosen | 0) === dot.record) {
        context.strokeStyle = css(palette.ring);
        context.lineWidth = 2;
        context.beginPath();
        context.arc(dot.x, dot.y, Math.max(dot.radius * 2, 8), 0, 2 * Math.PI);
        context.stroke();
      }
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

function drawShape(context: CanvasRenderingContext2D, { x, y, radius: r, state }: Dot): void {
  context.beginPath();
  switch (state) {
    case RECORD_STATE.raw:
      context.lineWidth = r * 0.44;
      context.arc(x, y, r * 0.7, 0, 2 * Math.PI);
      context.stroke();
      return;
    case RECORD_STATE.valid:
      context.arc(x, y, r * 0.88, 0, 2 * Math.PI);
      break;
    case RECORD_STATE.processed:
      context.rect(x - r * 0.78, y - r * 0.78, r * 1.56, r * 1.56);
      break;
    case RECORD_STATE.anomaly:
      context.moveTo(x, y - r);
      context.lineTo(x + r, y + r * 0.85);
      context.lineTo(x - r, y + r * 0.85);
      context.closePath();
      break;
    case RECORD_STATE.failed:
      context.lineWidth = r * 0.55;
      context.moveTo(x - r * 0.75, y - r * 0.75);
      context.lineTo(x + r * 0.75, y + r * 0.75);
      context.moveTo(x - r * 0.75, y + r * 0.75);
      context.lineTo(x + r * 0.75, y - r * 0.75);
      context.stroke();
      return;
  }
  context.fill();
}
