// How wide a text is in the font of the page, so that what doesn't fit can be left out before it is drawn.

/** Widths of characters as shares of the font size, at weight 600 and normal width. */
const WIDTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    [
      [0.2, ' '],
      [0.26, 'ijlI\u00a0'],
      [0.31, '.,:;/ft()!\'"|-'],
      [0.37, 'r'],
      [0.53, 'kvxyz–'],
      [0.56, 'aces'],
      [0.59, 'bdghnopqu#0123456789'],
      [0.64, 'FJLTZ+−×=<>≈'],
      [0.71, 'ABEPRSVXYK'],
      [0.77, 'wCDHNUM'],
      [0.86, 'mGOQ'],
      [0.97, 'W%M→'],
    ] as const
  ).flatMap(([width, characters]) => Array.from(characters, (character) => [character, width])),
);

/** Of characters that aren't in the table: those of other scripts may be as wide as they are high. */
const UNKNOWN = 1;

/** How wide a text is that tells the font of the page from another one, as a share of the font size at 84 % width. */
export const SAMPLE = 'Transformers 0123';
const SAMPLE_WIDTH = 8.92 * 0.87;

/**
 * Returns how much wider texts are than in the font of the page: above 1 if the browser shows them
 * in another one.
 *
 * @param measured the width of [`SAMPLE`] at weight 600 and 84 % width, as a share of the font size
 */
export const fontFactor = (measured: number): number =>
  measured > SAMPLE_WIDTH * 1.02 ? (measured / SAMPLE_WIDTH) * 1.02 : 1;

/**
 * Returns the width of a text.
 *
 * @param size the font size; the result has its unit
 * @param stretch the width of the letters in percent
 */
export function textWidth(text: string, size: number, stretch = 100): number {
  let sum = 0;
  for (const character of text) sum += WIDTHS[character] ?? UNKNOWN;
  // Bold letters are up to 4 % wider.
  return sum * size * (1 + (stretch - 100) * 0.0082) * 1.03;
}
