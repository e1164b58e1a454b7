// Something that changes from time to time: what it was at any moment.

/** Beyond this many changes the older half is forgotten. */
const MAX_CHANGES = 2 ** 20;

/** How many changes are looked at one by one for a smooth count. */
const MAX_EASED = 64;

/** The times of one kind of event: how many there were up to a moment. */
export class Counter {
  readonly #times: number[] = [];
  /** How many were forgotten. */
  #before = 0;

  add(time: number): void {
    this.#times.push(time);
    if (this.#times.length > MAX_CHANGES) {
      this.#before += MAX_CHANGES / 2;
      this.#times.splice(0, MAX_CHANGES / 2);
    }
  }

  /** How many there have been so far. */
  get total(): number {
    return this.#before + this.#times.length;
  }

  /** How many there were up to a time. */
  upTo(time: number): number {
    return this.#before + countUpTo(this.#times, time);
  }

  /**
   * How many there were up to a time, where each takes `ramp` to count in full: what moves up because of it then does
   * so smoothly.
   */
  smooth(time: number, ramp: number): number {
    const last = countUpTo(this.#times, time);
    if (ramp <= 0) return this.#before + last;
    const first = countUpTo(this.#times, time - ramp);
    // Of very many, some stand for all.
    const step = Math.max(1, Math.floor((last - first) / MAX_EASED));
    let sum = 0;
    let looked = 0;
    for (let at = first; at < last; at += step) {
      sum += ease((time - (this.#times[at] as number)) / ramp);
      looked += 1;
    }
    return this.#before + first + (looked > 0 ? (sum / looked) * (last - first) : 0);
  }
}

/** From 0 to 1 with a gentle start and end; the shader does the same. */
export function ease(share: number): number {
  const x = Math.min(1, Math.max(0, share));
  return x * x * (3 - 2 * x);
}

/** A value that changes. */
export class Track<T> {
  readonly #times: number[] = [];
  readonly #values: T[] = [];
  readonly #initial: T;

  constructor(initial: T) {
    this.#initial = initial;
  }

  /** What it became first; what it was to begin with, if it never changed. */
  get first(): T {
    return this.#values[0] ?? this.#initial;
  }

  get last(): T {
    return this.#values.at(-1) ?? this.#initial;
  }

  set(time: number, value: T): void {
    if (value === this.last) return;
    this.#times.push(time);
    this.#values.push(value);
    if (this.#times.length > MAX_CHANGES) {
      this.#times.splice(0, MAX_CHANGES / 2);
      this.#values.splice(0, MAX_CHANGES / 2);
    }
  }

  at(time: number): T {
    const count = countUpTo(this.#times, time);
    return count > 0 ? (this.#values[count - 1] as T) : this.#initial;
  }
}

function countUpTo(times: number[], time: number): number {
  // What is asked for is mostly near the end.
  if ((times.at(-1) ?? -Infinity) <= time) return times.length;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((times[middle] as number) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
