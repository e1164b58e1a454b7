// A quantity that changes in steps: the state of a worker, the depth of a channel. Kept in typed arrays, sorted by time,
// with sums and maxima of blocks, so that what a pixel of any width stands for is found without looking at each step.
//
// Step i holds from its time to that of step i + 1. Sums are kept for the beginning of each block of 16 steps. Maxima
// form a pyramid: of blocks of 16 steps, and of four blocks of the level below.

/** Steps per block. */
const BLOCK = 16;

/** Blocks per block of the next level of the pyramid. */
const FAN = 4;

const FIRST_CAPACITY = 64;

export abstract class StepTrack {
  /** The index of the oldest step kept: a multiple of the block's size. */
  begin = 0;
  /** One past the index of the newest step. */
  end = 0;

  #mask = FIRST_CAPACITY - 1;
  #times = new Float64Array(FIRST_CAPACITY);
  #values = new Uint32Array(FIRST_CAPACITY);
  #tags = new Float64Array(FIRST_CAPACITY);
  /** The sums up to the first step of each block. */
  #sums: Float64Array;
  /** The maxima of each level of blocks. */
  #levels: Uint32Array[] = [];
  /** The sums up to [`StepTrack.#summed`]. */
  readonly #total: Float64Array;
  #summed = 0;
  readonly #kinds: number;

  /** @param kinds how many sums there are */
  constructor(kinds: number) {
    this.#kinds = kinds;
    this.#total = new Float64Array(kinds);
    this.#sums = new Float64Array((FIRST_CAPACITY / BLOCK) * kinds);
    this.#levels = levelsFor(FIRST_CAPACITY);
  }

  /** Adds what a step contributes to the sums while it holds for `length` nanoseconds. */
  protected abstract accumulate(
    sums: Float64Array,
    value: number,
    tag: number,
    length: number,
  ): void;

  get length(): number {
    return this.end - this.begin;
  }

  time(index: number): number {
    return this.#times[index & this.#mask] as number;
  }

  value(index: number): number {
    return this.#values[index & this.#mask] as number;
  }

  /** What belongs to the step besides its value, such as a record. */
  tag(index: number): number {
    return this.#tags[index & this.#mask] as number;
  }

  /** Returns when a step ends; `Infinity` if it is the last one. */
  until(index: number): number {
    return index + 1 < this.end ? this.time(index + 1) : Infinity;
  }

  /**
   * Adds a step. Of several at the same time, the last one counts.
   *
   * @param time not before that of the last step
   */
  push(time: number, value: number, tag: number): void {
    const last = this.end - 1;
    if (this.length > 0) {
      if (this.value(last) === value && this.tag(last) === tag) return;
      if (this.time(last) >= time) {
        this.#replaceLast(value, tag);
        return;
      }
      this.accumulate(this.#total, this.value(last), this.tag(last), time - this.#summed);
    }
    this.#summed = time;
    if (this.length > this.#mask) this.#grow();
    const at = this.end & this.#mask;
    if (this.end % BLOCK === 0) this.#sums.set(this.#total, (at / BLOCK) * this.#kinds);
    this.#times[at] = time;
    this.#values[at] = value;
    this.#tags[at] = tag;
    this.end += 1;
    if (this.end % BLOCK === 0) this.#raise();
  }

  #replaceLast(value: number, tag: number): void {
    const last = this.end - 1;
    const isAsBefore =
      last > this.begin && this.value(last - 1) === value && this.tag(last - 1) === tag;
    if (isAsBefore) {
      this.end = last;
      return;
    }
    this.#values[last & this.#mask] = value;
    this.#tags[last & this.#mask] = tag;
    if (this.end % BLOCK === 0) this.#raise();
  }

  /** Forgets steps that were over at a time, in whole blocks. */
  dropBefore(time: number): void {
    const index = this.indexAt(time);
    if (index > this.begin) this.begin = Math.max(this.begin, Math.floor(index / BLOCK) * BLOCK);
  }

  /** Returns the index of the step at a time: the last one that had begun; `begin` − 1 if none had. */
  indexAt(time: number, from = this.begin): number {
    let low = from;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time(middle) > time) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** Returns the value at a time; 0 before the first step. */
  at(time: number): number {
    const index = this.indexAt(time);
    return index < this.begin ? 0 : this.value(index);
  }

  /**
   * Writes the sums from the beginning up to a time into `sums`. The last step holds on.
   *
   * @param index the step at that time, if it is known
   */
  sumsAt(time: number, sums: Float64Array, index = this.indexAt(time)): void {
    sums.fill(0);
    if (index < this.begin) return;
    const block = Math.floor(index / BLOCK);
    const at = ((block * BLOCK) & this.#mask) / BLOCK;
    for (let kind = 0; kind < this.#kinds; kind += 1) {
      sums[kind] = this.#sums[at * this.#kinds + kind] as number;
    }
    for (let step = block * BLOCK; step < index; step += 1) {
      this.accumulate(
        sums,
        this.value(step),
        this.tag(step),
        this.time(step + 1) - this.time(step),
      );
    }
    this.accumulate(sums, this.value(index), this.tag(index), time - this.time(index));
  }

  /** Returns the sums between two times. */
  sumsBetween(from: number, to: number): Float64Array {
    const before = new Float64Array(this.#kinds);
    const sums = new Float64Array(this.#kinds);
    this.sumsAt(from, before);
    this.sumsAt(to, sums);
    // Before the first step kept, nothing is known.
    const known = this.length > 0 && from < this.time(this.begin) ? this.time(this.begin) : from;
    if (known !== from) this.sumsAt(Math.min(known, to), before);
    return sums.map((sum, kind) => sum - (before[kind] as number));
  }

  /** Returns the largest value among the steps from one index up to another, end exclusive; 0 if there are none. */
  maximum(first: number, behind: number): number {
    let most = 0;
    let index = Math.max(first, this.begin);
    while (index < behind) {
      let level = -1;
      let size = 1;
      for (let next = BLOCK; index % next === 0 && index + next <= behind; next *= FAN) {
        if (level + 1 >= this.#levels.length) break;
        level += 1;
        size = next;
      }
      const block = this.#levels[level];
      const value = block
        ? (block[Math.floor(index / size) % block.length] as number)
        : this.value(index);
      if (value > most) most = value;
      index += size;
    }
    return most;
  }

  /** Updates the maxima of the blocks that are complete now. */
  #raise(): void {
    let size = BLOCK;
    for (let level = 0; level < this.#levels.length && this.end % size === 0; level += 1) {
      const blocks = this.#levels[level] as Uint32Array;
      const first = this.end - size;
      let most = 0;
      if (level === 0) {
        for (let index = first; index < this.end; index += 1) {
          most = Math.max(most, this.value(index));
        }
      } else {
        const below = this.#levels[level - 1] as Uint32Array;
        const part = size / FAN;
        for (let at = 0; at < FAN; at += 1) {
          most = Math.max(most, below[(first / part + at) % below.length] as number);
        }
      }
      blocks[(first / size) % blocks.length] = most;
      size *= FAN;
    }
  }

  #grow(): void {
    const old = this.#mask + 1;
    const capacity = old * 2;
    const times = new Float64Array(capacity);
    const values = new Uint32Array(capacity);
    const tags = new Float64Array(capacity);
    const sums = new Float64Array((capacity / BLOCK) * this.#kinds);
    // What is kept begins with a block, and so does what is moved at a time.
    for (let index = this.begin; index < this.end;) {
      const [from, to] = [index & this.#mask, index & (capacity - 1)];
      const count = Math.min(this.end - index, old - from, capacity - to);
      times.set(this.#times.subarray(from, from + count), to);
      values.set(this.#values.subarray(from, from + count), to);
      tags.set(this.#tags.subarray(from, from + count), to);
      const [first, target] = [(from / BLOCK) * this.#kinds, (to / BLOCK) * this.#kinds];
      const length = Math.ceil(count / BLOCK) * this.#kinds;
      sums.set(this.#sums.subarray(first, first + length), target);
      index += count;
    }
    const levels = levelsFor(capacity);
    let size = BLOCK;
    for (const [level, blocks] of levels.entries()) {
      const before = this.#levels[level];
      for (let at = Math.ceil(this.begin / size); (at + 1) * size <= this.end; at += 1) {
        if (before) blocks[at % blocks.length] = before[at % before.length] as number;
        else {
          const below = levels[level - 1] as Uint32Array;
          let most = 0;
          for (let part = 0; part < FAN; part += 1) {
            most = Math.max(most, below[(at * FAN + part) % below.length] as number);
          }
          blocks[at % blocks.length] = most;
        }
      }
      size *= FAN;
    }
    this.#times = times;
    this.#values = values;
    this.#tags = tags;
    this.#sums = sums;
    this.#levels = levels;
    this.#mask = capacity - 1;
  }
}

/** Space for the maxima of each level of blocks of which at least one fits. */
function levelsFor(capacity: number): Uint32Array[] {
  const levels: Uint32Array[] = [];
  for (let size = BLOCK; size <= capacity; size *= FAN) {
    levels.push(new Uint32Array(Math.max(1, Math.floor(capacity / size))));
  }
  return levels;
}

/** States over time. The values number the states; sum s is the time spent in state s; the tag is the record or task. */
export class StateTrack extends StepTrack {
  protected override accumulate(
    sums: Float64Array,
    value: number,
    _: number,
    length: number,
  ): void {
    sums[value] = (sums[value] as number) + length;
  }
}

/** The sums of a [`DepthTrack`]. */
export const [DEPTH_INTEGRAL, TIME_FULL] = [0, 1];

/** Depths over time. The tag is 1 while it is full. The sums are the depth integrated over time, and the time full. */
export class DepthTrack extends StepTrack {
  constructor() {
    super(2);
  }

  protected override accumulate(
    sums: Float64Array,
    value: number,
    tag: number,
    length: number,
  ): void {
    sums[DEPTH_INTEGRAL] = (sums[DEPTH_INTEGRAL] as number) + value * length;
    sums[TIME_FULL] = (sums[TIME_FULL] as number) + tag * length;
  }
}
