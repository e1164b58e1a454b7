// What is under the pointer.

import type { TimeWindow } from '../analysis/series';
import { NONE } from '../recording/event-log';
import type { Lane } from './lanes';
import type { StateTrack } from './step-track';
import type { TimelineData } from './timeline-data';

/** Returns the time at a share of a window. */
export function windowAt({ from, to }: TimeWindow, share: number): number {
  return from + share * (to - from);
}

/** How far from a narrow span the pointer may be, as a share of the window. */
const NEAR = 1 / 300;

/**
 * Returns the record of the span at a point; null if there is none.
 *
 * @param share the position within the window
 * @param y in CSS pixels from the top of the lanes
 */
export function recordUnder(
  data: TimelineData,
  lanes: readonly Lane[],
  window: TimeWindow,
  share: number,
  y: number,
): number | null {
  const lane = lanes.find((lane) => y >= lane.y && y <= lane.y + lane.height);
  if (!lane) return null;
  const time = windowAt(window, share);
  if (time > data.readUntil) return null;
  const reach = (window.to - window.from) * NEAR;
  const { content } = lane;
  if (content.kind === 'ends') {
    const isAbove = y - lane.y < lane.height / 2;
    return nearest(isAbove ? data.births : data.ends, time, reach);
  }
  let track: StateTrack | undefined;
  if (content.kind === 'worker') track = data.worker(content.stage, content.worker);
  if (content.kind === 'raster') {
    const worker = Math.floor(((y - lane.y) / lane.height) * content.workers);
    track = data.worker(content.stage, worker);
  }
  return track ? recordIn(track, time, reach / 2) : null;
}

/** Returns the record of the step at a time, or of one close by. */
function recordIn(track: StateTrack, time: number, reach: number): number | null {
  const index = track.indexAt(time);
  for (const [candidate, distance] of [
    [index, 0],
    [index + 1, track.time(index + 1) - time],
    [index - 1, time - track.time(index)],
  ] as const) {
    if (candidate < track.begin || candidate >= track.end || distance > reach) continue;
    const record = track.tag(candidate);
    if (record !== NONE) return record;
  }
  return null;
}

function nearest(track: TimelineData['births'], time: number, reach: number): number | null {
  const after = track.after(time);
  let best: number | null = null;
  let least = reach;
  for (const index of [after - 1, after]) {
    if (index < track.begin || index >= track.end) continue;
    const distance = Math.abs(track.time(index) - time);
    if (distance > least) continue;
    least = distance;
    best = track.record(index);
  }
  return best;
}
