// A 2D context that writes SVG instead of painting pixels, so that what is drawn on a canvas needs no second drawing.

import type { Drawable } from '../scene/drawable';
import { Definitions, element, escaped, filled, number, paintOf } from './svg';
import type { Attributes } from './svg';

/** What [`SvgContext.save`] keeps. */
type Style = Pick<
  Drawable,
  | 'fillStyle'
  | 'font'
  | 'globalAlpha'
  | 'lineCap'
  | 'lineJoin'
  | 'lineWidth'
  | 'strokeStyle'
  | 'textAlign'
  | 'textBaseline'
>;

/** A fill may refer to one of the definitions; patterns of a canvas can't be written. */
const textOf = (style: Style['fillStyle']): string => (typeof style === 'string' ? style : 'none');

const ANCHORS: Readonly<Record<string, string>> = { center: 'middle', right: 'end', end: 'end' };

export class SvgContext implements Drawable {
  fillStyle: Style['fillStyle'] = '#000000';
  strokeStyle: Style['strokeStyle'] = '#000000';
  globalAlpha = 1;
  lineWidth = 1;
  lineCap: CanvasLineCap = 'butt';
  lineJoin: CanvasLineJoin = 'miter';
  font = '10px sans-serif';
  textAlign: CanvasTextAlign = 'start';
  textBaseline: CanvasTextBaseline = 'alphabetic';

  readonly #definitions: Definitions;
  /** The current path. */
  #path = '';
  /** The elements of each group that is open, from the outermost. */
  readonly #open: string[][] = [[]];
  /** What is restored, and what closes the groups that were opened since. */
  readonly #saved: { style: Style; groups: Attributes[] }[] = [];
  /** Rectangles of the same fill, which become one element. */
  #rects: { attributes: Attributes; path: string; key: string } | null = null;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Everything that was drawn. */
  toString(): string {
    this.#flush();
    return this.#open[0]?.join('') ?? '';
  }

  save(): void {
    const { fillStyle, strokeStyle, globalAlpha, lineWidth, lineCap, lineJoin } = this;
    const { font, textAlign, textBaseline } = this;
    this.#saved.push({
      style: {
        ...{ fillStyle, strokeStyle, globalAlpha, lineWidth, lineCap, lineJoin },
        ...{ font, textAlign, textBaseline },
      },
      groups: [],
    });
  }

  restore(): void {
    const saved = this.#saved.pop();
    if (!saved) return;
    for (const group of saved.groups.reverse()) this.#close(group);
    Object.assign(this, saved.style);
  }

  /** Begins a group of elements; for tests and tools that ask what is drawn where. */
  begin(): void {
    this.#flush();
    this.#open.push([]);
  }

  /** Ends the group that was begun last. */
  end(attributes: Attributes): void {
    this.#close(attributes);
  }

  #close(attributes: Attributes): void {
    this.#flush();
    const elements = this.#open.pop() ?? [];
    if (elements.length > 0) this.#add(element('g', attributes, elements.join('')));
  }

  #add(written: string): void {
    this.#open.at(-1)?.push(written);
  }

  /** Until the next [`SvgContext.restore`], only what is within the current path is seen. Needs a [`SvgContext.save`]. */
  clip(): void {
    const path = element('path', { d: this.#path });
    this.begin();
    const clipped = { 'clip-path': this.#definitions.refer('clipPath', {}, path) };
    this.#saved.at(-1)?.groups.push(clipped);
  }

  beginPath(): void {
    this.#path = '';
  }

  closePath(): void {
    this.#path += 'z';
  }

  moveTo(x: number, y: number): void {
    this.#path += `M${number(x)} ${number(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.#path += `L${number(x)} ${number(y)}`;
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.#path += rectangle(x, y, width, height);
  }

  /** Adds a whole circle: nothing draws parts of one. */
  arc(x: number, y: number, radius: number): void {
    const [r, diameter] = [number(radius), number(2 * radius)];
    this.#path += `M${number(x - radius)} ${number(y)}a${r} ${r} 0 1 0 ${diameter} 0a${r} ${r} 0 1 0 -${diameter} 0z`;
  }

  fill(): void {
    this.#flush();
    this.#add(element('path', { d: this.#path, ...this.#filled }));
  }

  stroke(): void {
    if (this.#path === '') return;
    this.#flush();
    this.#add(element('path', { d: this.#path, fill: 'none', ...this.#stroked }));
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const attributes = this.#filled;
    const key = element('path', attributes);
    if (this.#rects?.key !== key) {
      this.#flush();
      this.#rects = { attributes, key, path: '' };
    }
    this.#rects.path += rectangle(x, y, width, height);
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.#flush();
    this.#add(element('rect', { x, y, width, height, fill: 'none', ...this.#stroked }));
  }

  /** Nothing is there yet. */
  clearRect(): void {
    this.beginPath();
  }

  /** Lengths stay CSS pixels, whatever the screen has. */
  setTransform(): void {
    this.beginPath();
  }

  fillText(text: string, x: number, y: number): void {
    this.#flush();
    const [, weight = null, stretch, size = '10'] =
      /^(?:(\d+) )?(semi-condensed )?([\d.]+)px/.exec(this.font) ?? [];
    this.#add(
      element(
        'text',
        {
          ...{ x, y, 'font-size': Number(size), 'font-weight': weight },
          'font-stretch': stretch ? '87.5%' : null,
          'text-anchor': ANCHORS[this.textAlign],
          ...this.#filled,
        },
        escaped(text),
      ),
    );
  }

  get #filled(): Attributes {
    return { ...filled(paintOf(textOf(this.fillStyle))), opacity: this.#opacity };
  }

  get #stroked(): Attributes {
    return {
      stroke: paintOf(textOf(this.strokeStyle)).colour,
      'stroke-width': this.lineWidth === 1 ? null : this.lineWidth,
      'stroke-linejoin': this.lineJoin === 'miter' ? null : this.lineJoin,
      opacity: this.#opacity,
    };
  }

  get #opacity(): number | null {
    return this.globalAlpha < 1 ? this.globalAlpha : null;
  }

  #flush(): void {
    if (!this.#rects) return;
    const { attributes, path } = this.#rects;
    this.#rects = null;
    this.#add(element('path', { d: path, ...attributes }));
  }
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${number(x)} ${number(y)}h${number(width)}v${number(height)}h${number(-width)}z`;
}
