// How long the page's own work for a frame takes: the last few hundred frames.

const MOST = 600;

export class FrameTimes {
  #times: number[] = [];

  /** Milliseconds. */
  add(time: number): void {
    this.#times.push(time);
    if (this.#times.length > MOST) this.#times.shift();
  }

  /** The time that a share of all frames are within. */
  percentile(share: number): number {
    const sorted = [...this.#times].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  }

  get count(): number {
    return this.#times.length;
  }

  reset(): void {
    this.#times = [];
  }
}
