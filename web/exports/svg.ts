// Writes SVG: elements, what they refer to, and whole files. They refer to nothing outside of themselves.

/** Null and undefined stand for an attribute that isn't there. */
export type Attributes = Readonly<Record<string, string | number | null | undefined>>;

/** Formats a length with as many digits as can be seen. */
export const number = (value: number): string => String(Math.round(value * 100) / 100);

/** Characters that XML can't contain. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};

/** Returns a text as it is written between tags, and within the quotes of attributes. */
export function escaped(text: string): string {
  return text
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

/**
 * Writes an element.
 *
 * @param content as it is written, escaped
 */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => {
      const text = typeof value === 'number' ? number(value) : escaped(value ?? '');
      return ` ${key}="${text}"`;
    })
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** What elements refer to: patterns, and what clips them. */
export class Definitions {
  readonly #ids = new Map<string, string>();
  #written = '';

  /** Returns the reference to an element, which is there once however often it is needed. */
  refer(name: string, attributes: Attributes, content: string): string {
    const key = element(name, attributes, content);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = `${name}${this.#ids.size + 1}`;
      this.#ids.set(key, id);
      this.#written += element(name, { id, ...attributes }, content);
    }
    return `url(#${id})`;
  }

  toString(): string {
    return this.#written === '' ? '' : element('defs', {}, this.#written);
  }
}

/** A drawing with its size, in CSS pixels. */
export interface Part {
  width: number;
  height: number;
  /** Elements, relative to its top left corner. */
  body: string;
}

export interface SvgFile extends Part {
  /** What it shows, in words. */
  title: string;
  /** The names of fonts, the first one that there is counts. */
  font: string;
  background: string;
  definitions: Definitions;
}

export interface SvgOptions {
  /** Pixels per CSS pixel. */
  scale?: number;
  /** A style sheet, for a file that is made into pixels. */
  style?: string;
}

/** Writes a file. */
export function svgFile(file: SvgFile, { scale = 1, style = '' }: SvgOptions = {}): string {
  const { width, height, title, font, background, definitions, body } = file;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      ...{ width: width * scale, height: height * scale },
      viewBox: `0 0 ${number(width)} ${number(height)}`,
      'font-family': font,
      role: 'img',
    },
    [
      element('title', {}, escaped(title)),
      style && element('style', {}, escaped(style)),
      definitions.toString(),
      element('rect', { width, height, fill: background }),
      body,
    ].join(''),
  );
}

/** Puts drawings one above the other. */
export function stacked(parts: readonly Part[]): Part {
  let y = 0;
  const bodies = parts.map(({ body, height }) => {
    const placed = y === 0 ? body : element('g', { transform: `translate(0 ${number(y)})` }, body);
    y += height;
    return placed;
  });
  return { width: Math.max(...parts.map(({ width }) => width)), height: y, body: bodies.join('') };
}

export interface Paint {
  /** As SVG of any age understands it: `#rrggbb`, or `none`. */
  colour: string;
  /** Below 1 if it is translucent. */
  opacity: number;
}

/** Returns the paint of a computed colour of CSS, `rgb(…)`, `rgba(…)` or `#rrggbb`; others are passed on as they are. */
export function paintOf(css: string): Paint {
  const found = /^rgba?\(([^)]+)\)$/.exec(css.trim());
  if (!found) return { colour: css === 'transparent' ? 'none' : css, opacity: 1 };
  const parts = (found[1] ?? '').split(/[\s,/]+/).map(Number);
  const [red = 0, green = 0, blue = 0, opacity = 1] = parts;
  if (opacity === 0) return { colour: 'none', opacity: 1 };
  const hex = [red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, '0'));
  return { colour: `#${hex.join('')}`, opacity };
}

/** Returns the attributes that fill an element with a paint. */
export function filled({ colour, opacity }: Paint): Attributes {
  return { fill: colour, 'fill-opacity': opacity < 1 ? opacity : null };
}
