// Which times of a run a clip shows.

import type { TimeWindow } from '../analysis/series';

/** How long an animated PNG is on screen, in seconds, and how many frames a second has. */
export const CLIP_SECONDS = 5;
export const CLIP_RATE = 12;

/** How many frames a second of a video has. */
export const VIDEO_RATE = 30;
/** How short and how long a video can be, in seconds. */
export const VIDEO_SECONDS = { least: 2, most: 60 } as const;

/** What is said if the part that the timeline shows is one before or after the run. */
export const NOT_IN_TIMELINE = 'The timeline shows nothing of the run.';

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

export interface VideoPlan extends ClipPlan {
  /** Whether it is faster or slower than on screen, so that it isn't too long or too short. */
  pace: 'as on screen' | 'faster' | 'slower';
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

/**
 * Plans a video of all that the timeline shows of a run, at the speed on screen if that makes it neither too long nor too
 * short.
 *
 * @param begin from when on the run can be shown, in nanoseconds
 * @param end up to when it can be shown
 * @param window what the timeline shows
 * @param speed seconds of the run per second on screen
 * @returns null if the timeline shows nothing of the run
 */
export function planVideo(
  begin: number,
  end: number,
  window: TimeWindow,
  speed: number,
): VideoPlan | null {
  const from = Math.max(begin, window.from);
  const to = Math.min(end, window.to);
  if (!(to > from)) return null;
  const length = to - from;
  const wanted = length / 1e9 / speed;
  const seconds = Math.min(VIDEO_SECONDS.most, Math.max(VIDEO_SECONDS.least, wanted));
  // The last frame may take in less than the others do. What is left of a frame after rounding is none.
  const frames = Math.ceil(seconds * VIDEO_RATE - 1e-6);
  const shown = length / 1e9 / seconds;
  return {
    ...{ from, to, step: (shown * 1e9) / VIDEO_RATE },
    ...{ frames, rate: VIDEO_RATE, speed: shown },
    pace: seconds < wanted ? 'faster' : seconds > wanted ? 'slower' : 'as on screen',
  };
}

/** Returns how long a clip is on screen, in seconds. */
export const secondsOf = ({ frames, rate }: ClipPlan): number => frames / rate;

/** Returns when a frame begins, in whole parts of a second: nothing adds up. */
export const beginOf = (frame: number, { rate }: ClipPlan, parts: number): number =>
  Math.round((frame * parts) / rate);
