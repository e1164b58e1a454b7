// Writes elements of the page as SVG, as the browser has laid them out: boxes with their fills and borders, texts as
// texts, and drawings that already are SVG. It knows the styles that the picture uses, and no others.

import { Definitions, element, escaped, filled, number, paintOf } from './svg';
import type { Attributes } from './svg';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Writing {
  definitions: Definitions;
  /** The top left corner of the picture, in the coordinates of the window. */
  origin: { x: number; y: number };
  /** How far dashes that move have moved, in CSS pixels. */
  dashOffset: number;
  /** How much of the height of a line is above the baseline. */
  ascent: number;
}

/**
 * Writes an element and all that is in it; relative to its top left corner.
 *
 * @param dashOffset how far dashes that move have moved, in CSS pixels
 */
export function domToSvg(root: Element, definitions: Definitions, dashOffset = 0): string {
  const { x, y } = root.getBoundingClientRect();
  const ascent = ascentOf(getComputedStyle(root).fontFamily);
  return childrenOf(root, { definitions, origin: { x, y }, dashOffset, ascent }, null);
}

function ascentOf(font: string): number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return 0.8;
  context.font = `100px ${font}`;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText('x');
  return above / (above + below);
}

/** @param clip the box outside of which nothing is seen; null if there is none */
function childrenOf(parent: Element, writing: Writing, clip: Box | null): string {
  const style = getComputedStyle(parent);
  let written = '';
  for (const node of parent.childNodes) {
    if (node instanceof Text) written += textOf(node, style, writing);
    else if (node instanceof SVGSVGElement) written += drawingOf(node, writing);
    else if (node instanceof HTMLElement) written += htmlOf(node, writing, clip);
  }
  return written;
}

function htmlOf(node: HTMLElement, writing: Writing, clip: Box | null): string {
  const style = getComputedStyle(node);
  // What only screen readers read is a pixel wide.
  if (style.display === 'none' || style.visibility === 'hidden' || style.clipPath !== 'none') {
    return '';
  }
  const box = boxOf(node.getBoundingClientRect(), writing);
  const inner = style.overflow === 'hidden' ? within(box, clip) : clip;
  const radius = parseFloat(style.borderRadius) || 0;
  const written = [
    ringOf(style, box, clip),
    fillsOf(style, box, clip, radius, writing),
    pseudoOf(node, box, clip, writing),
    childrenOf(node, writing, inner),
    bordersOf(style, box),
  ].join('');
  const opacity = Number(style.opacity);
  return opacity < 1 && written !== '' ? element('g', { opacity }, written) : written;
}

function boxOf({ x, y, width, height }: DOMRect, { origin }: Writing): Box {
  return { x: x - origin.x, y: y - origin.y, width, height };
}

function within(box: Box, clip: Box | null): Box {
  if (!clip) return box;
  const x = Math.max(box.x, clip.x);
  const y = Math.max(box.y, clip.y);
  return {
    ...{ x, y },
    width: Math.max(0, Math.min(box.x + box.width, clip.x + clip.width) - x),
    height: Math.max(0, Math.min(box.y + box.height, clip.y + clip.height) - y),
  };
}

function rectOf(box: Box, clip: Box | null, radius: number, paint: Attributes): string {
  const { x, y, width, height } = within(box, clip);
  if (width <= 0 || height <= 0 || paint.fill === 'none') return '';
  return element('rect', { x, y, width, height, rx: radius > 0 ? radius : null, ...paint });
}

/** The colour and the images of the background. */
function fillsOf(
  style: CSSStyleDeclaration,
  box: Box,
  clip: Box | null,
  radius: number,
  { definitions }: Writing,
): string {
  const written = [rectOf(box, clip, radius, filled(paintOf(style.backgroundColor)))];
  if (style.backgroundImage === 'none') return written.join('');
  const images = imagesOf(style.backgroundImage);
  const sizes = style.backgroundSize.split(', ');
  // They begin at the left, the first on top: of the others, only what is seen is written.
  let covered = 0;
  images.forEach((image, at) => {
    const [across = 'auto'] = (sizes[at % sizes.length] ?? 'auto').split(' ');
    const width = lengthOf(across, box.width);
    if (width <= covered) return;
    const part = { ...box, x: box.x + covered, width: width - covered };
    written.push(rectOf(part, clip, radius, { fill: imageFill(image, definitions) }));
    covered = width;
  });
  return written.join('');
}

/** Splits a list of images, whose colours have parentheses and commas of their own. */
function imagesOf(list: string): string[] {
  return list.split(/,\s*(?=(?:repeating-)?linear-gradient\()/);
}

function lengthOf(text: string, whole: number): number {
  if (text === 'auto') return whole;
  const value = parseFloat(text);
  return text.endsWith('%') ? (whole * value) / 100 : value;
}

/** A colour, as far as a stop of a gradient names one, and where it ends. */
const STOP = /(rgba?\([^)]+\)|#[0-9a-f]+)(?:\s+([\d.]+)px)?(?:\s+([\d.]+)px)?/g;

/** Returns what fills an area as a gradient of hard stops does: the pattern of stripes, or the colour. */
function imageFill(image: string, definitions: Definitions): string {
  const stops = [...image.matchAll(STOP)].map(([, colour = '', from, to]) => ({
    colour: paintOf(colour).colour,
    from: Number(from ?? 0),
    to: Number(to ?? from ?? 0),
  }));
  if (!image.startsWith('repeating-')) return stops[0]?.colour ?? 'none';
  const period = Math.max(...stops.map(({ to }) => to));
  const stripes = stops.flatMap(({ colour: fill, from, to }, at) => {
    // A browser may write a stop for each end of a stripe.
    const width = (to > from ? to : (stops[at + 1]?.from ?? to)) - from;
    return width > 0 ? [element('rect', { x: from, width, height: period, fill })] : [];
  });
  const angle = Number(/([\d.]+)deg/.exec(image)?.[1] ?? 180);
  return definitions.refer(
    'pattern',
    {
      ...{ width: period, height: period, patternUnits: 'userSpaceOnUse' },
      // CSS counts from upwards.
      patternTransform: angle === 90 ? null : `rotate(${number(angle - 90)})`,
    },
    stripes.join(''),
  );
}

/** A shadow that is only spread: a plain margin around a text. */
function ringOf(
  style: CSSStyleDeclaration,
  { x, y, width, height }: Box,
  clip: Box | null,
): string {
  const found = /^(rgba?\([^)]+\)) 0px 0px 0px ([\d.]+)px$/.exec(style.boxShadow);
  if (!found) return '';
  const spread = Number(found[2]);
  const box = {
    ...{ x: x - spread, y: y - spread },
    ...{ width: width + 2 * spread, height: height + 2 * spread },
  };
  return rectOf(box, clip, 0, filled(paintOf(found[1] ?? '')));
}

/** What covers an element as `::before`. */
function pseudoOf(node: HTMLElement, box: Box, clip: Box | null, writing: Writing): string {
  const style = getComputedStyle(node, '::before');
  if (style.content === 'none' || style.content === 'normal') return '';
  const fills = fillsOf(style, box, clip, 0, writing);
  const opacity = Number(style.opacity);
  return fills === '' || opacity >= 1 ? fills : element('g', { opacity }, fills);
}

function bordersOf(style: CSSStyleDeclaration, { x, y, width, height }: Box): string {
  const side = (name: 'Top' | 'Right' | 'Bottom' | 'Left') =>
    style[`border${name}Style`] === 'none' ? 0 : parseFloat(style[`border${name}Width`]) || 0;
  const [top, right, bottom, left] = [side('Top'), side('Right'), side('Bottom'), side('Left')];
  const rect = (box: Box, colour: string) => rectOf(box, null, 0, filled(paintOf(colour)));
  const below = { y: y + top, height: height - top - bottom };
  return [
    top && rect({ x, y, width, height: top }, style.borderTopColor),
    bottom && rect({ x, y: y + height - bottom, width, height: bottom }, style.borderBottomColor),
    left && rect({ x, ...below, width: left }, style.borderLeftColor),
    right && rect({ x: x + width - right, ...below, width: right }, style.borderRightColor),
  ]
    .filter((written) => written !== 0)
    .join('');
}

/** Its width is told as well: in another font, the letters are as wide together. */
function textOf(node: Text, style: CSSStyleDeclaration, writing: Writing): string {
  // A space that doesn't break is part of the text.
  const text = node.data.replace(/[ \n\t]+/g, ' ').replace(/^ | $/g, '');
  if (text === '') return '';
  const range = document.createRange();
  range.selectNodeContents(node);
  const { x, y, width, height } = boxOf(range.getBoundingClientRect(), writing);
  if (width === 0) return '';
  const stretch = style.fontStretch;
  return element(
    'text',
    {
      ...{ x, y: y + height * writing.ascent, 'font-size': parseFloat(style.fontSize) },
      'font-weight': style.fontWeight === '400' ? null : style.fontWeight,
      'font-stretch': stretch === '100%' || stretch === 'normal' ? null : stretch,
      ...{ textLength: width, lengthAdjust: 'spacingAndGlyphs' },
      ...filled(paintOf(style.color)),
    },
    escaped(text),
  );
}

/** What a drawing within the page consists of, with the styles that the page gives it. */
function drawingOf(svg: SVGSVGElement, writing: Writing): string {
  const box = boxOf(svg.getBoundingClientRect(), writing);
  const { width, height, x, y } = svg.viewBox.baseVal;
  const moves = [
    box.x !== 0 || box.y !== 0 ? `translate(${number(box.x)} ${number(box.y)})` : '',
    width > 0 ? `scale(${box.width / width} ${box.height / height})` : '',
    width > 0 && (x !== 0 || y !== 0) ? `translate(${number(-x)} ${number(-y)})` : '',
  ].filter(Boolean);
  const shapes = [...svg.children].map((child) => shapeOf(child, writing)).join('');
  if (shapes === '') return '';
  return moves.length > 0 ? element('g', { transform: moves.join(' ') }, shapes) : shapes;
}

/** Attributes that say where a shape is. */
const GEOMETRY = ['d', 'cx', 'cy', 'r'] as const;

function shapeOf(shape: Element, writing: Writing): string {
  const style = getComputedStyle(shape);
  if (shape.localName === 'g') {
    const shapes = [...shape.children].map((child) => shapeOf(child, writing)).join('');
    return shapes === '' ? '' : element('g', {}, shapes);
  }
  const geometry = Object.fromEntries(GEOMETRY.map((name) => [name, shape.getAttribute(name)]));
  if (geometry.d === '') return '';
  const stroke = paintOf(style.stroke);
  const hasStroke = stroke.colour !== 'none';
  const dashes = hasStroke && style.strokeDasharray !== 'none' ? style.strokeDasharray : null;
  return element(shape.localName, {
    ...geometry,
    ...filled(paintOf(style.fill)),
    'fill-rule': style.fillRule === 'nonzero' ? null : style.fillRule,
    stroke: hasStroke ? stroke.colour : null,
    'stroke-width': hasStroke ? parseFloat(style.strokeWidth) : null,
    'stroke-dasharray': dashes?.replaceAll('px', '') ?? null,
    'stroke-dashoffset': dashes && writing.dashOffset !== 0 ? writing.dashOffset : null,
  });
}
