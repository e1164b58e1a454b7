// Makes a clip of the picture. Each frame follows from the log and its time, and is drawn on its own: a slow machine
// takes longer, and loses none.

import { markOf } from '../analysis/headline';
import { ledgerOf } from '../analysis/ledger';
import { inSlices } from '../analysis/in-slices';
import { Steady } from '../analysis/steady';
import { verdictAt } from '../analysis/verdict-at';
import type { Verdict } from '../analysis/verdict-at';
import type { PictureLimit } from '../picture/controls';
import { ApngWriter } from './apng';
import { CLIP_RATE } from './clip-plan';
import type { ClipPlan } from './clip-plan';
import { PictureWriter } from './picture-svg.svelte';
import { pixelsOf, rasterize } from './raster';
import { shotAt } from './shot';
import type { Size, Subject } from './shot';
import { Definitions } from './svg';
import type { SvgFile } from './svg';

/** A clip isn't larger than this, in bytes. */
export const MAX_BYTES = 2_000_000;

/** How wide it is, in pixels; one that would be too large is made again, smaller. */
const WIDTHS = [960, 800, 640, 480] as const;

/** How the picture is laid out, in CSS pixels. */
const SIZE: Size = { width: 960, height: 384, form: 'wide', scale: 1 };

/** How many events are read between two looks at the clock. */
const EVENTS = 4096;

export interface Clip {
  file: Blob;
  width: number;
  height: number;
  frames: number;
}

export interface ClipOptions {
  /** The file of a picture: what is around it. */
  file: (part: Pick<SvgFile, 'width' | 'height' | 'body' | 'definitions'>) => SvgFile;
  /** The number of cores of the machine that ran it. */
  cores: number;
  /** Told how much is done, from 0 to 1. */
  onprogress: (share: number) => void;
  signal: AbortSignal;
}

/**
 * Makes a clip.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function makeClip(
  subject: Subject,
  plan: ClipPlan,
  options: ClipOptions,
): Promise<Clip> {
  const { signal } = options;
  await inSlices(
    () => ledgerOf(subject.recording).catchUp(EVENTS),
    () => !signal.aborted,
  );
  for (const width of WIDTHS) {
    const clip = await attempt({ ...subject, speed: plan.speed }, plan, width, options);
    if (clip) return clip;
  }
  throw new Error(`A clip of this run would be larger than ${MAX_BYTES / 1e6} MB.`);
}

/** Returns null as soon as it is too large. */
async function attempt(
  subject: Subject,
  { from, step, frames }: ClipPlan,
  width: number,
  { file, cores, onprogress, signal }: ClipOptions,
): Promise<Clip | null> {
  const height = Math.round((width * SIZE.height) / SIZE.width);
  const pixels = pixelsOf(width, height);
  const apng = new ApngWriter(width, height);
  const limits = new Limits(subject, cores);
  const shot = (frame: number) => {
    const time = from + frame * step;
    return shotAt(subject, SIZE, time, limits.at(time, (frame * 1000) / CLIP_RATE), true);
  };
  const writer = new PictureWriter(shot(0));
  try {
    for (let frame = 0; frame < frames; frame += 1) {
      signal.throwIfAborted();
      onprogress(frame / frames);
      const definitions = new Definitions();
      const part = writer.write(shot(frame), definitions, frame / CLIP_RATE);
      await rasterize(file({ ...part, definitions }), pixels);
      const { data } = pixels.context.getImageData(0, 0, width, height);
      // The ends of frames are multiples of a millisecond, so that nothing adds up.
      const endOf = (frame: number) => Math.round(((frame + 1) * 1000) / CLIP_RATE);
      await apng.add(data, endOf(frame) - endOf(frame - 1));
      if (apng.size > MAX_BYTES) return null;
    }
  } finally {
    writer.remove();
  }
  return { file: apng.finish(), width, height, frames: apng.frames };
}

/** What limits the run, as the page would have said while it played the same. */
class Limits {
  readonly #subject: Subject;
  readonly #cores: number;
  readonly #steady = new Steady<Verdict & { key: string }>();

  constructor(subject: Subject, cores: number) {
    this.#subject = subject;
    this.#cores = cores;
  }

  /** @param clock milliseconds since the clip began */
  at(time: number, clock: number): PictureLimit | null {
    const verdict = verdictAt(this.#subject.recording, time, this.#cores);
    this.#steady.take(verdict && { ...verdict, key: verdict.headline.key }, clock);
    return markOf(this.#steady.shown?.headline ?? null);
  }
}
