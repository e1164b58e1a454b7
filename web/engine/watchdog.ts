// Notices when the engine's worker has stopped answering: an endless loop, a deadlock, a worker that the browser has
// ended. It counts looks, not time. A page that is hidden, that the debugger has stopped or whose machine sleeps looks
// late or not at all, and what its worker has answered meanwhile is read before the next look; so neither is taken for
// a worker that is silent.

/** Milliseconds between two looks. */
export const INTERVAL = 500;

/** After as many looks in a row without a sign of life the worker is given up. */
export const MOST_SILENT = 12;

/** A look this much later than it should be says that the page was held up itself, and nothing of its worker. */
const LATE = 2 * INTERVAL;

export interface Watched {
  /** Whether anything is expected of the worker at the moment. */
  isAwaited(): boolean;
  /** Asks for a sign of life. */
  ask(): void;
  /** The worker has been silent for too long. */
  onsilent(): void;
}

export class Watchdog {
  readonly #watched: Watched;
  readonly #timer: ReturnType<typeof setInterval>;
  #looked = performance.now();
  /** Looks since it was asked; null if it has answered. */
  #silent: number | null = null;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#timer = setInterval(() => {
      this.#look();
    }, INTERVAL);
  }

  /** Anything has come from the worker. */
  heard(): void {
    this.#silent = null;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const isLate = now - this.#looked > LATE;
    this.#looked = now;
    if (!this.#watched.isAwaited()) {
      this.#silent = null;
    } else if (this.#silent === null) {
      this.#silent = 0;
      this.#watched.ask();
    } else if (!isLate && !isHidden()) {
      this.#silent += 1;
      if (this.#silent < MOST_SILENT) return;
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
export function afterLooks(looks: number, action: () => void): () => void {
  let left = looks;
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
