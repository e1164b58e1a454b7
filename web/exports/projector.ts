// The size of a projector, and how it is shared between picture and timeline.

import type { Size } from './shot';

/** In pixels. What is shown is laid out for a window of two thirds of it, so that it can be read from the last row. */
export const PROJECTOR = { width: 1920, height: 1080 } as const;
const SCALE = 1.5;

/**
 * Returns the size of the picture, in CSS pixels, and the height that is left for the timeline.
 *
 * @param share what part of the height the picture has
 */
function shared(share: number): { size: Size; below: number } {
  const [width, height] = [PROJECTOR.width / SCALE, PROJECTOR.height / SCALE];
  const size: Size = { width, height: height * share, form: 'wide', scale: 1 };
  return { size, below: height - size.height };
}

/** By what is shown. */
export const PROJECTED = {
  picture: shared(1),
  timeline: shared(0),
  both: shared(0.56),
} as const;
