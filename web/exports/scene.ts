// What is on screen when something is exported.

import type { Recording } from '../recording/recording';
import type { Screen } from '../screen.svelte';
import type { TimelineView } from '../timeline/timeline-view.svelte';

/** The run, and the part of it that the timeline shows. */
export interface Scene {
  screen: Screen;
  timeline: TimelineView;
}

/** Returns the time on screen. While the last dots arrive, it is that of the end. */
export function timeOn({ playback }: Screen): number {
  if (!playback) return 0;
  return Math.min(playback.time, Math.max(playback.begin, playback.end));
}

/** Has the timeline show the run and the time on screen: while another tab is open, it isn't kept up to date. */
export function follow({ screen, timeline }: Scene, recording: Recording): void {
  timeline.follow(recording, timeOn(screen), screen.playback?.end ?? 0, screen.timeline);
}
