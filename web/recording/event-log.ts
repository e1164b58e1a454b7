// The events of a run in the order of time, as the page keeps them.
//
// Events arrive in chunks, each with events of several threads. They are sorted within a thread but not between
// threads, so the most recent ones are held back until the other threads must have delivered everything older. When the
// log is full, it drops its oldest events. An event's index counts from the beginning of the run, so it never changes.

import { KIND } from './events';
import { Track } from './track';

/** How many events are kept. A power of two. */
export const MAX_EVENTS = 2 ** 20;

/** The most events of a recording that travels in a link: a link may be anybody's, and opens by itself. */
export const MAX_LINKED_EVENTS = 2 ** 16;

/**
 * How late an event may arrive, in nanoseconds: a thread may be preempted between reading the clock and writing the
 * event.
 */
const ALLOWED_LATENESS = 20e6;

/** Record numbers have 40 bits, so no run halves its sampling more often, whatever a file says. */
const MAX_HALVINGS = 40;

/** All ones in 40 bits: the event isn't about a record. */
const NO_RECORD = 2 ** 40 - 1;

/** The record of events that aren't about one. */
export const NONE = -1;

/** An event as an object, for callers that look at only a few. */
export interface LoggedEvent {
  /** Its index in the log. */
  index: number;
  /** Nanoseconds since the run began. */
  time: number;
  kind: number;
  /** A stage, or a channel from 16 on. */
  node: number;
  worker: number;
  thread: number;
  /** [`NONE`] if the event isn't about a record. */
  record: number;
}

/** Which part of a run a log has. */
export interface LogPart {
  /** When the part begins, in nanoseconds. The events before that only explain the state at this time. */
  from: number;
  /** How many events of the run come before the first one in the log. */
  eventsBefore: number;
  /** How many come after the last one. */
  eventsAfter: number;
  /** How often sampling had been halved before that. */
  halvings: number;
}

export class EventLog {
  /** The index of the oldest event kept. */
  begin: number;
  /** One past the index of the newest event. */
  end: number;
  /** The log is complete up to this time, in nanoseconds: no older event will arrive. */
  watermark = 0;

  /** How often the sampling rate has been halved, from `sampling` events; null before the first one. */
  readonly halvings = new Track<number | null>(null);

  #mask: number;
  #times: Float64Array;
  #records: Float64Array;
  /** kind | node << 8 | worker << 16. */
  #what: Uint32Array;
  #threads: Uint8Array;
  /** Sorted, but older events may still arrive. */
  #pending = new EventChunk(0);
  readonly #most: number;
  /** Which part of the run the log has; null if it has the whole run. */
  readonly part: LogPart | null;

  /** @param part which part of the run it has, if not the whole run */
  constructor(most = MAX_EVENTS, part?: LogPart) {
    this.#most = most;
    this.part = part ?? null;
    this.begin = this.end = part?.eventsBefore ?? 0;
    // Without any, it is known from the configuration.
    if (part && part.halvings > 0) this.halvings.set(0, Math.min(part.halvings, MAX_HALVINGS));
    const first = Math.min(most, 2 ** 12);
    this.#mask = first - 1;
    this.#times = new Float64Array(first);
    this.#records = new Float64Array(first);
    this.#what = new Uint32Array(first);
    this.#threads = new Uint8Array(first);
  }

  get length(): number {
    return this.end - this.begin;
  }

  /** Whether nothing happened after the last event. */
  get endsWithRun(): boolean {
    return (this.part?.eventsAfter ?? 0) === 0;
  }

  /** How many events were dropped for lack of space. */
  get dropped(): number {
    return this.begin - (this.part?.eventsBefore ?? 0);
  }

  time(index: number): number {
    return this.#times[index & this.#mask] as number;
  }

  kind(index: number): number {
    return (this.#what[index & this.#mask] as number) & 0xff;
  }

  node(index: number): number {
    return ((this.#what[index & this.#mask] as number) >>> 8) & 0xff;
  }

  worker(index: number): number {
    return (this.#what[index & this.#mask] as number) >>> 16;
  }

  thread(index: number): number {
    return this.#threads[index & this.#mask] as number;
  }

  record(index: number): number {
    return this.#records[index & this.#mask] as number;
  }

  /** Returns an event, or null if it isn't in the log yet or any more. */
  at(index: number): LoggedEvent | null {
    if (index < this.begin || index >= this.end) return null;
    return {
      index,
      time: this.time(index),
      kind: this.kind(index),
      node: this.node(index),
      worker: this.worker(index),
      thread: this.thread(index),
      record: this.record(index),
    };
  }

  /** From this time on the log can be shown: the time of its oldest event, or when its part of the run begins. */
  get firstTime(): number {
    return Math.max(this.oldestTime, this.part?.from ?? 0);
  }

  /** The time of the oldest event kept; 0 if there is none. */
  get oldestTime(): number {
    return this.length > 0 ? this.time(this.begin) : 0;
  }

  /** The time of the newest event; 0 if there is none. */
  get lastTime(): number {
    return this.length > 0 ? this.time(this.end - 1) : 0;
  }

  /** Returns the index of the first event after a time. That is also the number of events up to that time. */
  indexAfter(time: number): number {
    let low = this.begin;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.time(middle) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * Adds packed events delivered by the engine.
   *
   * @param now the time of the run when they were taken from the threads, in nanoseconds
   */
  add(words: BigUint64Array, now: number): void {
    this.#pending = merge(this.#pending, new EventChunk(words.length / 2, words));
    this.#commit(now - ALLOWED_LATENESS);
  }

  /** Ends the log: no more events will arrive. */
  finish(): void {
    this.#commit(Infinity);
  }

  #commit(until: number): void {
    const pending = this.#pending;
    let count = 0;
    while (count < pending.length && (pending.times[count] as number) <= until) count += 1;
    this.#grow(count);
    for (let from = 0; from < count; from += 1) {
      // An event that is too late gets the time of the one before it, which keeps the log sorted.
      const time = Math.max(pending.times[from] as number, this.lastTime);
      const at = this.end & this.#mask;
      this.#times[at] = time;
      this.#records[at] = pending.records[from] as number;
      this.#what[at] = pending.what[from] as number;
      this.#threads[at] = pending.threads[from] as number;
      const what = pending.what[from] as number;
      if ((what & 0xff) === KIND.sampling) {
        this.halvings.set(time, Math.min(what >>> 16, MAX_HALVINGS));
      }
      this.end += 1;
      if (this.end - this.begin > this.#most) this.begin = this.end - this.#most;
    }
    this.#pending = pending.from(count);
    if (until !== Infinity) this.watermark = Math.max(this.watermark, until);
    this.watermark = Math.max(this.watermark, this.lastTime);
  }

  /** Makes space for `count` more events, up to the maximum. */
  #grow(count: number): void {
    let room = this.#mask + 1;
    const wanted = Math.min(this.#most, this.length + count);
    if (wanted <= room) return;
    while (room < wanted) room *= 2;
    const move = <T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T => {
      for (let index = this.begin; index < this.end; index += 1) {
        to[index & (room - 1)] = from[index & this.#mask] as number;
      }
      return to;
    };
    this.#times = move(this.#times, new Float64Array(room));
    this.#records = move(this.#records, new Float64Array(room));
    this.#what = move(this.#what, new Uint32Array(room));
    this.#threads = move(this.#threads, new Uint8Array(room));
    this.#mask = room - 1;
  }
}

/** Events in columns. */
class EventChunk {
  readonly length: number;
  readonly times: Float64Array;
  readonly records: Float64Array;
  readonly what: Uint32Array;
  readonly threads: Uint8Array;

  /** @param words packed events to fill the columns with; without them, the columns are empty */
  constructor(length: number, words?: BigUint64Array) {
    this.length = length;
    this.times = new Float64Array(length);
    this.records = new Float64Array(length);
    this.what = new Uint32Array(length);
    this.threads = new Uint8Array(length);
    if (words) unpack(words, this);
  }

  from(start: number): EventChunk {
    if (start === 0) return this;
    const rest = new EventChunk(this.length - start);
    rest.times.set(this.times.subarray(start));
    rest.records.set(this.records.subarray(start));
    rest.what.set(this.what.subarray(start));
    rest.threads.set(this.threads.subarray(start));
    return rest;
  }

  copy(at: number, other: EventChunk, from: number): void {
    this.times[at] = other.times[from] as number;
    this.records[at] = other.records[from] as number;
    this.what[at] = other.what[from] as number;
    this.threads[at] = other.threads[from] as number;
  }
}

/** Unpacks and sorts events. Avoids 64-bit integers, which would be slow. */
function unpack(words: BigUint64Array, into: EventChunk): void {
  const halves = new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
  const { length } = into;
  const times = new Float64Array(length);
  const order: number[] = [];
  let sorted = true;
  for (let event = 0; event < length; event += 1) {
    const low = halves[4 * event] as number;
    times[event] = (halves[4 * event + 1] as number) * 65536 + (low >>> 16);
    if (event > 0 && (times[event] as number) < (times[event - 1] as number)) sorted = false;
    order.push(event);
  }
  // Each thread's events are sorted already, and the merge sort of browsers takes advantage of such runs.
  if (!sorted) order.sort((a, b) => (times[a] as number) - (times[b] as number));
  for (let at = 0; at < length; at += 1) {
    const event = order[at] as number;
    const first = halves[4 * event] as number;
    const third = halves[4 * event + 2] as number;
    const record = (halves[4 * event + 3] as number) * 256 + (third >>> 24);
    into.times[at] = times[event] as number;
    into.what[at] =
      ((first >>> 8) & 0xff) | ((first & 0xff) << 8) | (((third >>> 8) & 0xffff) << 16);
    into.threads[at] = third & 0xff;
    into.records[at] = record === NO_RECORD ? NONE : record;
  }
}

function merge(a: EventChunk, b: EventChunk): EventChunk {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged = new EventChunk(a.length + b.length);
  let [fromA, fromB] = [0, 0];
  for (let at = 0; at < merged.length; at += 1) {
    const takeA =
      fromB >= b.length ||
      (fromA < a.length && (a.times[fromA] as number) <= (b.times[fromB] as number));
    if (takeA) merged.copy(at, a, fromA++);
    else merged.copy(at, b, fromB++);
  }
  return merged;
}

/** Packs an event as the engine does; for tests. */
export function packed(event: Omit<LoggedEvent, 'index'>): [bigint, bigint] {
  const record = BigInt(event.record === NONE ? NO_RECORD : event.record);
  return [
    (BigInt(event.time) << 16n) | (BigInt(event.kind) << 8n) | BigInt(event.node),
    (record << 24n) | (BigInt(event.worker) << 8n) | BigInt(event.thread),
  ];
}

/** Whether an event is about a task and a thread rather than a record. */
export function isTaskEvent(kind: number): boolean {
  return kind === KIND.woken || kind === KIND.runStart || kind === KIND.runEnd;
}
