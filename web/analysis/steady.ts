// Keeps what is said for long enough to be read: it is replaced only by what has held for a while.

/** How long something is shown at least, and how long the next must have held, in milliseconds. */
const SHOWN = 2000;
const HELD = 700;

export class Steady<T extends { key: string }> {
  #shown: T | null = null;
  #since = -Infinity;
  /** What may replace it, and since when. */
  #next: string | null = null;
  #nextSince = 0;

  /** What is shown. */
  get shown(): T | null {
    return this.#shown;
  }

  /**
   * Takes what is found at a time in milliseconds. Returns after how many milliseconds it should be called again even if
   * nothing else is found; null if it need not be.
   *
   * @param isOutdated whether what is shown is about something else, such as another run or other settings
   */
  take(found: T | null, now: number, isOutdated = false): number | null {
    const isSame = found?.key === this.#shown?.key;
    if (isSame || isOutdated || this.#shown === null) {
      if (!isSame) this.#since = now;
      this.#shown = found;
      this.#next = null;
      return null;
    }
    const key = found?.key ?? '';
    if (this.#next !== key) {
      this.#next = key;
      this.#nextSince = now;
    }
    const wait = Math.max(this.#since + SHOWN, this.#nextSince + HELD) - now;
    if (wait > 0) return wait;
    this.#shown = found;
    this.#since = now;
    this.#next = null;
    return null;
  }
}
