// Detects that the engine's worker has stopped responding: an endless loop, a deadlock, a worker that the browser has
// terminated. It counts ticks, not time. If the page is hidden, stopped in the debugger or on a sleeping machine, ticks
// are late or missing, and answers from the worker are read before the next tick; so none of that is mistaken for a
// silent worker.

/** Milliseconds between two ticks. */
export const INTERVAL = 500;

/** After this many consecutive ticks without a sign of life, a worker is usually given up. */
export const MAX_SILENT_TICKS = 12;

/** A tick this late means that the page itself was held up, and says nothing about its worker. */
const LATE = 2 * INTERVAL;

export interface Watched {
  /** Whether anything is expected of the worker at the moment. */
  isAwaited(): boolean;
  /** After how many consecutive ticks without a sign of life it is given up. */
  patience(): number;
  /** Asks for a sign of life. */
  ping(): void;
  /** Called when the worker has been silent for too long. */
  onsilent(): void;
}

export class Watchdog {
  readonly #watched: Watched;
  readonly #timer: ReturnType<typeof setInterval>;
  #lastTick = performance.now();
  /** Ticks since the last ping; null if it was answered. */
  #silentTicks: number | null = null;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#timer = setInterval(() => {
      this.#tick();
    }, INTERVAL);
  }

  /** Any message has arrived from the worker. */
  heard(): void {
    this.#silentTicks = null;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    const isLate = now - this.#lastTick > LATE;
    this.#lastTick = now;
    if (!this.#watched.isAwaited()) {
      this.#silentTicks = null;
    } else if (this.#silentTicks === null) {
      this.#silentTicks = 0;
      this.#watched.ping();
    } else if (!isLate && !isHidden()) {
      this.#silentTicks += 1;
      if (this.#silentTicks < this.#watched.patience()) return;
      this.stop();
      this.#watched.onsilent();
    }
  }
}

/** A hidden page and its workers get little processor time, and the user isn't waiting for them. */
function isHidden(): boolean {
  return typeof document === 'object' && document.hidden;
}

/**
 * Runs an action after a number of ticks, unless stopped before. Here too, a page that was held up
 * doesn't run it immediately.
 *
 * @returns a function that stops it
 */
export function afterTicks(ticks: number, action: () => void): () => void {
  let left = ticks;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    action();
  }, INTERVAL);
  return () => {
    clearInterval(timer);
  };
}
