// Makes an animated PNG of the picture.

import { ApngWriter } from './apng';
import { beginOf } from './clip-plan';
import type { ClipPlan } from './clip-plan';
import { framesOf } from './frames';
import type { Clip, ClipOptions } from './frames';
import { pixelsOf } from './raster';
import type { Size, Subject } from './shot';

/** It isn't larger than this, in bytes. */
export const MAX_BYTES = 2_000_000;

/** How wide it is, in pixels; one that would be too large is made again, smaller. */
const WIDTHS = [960, 800, 640, 480] as const;

/** How the picture is laid out, in CSS pixels. */
const SIZE: Size = { width: 960, height: 384, form: 'wide', scale: 1 };

/**
 * Makes an animated PNG.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function makeClip(
  subject: Subject,
  plan: ClipPlan,
  options: ClipOptions,
): Promise<Clip> {
  for (const width of WIDTHS) {
    const clip = await attempt(subject, plan, width, options);
    if (clip) return clip;
  }
  throw new Error(`A clip of this run would be larger than ${MAX_BYTES / 1e6} MB.`);
}

/** Returns null as soon as it is too large. */
async function attempt(
  subject: Subject,
  plan: ClipPlan,
  width: number,
  options: ClipOptions,
): Promise<Clip | null> {
  const height = Math.round((width * SIZE.height) / SIZE.width);
  const pixels = pixelsOf(width, height);
  const apng = new ApngWriter(width, height);
  for await (const frame of framesOf(subject, plan, { size: SIZE }, pixels, options)) {
    const { data } = pixels.context.getImageData(0, 0, width, height);
    const [begin, end] = [beginOf(frame, plan, 1000), beginOf(frame + 1, plan, 1000)];
    await apng.add(data, end - begin);
    if (apng.size > MAX_BYTES) return null;
  }
  return { file: apng.finish(), width, height, frames: apng.frames };
}
