// What panels show of a recording changes a few times a second, however often the picture is drawn.

import { untrack } from 'svelte';
import type { Recording } from '../recording/recording';
import { BUDGET, ledgerOf } from './ledger';

/** Milliseconds between two updates. */
const INTERVAL = 250;

/** What a panel shows. A new object each time, as the recording itself grows. */
export interface Shown {
  recording: Recording;
  /** Nanoseconds of the run. */
  time: number;
}

/** When the book of a recording was last brought up to date: panels share it, and one of them is enough. */
const readAt = new WeakMap<Recording, number>();

/**
 * The recording and the time that are on screen, a few times a second, with the ledger brought up to date. To be called
 * while a component is made.
 */
export function slowly(
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
    // While the run goes on, or a long log is read bit by bit, there is more to show even if the time stands still.
    if (shown && (!readOn(shown) || shown.origin === 'live')) soon();
  }

  function soon(): void {
    timer ??= setTimeout(update, Math.max(0, INTERVAL - (performance.now() - last)));
  }

  $effect(() => {
    const shown = recording();
    time();
    if (untrack(() => current?.recording) !== (shown ?? undefined)) {
      clearTimeout(timer);
      update();
    } else soon();
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

/** True if all was read. */
function readOn(recording: Recording): boolean {
  const ledger = ledgerOf(recording);
  const now = performance.now();
  if (now - (readAt.get(recording) ?? -Infinity) < INTERVAL / 2) {
    return ledger.end === recording.log.end;
  }
  readAt.set(recording, now);
  return ledger.catchUp(BUDGET);
}
