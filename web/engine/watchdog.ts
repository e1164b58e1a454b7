// Notices when the engine's worker has stopped answering: an endless loop, a deadlock, a worker that the browser has
// ended. It counts looks, not time. A page that is hidden, that the debugger has stopped or whose machine sleeps looks
// late or not at all, and what its worker has answered meanwhile is read before the next look; so neither is taken for
// a worker that is silent.

/** Milliseconds between two looks. */
export const INTERVAL = 500;

/** After as many looks in a row without a sign of life the worker is given up. */
export const MAX_SILENT_TICKS = 12;

/** A look this much later than it should be says that the page was held up itself, and nothing of its worker. */
const LATE = 2 * INTERVAL;

export interface Watched {
  /** Whether anything is expected of the worker at the moment. */
  isAwaited(): boolean;
  /** Asks for a sign of life. */
  ping(): void;
  /** The worker has been silent for too long. */
  onsilent(): void;
}

export class Watchdog {
  readonly #watched: Watched;
  readonly #timer: ReturnType<typeof setInterval>;
  #lastTick = performance.now();
  /** Looks since it was asked; null if it has answered. */
  #silentTicks: number | null = null;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#timer = setInterval(() => {
      this.#tick();
    }, INTERVAL);
  }

  /** Anything has come from the worker. */
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
      if (this.#silentTicks < MAX_SILENT_TICKS) return;
      this.stop();
      this.#watched.onsilent();
    }
  }
}

/** A hidden page and its workers get little time, and nobody waits for them. */
function isHidden(): boolean {
  return typeof document === 'object' && document.hidden;
}

/**
 * Does something after a number of looks, unless it is stopped before: again not at once after the page was held up.
 * @returns stops it
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
