// What panels show of a recording changes a few times a second, however often the picture is drawn.

import { untrack } from 'svelte';
import type { Recording } from '../recording/recording';
import { ledgerOf } from './ledger';

/** Milliseconds between two updates. */
const INTERVAL = 250;

/** What a panel shows. A new object each time, as the recording itself grows. */
export interface Shown {
  recording: Recording;
  /** Nanoseconds of the run. */
  time: number;
}

/**
 * The recording and the time that are on screen, a few times a second, with the ledger brought up to date. To be called
 * while a component is made.
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
    // While the run goes on, or a long log is read bit by bit, there is more to show even if the time stands still.
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

/** Milliseconds for which the log is read at once, and between two times: the picture has to be drawn meanwhile. */
const SLICE = 8;
const PAUSE = 24;

/** So many events are read before the clock is looked at. */
const EVENTS_PER_CHECK = 2048;

/** Those that are being read: panels share the ledger, and one reader is enough. */
const catchingUp = new WeakSet<Recording>();

const isBehind = (recording: Recording) => ledgerOf(recording).end < recording.log.end;

/** Brings the ledger up to date, with rests. */
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
