// Moments of one kind in the order of time, in typed arrays, and the search for the next or previous one.

/** Beyond this many the older half is dropped. A power of two. */
const MAX_MOMENTS = 2 ** 20;

/** The duration of a span that hasn't ended. */
export const OPEN_SPAN = -1;

export class MomentList {
  #times = new Float64Array(64);
  #records = new Float64Array(64);
  #places = new Float64Array(64);
  #durations = new Float64Array(64);
  /** How many were dropped. */
  #before = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /**
   * Adds a moment, not before the last one. Returns its number, which never changes.
   *
   * @param place the node and the worker, as [`placeOf`] makes it
   */
  add(time: number, record: number, place: number): number {
    if (this.#length === MAX_MOMENTS) this.#dropHalf();
    if (this.#length === this.#times.length) this.#grow();
    const at = this.#length;
    this.#times[at] = time;
    this.#records[at] = record;
    this.#places[at] = place;
    this.#durations[at] = OPEN_SPAN;
    this.#length += 1;
    return this.#before + at;
  }

  /** Ends the span that begins at a moment, by its number. */
  close(number: number, time: number): void {
    const at = number - this.#before;
    if (at >= 0) this.#durations[at] = time - (this.#times[at] as number);
  }

  /** The members are by their position in the list, from 0 on. */
  time(at: number): number {
    return this.#times[at] as number;
  }

  record(at: number): number {
    return this.#records[at] as number;
  }

  place(at: number): number {
    return this.#places[at] as number;
  }

  /** Nanoseconds; [`OPEN_SPAN`] if it hasn't ended, or doesn't last. */
  duration(at: number): number {
    return this.#durations[at] as number;
  }

  /** Returns the position of the nearest moment after (or, with −1, before) a time that `isWanted`; −1 if there is none. */
  next(time: number, direction: 1 | -1, isWanted: (at: number) => boolean = () => true): number {
    const length = this.#length;
    let at = direction === 1 ? this.#countUpTo(time) : this.#countBefore(time) - 1;
    while (at >= 0 && at < length && !isWanted(at)) at += direction;
    return at < length ? at : -1;
  }

  #countUpTo(time: number): number {
    return this.#count((other) => other <= time);
  }

  #countBefore(time: number): number {
    return this.#count((other) => other < time);
  }

  #count(isBefore: (time: number) => boolean): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isBefore(this.#times[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #columns(change: (column: Float64Array<ArrayBuffer>) => Float64Array<ArrayBuffer>): void {
    this.#times = change(this.#times);
    this.#records = change(this.#records);
    this.#places = change(this.#places);
    this.#durations = change(this.#durations);
  }

  #grow(): void {
    this.#columns((column) => {
      const more = new Float64Array(column.length * 2);
      more.set(column);
      return more;
    });
  }

  #dropHalf(): void {
    const half = this.#length / 2;
    this.#columns((column) => {
      column.copyWithin(0, half);
      return column;
    });
    this.#length -= half;
    this.#before += half;
  }
}

/** Makes a number of a node and a worker. */
export const placeOf = (node: number, worker: number): number => node * 65536 + worker;

export const nodeOfPlace = (place: number): number => Math.floor(place / 65536);
export const workerOfPlace = (place: number): number => place % 65536;
