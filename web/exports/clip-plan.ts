// Which times of a run a clip shows.

/** How long an animated PNG is on screen, in seconds, and how many frames a second has. */
export const CLIP_SECONDS = 5;
export const CLIP_RATE = 12;

export interface ClipPlan {
  /** When it begins and ends, and how much of the run passes from frame to frame, in nanoseconds of the run. */
  from: number;
  to: number;
  step: number;
  frames: number;
  /** Frames per second of the clip. */
  rate: number;
  /** Seconds of the run per second of the clip. */
  speed: number;
}

/**
 * Plans a clip that begins at the time on screen. Where less of the run is left than fits, it begins earlier, and a run
 * too short for it is shown more slowly.
 *
 * @param begin from when on the run can be shown, in nanoseconds
 * @param end up to when it can be shown
 * @param time the time on screen
 * @param speed seconds of the run per second on screen
 * @returns null if there is nothing to show
 */
export function planClip(begin: number, end: number, time: number, speed: number): ClipPlan | null {
  if (!(end > begin)) return null;
  const shown = Math.min(speed, (end - begin) / (CLIP_SECONDS * 1e9));
  const length = shown * CLIP_SECONDS * 1e9;
  const frames = CLIP_SECONDS * CLIP_RATE;
  const from = Math.max(begin, Math.min(time, end - length));
  return {
    ...{ from, to: from + length, step: length / frames },
    ...{ frames, rate: CLIP_RATE, speed: shown },
  };
}

/** Returns when a frame begins, in whole parts of a second: nothing adds up. */
export const beginOf = (frame: number, { rate }: ClipPlan, parts: number): number =>
  Math.round((frame * parts) / rate);
