// The colours of the dots, from the design tokens.

import { RECORD_STATE_NAMES } from '../recording/residencies';

/** Red, green and blue, each from 0 to 1. */
export type Colour = [number, number, number];

export interface Palette {
  /** By state of the record. */
  states: Colour[];
  /** The brackets around the chosen record. */
  ink: Colour;
  /** What dots are outlined with, so that they can be told apart from what is below them. */
  ground: Colour;
}

/** Reads the palette off an element, since it depends on the theme. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  return {
    states: RECORD_STATE_NAMES.map((state) => parse(style.getPropertyValue(`--dot-${state}`))),
    ink: parse(style.getPropertyValue('--ink')),
    ground: parse(style.getPropertyValue('--socket')),
  };
}

/** Parses `#rrggbb`, the notation of the tokens. */
function parse(text: string): Colour {
  const hex = text.trim().replace('#', '');
  const part = (at: number) => (parseInt(hex.slice(at, at + 2), 16) || 0) / 255;
  return [part(0), part(2), part(4)];
}

export function css([red, green, blue]: Colour): string {
  return `rgb(${Math.round(red * 255)} ${Math.round(green * 255)} ${Math.round(blue * 255)})`;
}
