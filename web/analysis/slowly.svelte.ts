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
    if (!shown) return;
    readOn(shown);
    // While the run goes on, or a long log is read bit by bit, there is more to show even if the time stands still.
    if (isBehind(shown) || shown.origin === 'live') soon();
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

/** Milliseconds for which the log is read at once, and between two times: the picture has to be drawn meanwhile. */
const READS = 8;
const RESTS = 24;

/** So many events are read before the clock is looked at. */
const EVENTS = 2048;

/** Those that are being read: panels share the ledger, and one reader is enough. */
const reading = new WeakSet<Recording>();

const isBehind = (recording: Recording) => ledgerOf(recording).end < recording.log.end;

/** Brings the ledger up to date, with rests. */
function readOn(recording: Recording): void {
  if (reading.has(recording)) return;
  const start = performance.now();
  while (!ledgerOf(recording).catchUp(EVENTS)) {
    if (performance.now() - start < READS) continue;
    reading.add(recording);
    setTimeout(() => {
      reading.delete(recording);
      readOn(recording);
    }, RESTS);
    return;
  }
}
