// When traced records were completed, and their latencies: from Produced to the later of Written and Counted.

import type { Status } from '../engine/generated/Status';

/** How many are kept. Beyond that, every second one of the older half is dropped, which preserves percentiles. */
const MAX_COMPLETIONS = 2 ** 16;

/** The outcome of a record, as in its `status`. */
export type Outcome = Status;

export class Completions {
  /** In ascending order. */
  #times: number[] = [];
  #latencies: number[] = [];

  get length(): number {
    return this.#times.length;
  }

  /** @param latency in nanoseconds */
  add(time: number, latency: number): void {
    this.#times.push(time);
    this.#latencies.push(latency);
    if (this.#times.length <= MAX_COMPLETIONS) return;
    const isKept = (_: number, at: number) => at >= MAX_COMPLETIONS / 2 || at % 2 === 0;
    this.#times = this.#times.filter(isKept);
    this.#latencies = this.#latencies.filter(isKept);
  }

  /** Returns the latencies of records completed after `from` and up to `to`. */
  between(from: number, to: number): number[] {
    return this.#latencies.slice(this.#after(from), this.#after(to));
  }

  #after(time: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#times[middle] as number) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
