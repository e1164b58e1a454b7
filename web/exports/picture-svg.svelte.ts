// The picture as SVG. Its components are laid out off screen, written as the browser has laid them out, and the dots
// are drawn between what is below and what is above them, as on screen.

import { flushSync, mount, unmount } from 'svelte';
import { EXIT } from '../recording/residencies';
import { css, paletteOf } from '../scene/colours';
import { drawBrackets, drawDot } from '../scene/canvas2d-renderer';
import { dotAt } from '../scene/position';
import { domToSvg } from './dom-to-svg';
import type { Shot } from './shot';
import Still from './Still.svelte';
import { SvgContext } from './svg-context';
import type { Definitions, Part } from './svg';

/** The most dots in a picture, so that files stay usable; the last ones are on top of the others. */
const MOST_DOTS = 20_000;

/** How fast the dashes of the pressure move, in CSS pixels per second. */
const DASH_SPEED = 34;

export class PictureWriter {
  readonly #holder: HTMLElement;
  #shot: Shot;
  readonly #component: Record<string, unknown>;

  constructor(shot: Shot) {
    const holder = document.createElement('div');
    holder.inert = true;
    holder.setAttribute('aria-hidden', 'true');
    document.body.append(holder);
    this.#holder = holder;
    this.#shot = $state.raw(shot);
    this.#place(shot);
    const shown = () => this.#shot;
    const props = {
      get shot() {
        return shown();
      },
    };
    this.#component = mount(Still, { target: holder, props });
  }

  #place({ layout: { width, height, scale } }: Shot): void {
    Object.assign(this.#holder.style, {
      ...{ position: 'fixed', top: '0', left: '-100000px', contain: 'strict' },
      ...{ width: `${width}px`, height: `${height}px` },
      ...{ fontSize: `${13 * scale}px`, pointerEvents: 'none' },
    });
  }

  /**
   * Writes a picture.
   *
   * @param seconds how long the picture has been moving
   */
  write(shot: Shot, definitions: Definitions, seconds = 0): Part {
    this.#shot = shot;
    this.#place(shot);
    flushSync();
    const parts = [...this.#holder.children].map((part) =>
      domToSvg(part, definitions, -((seconds * DASH_SPEED) % 14)),
    );
    const dots = this.#dots(shot, definitions);
    const { width, height } = shot.layout;
    return { width, height, body: `${parts[0] ?? ''}${dots}${parts[1] ?? ''}` };
  }

  #dots({ subject, moment, routes }: Shot, definitions: Definitions): string {
    const { residencies, chosen } = subject;
    const palette = paletteOf(this.#holder);
    const context = new SvgContext(definitions);
    const [first, behind] = residencies.range(moment.time, moment.ramp);
    for (let visit = Math.max(first, behind - MOST_DOTS); visit < behind; visit += 1) {
      const dot = dotAt(residencies, visit, moment, routes);
      if (!dot) continue;
      const colour = palette.states[dot.state];
      context.globalAlpha = dot.opacity;
      context.begin();
      drawDot(context, dot, colour ? css(colour) : 'gray', css(palette.ground));
      if (chosen !== null && (chosen | 0) === dot.record) {
        drawBrackets(context, dot, css(palette.ink));
      }
      const node = residencies.word(visit, 3) & 0xff;
      // For tools and tests; one that fades at an exit isn't anywhere any more.
      context.end({
        'data-record': String(dot.record >>> 0),
        'data-node': node < EXIT ? String(node) : null,
      });
    }
    return context.toString();
  }

  /** Removes what was laid out. */
  remove(): void {
    void unmount(this.#component);
    this.#holder.remove();
  }
}
