// Makes a video of picture and timeline, in the size of a projector.

import { beginOf } from './clip-plan';
import type { ClipPlan } from './clip-plan';
import { framesOf } from './frames';
import type { Clip, ClipOptions, Look } from './frames';
import { PROJECTOR } from './projector';
import { pixelsOf } from './raster';
import type { Subject } from './shot';
import type { VideoCodec } from './video-codec';

/**
 * Makes a video.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function makeVideo(
  subject: Subject,
  plan: ClipPlan,
  look: Look,
  codec: VideoCodec,
  options: ClipOptions,
): Promise<Clip> {
  const { WebmWriter } = await import('./webm');
  const { width, height } = PROJECTOR;
  const pixels = pixelsOf(width, height);
  const writer = new WebmWriter(codec);
  try {
    for await (const frame of framesOf(subject, plan, look, pixels, options)) {
      const [begin, end] = [beginOf(frame, plan, 1e6), beginOf(frame + 1, plan, 1e6)];
      await writer.add(pixels.canvas, begin, end - begin);
    }
    return { file: await writer.finish(), width, height, frames: plan.frames };
  } finally {
    writer.close();
  }
}
