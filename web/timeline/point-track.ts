// Things that happen at a moment, such as the birth and the end of a record: in typed arrays, sorted by time.

const FIRST_CAPACITY = 64;

export class PointTrack {
  begin = 0;
  end = 0;
  #times = new Float64Array(FIRST_CAPACITY);
  #records = new Float64Array(FIRST_CAPACITY);
  #kinds = new Uint8Array(FIRST_CAPACITY);
  /** A length that belongs to each point, added up over all points before it. */
  #lengths = new Float64Array(FIRST_CAPACITY);
  #total = 0;

  get length(): number {
    return this.end - this.begin;
  }

  get #mask(): number {
    return this.#times.length - 1;
  }

  time(index: number): number {
    return this.#times[index & this.#mask] as number;
  }

  record(index: number): number {
    return this.#records[index & this.#mask] as number;
  }

  kind(index: number): number {
    return this.#kinds[index & this.#mask] as number;
  }

  /**
   * @param time not before that of the last point
   * @param length something to be added up, such as the latency of a record
   */
  push(time: number, record: number, kind: number, length = 0): void {
    if (this.length > this.#mask) this.#grow();
    const at = this.end & this.#mask;
    this.#times[at] = time;
    this.#records[at] = record;
    this.#kinds[at] = kind;
    this.#lengths[at] = this.#total;
    this.#total += length;
    this.end += 1;
  }

  /** Returns the index of the first point after a time. */
  after(time: number): number {
    let low = this.begin;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time(middle) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Returns how many points there are after `from` and up to `to`. */
  between(from: number, to: number): number {
    return Math.max(0, this.after(to) - this.after(from));
  }

  /** Returns the sum of the lengths of the points from one index up to another, end exclusive. */
  lengths(first: number, behind: number): number {
    const upTo = (index: number) =>
      index < this.end ? (this.#lengths[index & this.#mask] as number) : this.#total;
    return behind > first ? upTo(behind) - upTo(first) : 0;
  }

  dropBefore(time: number): void {
    this.begin = Math.max(this.begin, Math.min(this.end, this.after(time) - 1));
  }

  #grow(): void {
    const mask = this.#mask;
    const capacity = (mask + 1) * 2;
    const move = <T extends Float64Array | Uint8Array>(from: T, to: T): T => {
      for (let index = this.begin; index < this.end; index += 1) {
        to[index & (capacity - 1)] = from[index & mask] as number;
      }
      return to;
    };
    this.#records = move(this.#records, new Float64Array(capacity));
    this.#kinds = move(this.#kinds, new Uint8Array(capacity));
    this.#lengths = move(this.#lengths, new Float64Array(capacity));
    this.#times = move(this.#times, new Float64Array(capacity));
  }
}
