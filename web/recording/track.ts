// Values and counts that change over time, and what they were at any moment.

/** Beyond this many changes the older half is dropped. */
const MAX_CHANGES = 2 ** 20;

/** How many changes a smooth count looks at individually. */
const MAX_EASED = 64;

/** The times of one kind of event: counts how many there were up to a moment. */
export class Counter {
  readonly #times: number[] = [];
  /** How many were dropped. */
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

  /** Returns how many there were up to a time. */
  upTo(time: number): number {
    return this.#before + countUpTo(this.#times, time);
  }

  /**
   * Like [`Counter.upTo`], but each event takes `ramp` to count in full, so that whatever moves with the count moves
   * smoothly.
   */
  smooth(time: number, ramp: number): number {
    const last = countUpTo(this.#times, time);
    if (ramp <= 0) return this.#before + last;
    const first = countUpTo(this.#times, time - ramp);
    // If there are very many, samples them.
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

/** Eases in and out from 0 to 1. The shader does the same. */
export function ease(share: number): number {
  const x = Math.min(1, Math.max(0, share));
  return x * x * (3 - 2 * x);
}

/** A value that changes over time. */
export class Track<T> {
  readonly #times: number[] = [];
  readonly #values: T[] = [];
  #initial: T;

  constructor(initial: T) {
    this.#initial = initial;
  }

  /** The first value that was set, or the initial one if none was. */
  get first(): T {
    return this.#values[0] ?? this.#initial;
  }

  /** When it was set, in order. */
  get times(): readonly number[] {
    return this.#times;
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
      this.#initial = this.#values.splice(0, MAX_CHANGES / 2).at(-1) as T;
    }
  }

  /** Takes the last change back. */
  pop(): void {
    this.#times.pop();
    this.#values.pop();
  }

  /** The value before the first change that is kept. */
  get initial(): T {
    return this.#initial;
  }

  at(time: number): T {
    const count = countUpTo(this.#times, time);
    return count > 0 ? (this.#values[count - 1] as T) : this.#initial;
  }

  /** Returns when its value changes next after a time; undefined if that isn't known. */
  next(time: number): number | undefined {
    return this.#times[countUpTo(this.#times, time)];
  }

  /** Each value that was set, with its time, in the order of time. */
  get changes(): { time: number; value: T }[] {
    return this.#times.map((time, at) => ({ time, value: this.#values[at] as T }));
  }

  /** Returns since when it has had the value that it has at a time; 0 if it has never changed. */
  since(time: number): number {
    return this.#times[countUpTo(this.#times, time) - 1] ?? 0;
  }
}

function countUpTo(times: number[], time: number): number {
  // Most queries are near the end.
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
