// Throttles what panels show of a recording to a few updates per second, however often the picture is drawn.

import { untrack } from 'svelte';
import type { Recording } from '../recording/recording';
import { ledgerOf } from './ledger';

/** Milliseconds between two updates. */
const INTERVAL = 250;

/** What a panel shows. A new object with each update, since the recording itself grows in place. */
export interface Shown {
  recording: Recording;
  /** Nanoseconds of the run. */
  time: number;
}

/**
 * Returns the recording and the time on screen, updated a few times per second, and brings the
 * ledger up to date. Must be called during component initialization.
 */
export function throttled(
  recording: () => Recording | null,
  time: () => number,
): { readonly current: Shown | null } {
  let current = $state.raw<Shown | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;

  function update(): void {
    timer = undefined;
    last = performance.now();
    const shown = untrack(recording);
    current = shown && { recording: shown, time: untrack(time) };
    if (!shown) return;
    catchUp(shown);
    // During a run, or while a long log is being read bit by bit, there is more to show even if the time stands still.
    if (isBehind(shown) || shown.origin === 'live') schedule();
  }

  function schedule(): void {
    timer ??= setTimeout(update, Math.max(0, INTERVAL - (performance.now() - last)));
  }

  $effect(() => {
    const shown = recording();
    time();
    if (untrack(() => current?.recording) !== (shown ?? undefined)) {
      clearTimeout(timer);
      update();
    } else schedule();
  });
  $effect(() => () => {
    clearTimeout(timer);
  });

  return {
    get current() {
      return current;
    },
  };
}

/**
 * For how many milliseconds the log is read at a time, and how long the pause in between is, so that the picture can be
 * drawn.
 */
const SLICE = 8;
const PAUSE = 24;

/** How many events are read between two looks at the clock. */
const EVENTS_PER_CHECK = 2048;

/** Recordings being read: panels share the ledger, and one reader is enough. */
const catchingUp = new WeakSet<Recording>();

const isBehind = (recording: Recording) => ledgerOf(recording).end < recording.log.end;

/** Brings the ledger up to date in slices. */
function catchUp(recording: Recording): void {
  if (catchingUp.has(recording)) return;
  const start = performance.now();
  while (!ledgerOf(recording).catchUp(EVENTS_PER_CHECK)) {
    if (performance.now() - start < SLICE) continue;
    catchingUp.add(recording);
    setTimeout(() => {
      catchingUp.delete(recording);
      catchUp(recording);
    }, PAUSE);
    return;
  }
}
