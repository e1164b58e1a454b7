// Draws the frames of a clip. Each follows from the log and its time, and is drawn on its own: a slow machine takes
// longer, and loses none.

import { markOf } from '../analysis/headline';
import { ledgerOf } from '../analysis/ledger';
import { inSlices } from '../analysis/in-slices';
import { Steady } from '../analysis/steady';
import { verdictAt } from '../analysis/verdict-at';
import type { Verdict } from '../analysis/verdict-at';
import type { PictureLimit } from '../picture/controls';
import type { ClipPlan } from './clip-plan';
import { PictureWriter } from './picture-svg.svelte';
import { rasterize } from './raster';
import type { Pixels } from './raster';
import { shotAt } from './shot';
import type { Size, Subject } from './shot';
import { Definitions, stacked } from './svg';
import type { Part, SvgFile } from './svg';

/** How many events are read between two looks at the clock. */
const EVENTS = 4096;

/** What is said if a part of the run is no longer known. */
const FORGOTTEN =
  'The run has gone on for so long that its events at this time are no longer kept. Try again when it is over.';

/** A finished clip. */
export interface Clip {
  file: Blob;
  /** In pixels. */
  width: number;
  height: number;
  frames: number;
}

/** What is in a file. */
export type Drawing = Part & Pick<SvgFile, 'definitions'>;

export interface ClipOptions {
  /** The file of a frame: what is around it. */
  file: (drawing: Drawing) => SvgFile;
  /** The number of cores of the machine that ran it. */
  cores: number;
  /** Told how much is done, from 0 to 1. */
  onprogress: (share: number) => void;
  signal: AbortSignal;
}

/** What a frame has. */
export interface Look {
  /** How the picture is laid out. */
  size: Size;
  /** Writes what is below the picture, at a time of the run. */
  below?: (time: number, definitions: Definitions) => Part;
}

/**
 * Draws one frame after another. Each is yielded, by its number, when its pixels are drawn.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function* framesOf(
  subject: Subject,
  plan: ClipPlan,
  { size, below }: Look,
  pixels: Pixels,
  { file, cores, onprogress, signal }: ClipOptions,
): AsyncGenerator<number, void, void> {
  await inSlices(
    () => ledgerOf(subject.recording).catchUp(EVENTS),
    () => !signal.aborted,
  );
  signal.throwIfAborted();
  const played = { ...subject, speed: plan.speed };
  const limits = new Limits(subject, cores);
  const timeOf = (frame: number) => plan.from + frame * plan.step;
  const shotOf = (frame: number) => {
    const time = timeOf(frame);
    return shotAt(played, size, time, limits.at(time, (frame * 1000) / plan.rate), true);
  };
  const writer = new PictureWriter(shotOf(0));
  try {
    for (let frame = 0; frame < plan.frames; frame += 1) {
      signal.throwIfAborted();
      onprogress(frame / plan.frames);
      if (timeOf(frame) < knownFrom(subject)) throw new Error(FORGOTTEN);
      const definitions = new Definitions();
      const parts = [writer.write(shotOf(frame), definitions, frame / plan.rate)];
      if (below) parts.push(below(timeOf(frame), definitions));
      await rasterize(file({ ...stacked(parts), definitions }), pixels);
      yield frame;
    }
  } finally {
    writer.remove();
  }
}

/** From when on it is known where records were, in nanoseconds: during a long run, the page forgets its beginning. */
const knownFrom = ({ recording, residencies }: Subject) =>
  Math.max(recording.log.firstTime, residencies.knownFrom);

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
