// The verdict on what is on screen. The rail computes it, a few times per second, and the picture marks the same stage.

import { untrack } from 'svelte';
import { markOf } from '../analysis/headline';
import type { LimitMark } from '../analysis/headline';
import { Steady } from '../analysis/steady';
import { throttled } from '../analysis/throttled.svelte';
import type { Shown } from '../analysis/throttled.svelte';
import { verdictOnScreen } from '../analysis/verdict-at';
import type { Verdict } from '../analysis/verdict-at';
import type { Recording } from '../recording/recording';
import type { Screen } from '../screen.svelte';

const verdicts = new WeakMap<Screen, Verdict>();

/** Changes with each of them: what is created where it is first read would not be tracked there. */
let version = $state.raw(0);

function state(screen: Screen, verdict: Verdict | null): void {
  if (verdict === (verdicts.get(screen) ?? null)) return;
  if (verdict) verdicts.set(screen, verdict);
  else verdicts.delete(screen);
  version += 1;
}

/** Returns the verdict that a screen states; null if there is none. Reactive. */
export function verdictOf(screen: Screen): Verdict | null {
  return version >= 0 ? (verdicts.get(screen) ?? null) : null;
}

/**
 * Returns the stage that the verdict on a screen names, for the picture to mark, and whether calmly, since nobody is
 * held up; null if it names none. Reactive; it is the headline's, and lasts as long.
 */
export function limitOf(screen: Screen): LimitMark | null {
  return markOf(verdictOf(screen)?.headline ?? null);
}

/** A jump of the time on screen by more than this, in nanoseconds, is to another moment. */
const JUMP = 3e9;

/**
 * Keeps the verdict on a screen up to date. Must be called during component initialization.
 *
 * @param cores the number of cores of the machine
 * @returns what of the screen it is about, updated a few times per second
 */
export function keepVerdict(
  screen: () => Screen,
  cores: () => number,
): { readonly current: Shown | null } {
  const seen = throttled(
    () => screen().recording,
    () => screen().view.time,
  );
  let steady = new Steady<Verdict & { key: string }>();
  let last: { recording: Recording; time: number; config: unknown } | null = null;
  $effect(() => {
    const now = seen.current;
    const about = screen();
    // Where time stands still, it is the user who moves it.
    const stands = untrack(() => !about.view.live && !about.view.playing);
    const moment = about.moment?.time ?? null;
    const verdict = now && verdictOnScreen(now.recording, now.time, cores(), { stands, moment });
    const found = verdict && { ...verdict, key: verdict.headline.key };
    const config = now?.recording.configAt(now.time);
    // What is said of other settings, of another run or another moment is not true of this one.
    const isOutdated =
      !now ||
      last?.recording !== now.recording ||
      last.config !== config ||
      Math.abs(now.time - last.time) > (stands ? 0 : JUMP);
    if (last?.recording !== now?.recording) steady = new Steady();
    last = now && { ...now, config };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const take = (outdated: boolean) => {
      const wait = steady.take(found, performance.now(), outdated);
      const { shown } = steady;
      untrack(() => {
        state(about, shown);
      });
      if (wait !== null)
        timer = setTimeout(() => {
          take(false);
        }, wait);
    };
    take(isOutdated);
    return () => {
      clearTimeout(timer);
    };
  });
  return seen;
}
