// What the events say about places: which record was where, from when to when. Each stay is one instance for the
// graphics card, which works out where its dot is at the time that is shown.
//
// A record's way is one chain of stays up to the fan-out, and three from there on, one to each consumer. A dot moves from
// the place of the stay before to its own; so it moves only because an event says so.

import { CHANNELS, FIRST_CHANNEL, KIND, RECEIVERS, STAGES } from './events';
import type { EventLog } from './event-log';
import { Counter, Track } from './track';

/** How many stays are kept, a power of two. */
export const MOST_STAYS = 2 ** 20;

/** 32-bit words of a stay, see [`Stays.words`]. */
export const WORDS = 6;

/** What a record is known to be; its dot has a colour and a shape accordingly. */
export const LOOK = { raw: 0, valid: 1, processed: 2, anomaly: 3, failed: 4 } as const;
export type Look = (typeof LOOK)[keyof typeof LOOK];

export const LOOK_NAMES = ['raw', 'valid', 'processed', 'anomaly', 'failed'] as const;

/** The place before the Producer. */
export const SOURCE = 48;

/** A consumer's number and this: on its way into the file, or into the count. */
export const EXIT = 64;

/** The end of a stay that goes on. */
export const OPEN = 0x7fffffff;

/** The time must be below this: the graphics card's numbers have a sign. */
const MOST_TICKS = 2 ** 31 - 2 ** 20;

/** The stays of a block share one entry of [`Stays.#latest`]. */
const BLOCK = 1024;

const FAN_OUT = 3;
const FIRST_CONSUMER = 4;
const FIRST_CONSUMER_CHANNEL = 20;

/** How far on the way from the Producer (0) to the fan-out (6) a place is. */
const RANKS: Readonly<Record<number, number>> = {
  0: 0,
  16: 1,
  1: 2,
  17: 3,
  2: 4,
  18: 5,
  19: 5,
  3: 6,
};

/** A worker as the events show it. */
export interface WorkerMoment {
  /** `busy`: it has a record; `blocked`: it has one and can't send it; `waiting`: it has none. */
  state: 'busy' | 'blocked' | 'waiting';
  /** The record that it has. */
  record: number | null;
}

const WAITING: WorkerMoment = { state: 'waiting', record: null };

/** What a worker did when. */
export class WorkerTrack {
  readonly moments = new Track<WorkerMoment>(WAITING);
  /** The thread that it runs on; -1 for none. */
  readonly threads = new Track<number>(-1);
  /** How many traced records it has. */
  readonly holds = new Track<number>(0);
  /** The records that it has now, in the order in which they came. */
  readonly held = new Set<number>();
  blocked = false;

  update(time: number): void {
    this.holds.set(time, this.held.size);
    const record = this.held.values().next().value ?? null;
    const state = record === null ? 'waiting' : this.blocked ? 'blocked' : 'busy';
    const { last } = this.moments;
    if (last.state !== state || last.record !== record) this.moments.set(time, { state, record });
  }
}

/** Where a record is while it is on its way. */
class Traveller {
  look: Look = LOOK.raw;
  /** The stay that goes on in the chain up to the fan-out; -1 if there is none. */
  main = -1;
  place = SOURCE;
  worker = 0;
  rank = -1;
  /** The stays behind the fan-out, one for each consumer. */
  branches: [number, number, number] = [-1, -1, -1];
  /** 0: not there yet, 1: in the channel, 2: at the consumer, 3: done. */
  branchRanks: [number, number, number] = [0, 0, 0];
  inFile = 0;
  /** Until the three consumers and the fan-out are done with it. */
  left = 4;
}

export class Stays {
  /**
   * The stays, each [`WORDS`] words; stay number i is at i modulo the capacity:
   *
   * | word | |
   * |---|---|
   * | 0 | beginning, in ticks |
   * | 1 | end, in ticks, or [`OPEN`] |
   * | 2 | where it came from: place, worker << 8 |
   * | 3 | where it is: place, worker << 8, look << 24 |
   * | 4 | in a channel: the how manieth to arrive there; with a worker: the how manieth of those that it has |
   * | 5 | the record's number, its lowest 32 bits |
   */
  words: Int32Array;
  begin = 0;
  end = 0;
  /** The lowest stay that was changed since somebody reset this to [`Stays.end`]. */
  changed = 0;
  /** Nanoseconds in a tick. It becomes longer with the run, so that its ticks fit into 31 bits. */
  tick: number;

  readonly arrived = CHANNELS.map(() => new Counter());
  readonly departed = CHANNELS.map(() => new Counter());
  /** Senders that wait since the channel is full. */
  readonly blockedSenders = CHANNELS.map(() => new Track<number>(0));
  readonly workers: WorkerTrack[][] = STAGES.map(() => []);

  readonly #log: EventLog;
  readonly #most: number;
  #capacity: number;
  /** The latest end among the stays of each block, in nanoseconds. */
  #latest: Float64Array;
  /** How many stays of each block go on. */
  #going: Int32Array;
  #next = 0;
  readonly #travellers = new Map<number, Traveller>();

  /** @param tick nanoseconds to begin with */
  constructor(log: EventLog, tick: number, most = MOST_STAYS) {
    this.#log = log;
    this.tick = tick;
    this.#most = most;
    this.#capacity = Math.min(most, 2 ** 12);
    this.words = new Int32Array(this.#capacity * WORDS);
    this.#latest = new Float64Array(this.#capacity / BLOCK);
    this.#going = new Int32Array(this.#capacity / BLOCK);
  }

  /** How many stays there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Records that are on their way at the end of the log. */
  get travelling(): number {
    return this.#travellers.size;
  }

  worker(stage: number, worker: number): WorkerTrack {
    const workers = this.workers[stage] ?? [];
    while (workers.length <= worker) workers.push(new WorkerTrack());
    return workers[worker] as WorkerTrack;
  }

  /** How many traced records a channel had at a time. */
  occupancy(channel: number, time: number): number {
    return (this.arrived[channel]?.upTo(time) ?? 0) - (this.departed[channel]?.upTo(time) ?? 0);
  }

  /** Follows the log up to its end. Whether there was anything new. */
  update(): boolean {
    const log = this.#log;
    if (this.#next < log.begin) this.#skip();
    const before = this.#next;
    for (; this.#next < log.end; this.#next += 1) this.#follow(this.#next);
    return this.#next > before;
  }

  /** The log has dropped events that were not looked at: what became of the records on their way is not known. */
  #skip(): void {
    this.#next = this.#log.begin;
    const time = this.#log.firstTime;
    for (const { main, branches } of this.#travellers.values()) {
      for (const stay of [main, ...branches]) {
        if (stay >= this.begin && this.word(stay, 1) === OPEN) this.#close(stay, time);
      }
    }
    this.#travellers.clear();
    for (const track of this.workers.flat()) {
      track.held.clear();
      track.blocked = false;
      track.update(time);
    }
    this.departed.forEach((counter, channel) => {
      const arrived = this.arrived[channel]?.total ?? 0;
      while (counter.total < arrived) counter.add(time);
    });
  }

  /** Nanoseconds of the run: from here on all stays are known. */
  get knownFrom(): number {
    return this.begin > 0 ? this.start(this.begin) * this.tick : 0;
  }

  /**
   * The stays that may go on at a time: from the first to behind the last. Others among them don't.
   *
   * @param margin nanoseconds for which an ended stay is to be seen still
   */
  range(time: number, margin: number): [number, number] {
    const ticks = Math.floor(time / this.tick);
    let low = this.begin;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.start(middle) > ticks) high = middle;
      else low = middle + 1;
    }
    const behind = low;
    let first = this.begin;
    while (first < behind) {
      const block = this.#blockOf(first);
      if (this.#going[block] !== 0 || (this.#latest[block] as number) >= time - margin) break;
      first = (Math.floor(first / BLOCK) + 1) * BLOCK;
    }
    return [Math.min(first, behind), behind];
  }

  start(stay: number): number {
    return this.words[this.#at(stay)] as number;
  }

  word(stay: number, word: number): number {
    return this.words[this.#at(stay) + word] as number;
  }

  #blockOf(stay: number): number {
    return Math.floor(stay / BLOCK) % this.#latest.length;
  }

  #at(stay: number): number {
    return (stay & (this.#capacity - 1)) * WORDS;
  }

  #follow(index: number): void {
    const log = this.#log;
    const [time, kind, place] = [log.time(index), log.kind(index), log.place(index)];
    const worker = log.worker(index);
    if (kind === KIND.runStart || kind === KIND.runEnd) {
      this.worker(place, worker).threads.set(time, kind === KIND.runStart ? log.thread(index) : -1);
      return;
    }
    if (kind === KIND.sampling && worker > 0) {
      // From here on it is not recorded any more which thread runs what.
      for (const track of this.workers.flat()) track.threads.set(time, -1);
    }
    const record = log.record(index);
    if (record < 0 || kind === KIND.sampling || kind === KIND.woken) return;
    let traveller = this.#travellers.get(record);
    if (!traveller) {
      // Of one whose beginning is not in the log any more nothing is known.
      if (kind !== KIND.produced) return;
      traveller = new Traveller();
      this.#travellers.set(record, traveller);
    }
    switch (kind) {
      case KIND.produced:
        this.#move(traveller, record, time, place, worker, 0);
        this.#take(place, worker, record, time);
        break;
      case KIND.arrive:
        this.#arrive(traveller, record, time, place);
        break;
      case KIND.depart:
        this.#depart(traveller, record, time, place, worker);
        break;
      case KIND.valid:
        this.#becomes(traveller, record, time, LOOK.valid);
        break;
      case KIND.processed:
        this.#becomes(traveller, record, time, LOOK.processed);
        break;
      case KIND.anomaly:
        this.#becomes(traveller, record, time, LOOK.anomaly);
        break;
      case KIND.invalid:
      case KIND.transformationError:
        this.#becomes(traveller, record, time, LOOK.failed);
        break;
      case KIND.written:
      case KIND.counted:
        traveller.inFile |= 1 << (place - FIRST_CONSUMER);
        break;
      case KIND.workEnd:
        this.#workEnd(traveller, record, time, place, worker);
        break;
      case KIND.blocked:
      case KIND.released: {
        const stage = place >= FIRST_CONSUMER_CHANNEL ? FAN_OUT : traveller.place;
        const track = this.worker(stage, worker);
        track.blocked = kind === KIND.blocked;
        track.update(time);
        const senders = this.blockedSenders[place - FIRST_CHANNEL];
        const change = kind === KIND.blocked ? 1 : -1;
        senders?.set(time, Math.max(0, senders.last + change));
        break;
      }
    }
  }

  #arrive(traveller: Traveller, record: number, time: number, place: number): void {
    const channel = place - FIRST_CHANNEL;
    const slot = this.arrived[channel]?.total ?? 0;
    this.arrived[channel]?.add(time);
    if (place >= FIRST_CONSUMER_CHANNEL) {
      const branch = place - FIRST_CONSUMER_CHANNEL;
      if ((traveller.branchRanks[branch] as number) >= 1) return;
      this.#branch(traveller, record, time, branch, FAN_OUT, 0, place, 0, slot);
      traveller.branchRanks[branch] = 1;
      return;
    }
    // Clocks are not infinitely fine: of two events at the same time, the second may have come first.
    if ((RANKS[place] ?? 0) <= traveller.rank) return;
    this.#give(traveller.place, traveller.worker, record, time);
    this.#move(traveller, record, time, place, 0, slot);
  }

  #depart(traveller: Traveller, record: number, time: number, place: number, worker: number): void {
    const channel = place - FIRST_CHANNEL;
    this.departed[channel]?.add(time);
    const stage = RECEIVERS[channel] ?? 0;
    const slot = this.#take(stage, worker, record, time);
    if (place >= FIRST_CONSUMER_CHANNEL) {
      const branch = place - FIRST_CONSUMER_CHANNEL;
      this.#branch(traveller, record, time, branch, place, 0, stage, worker, slot);
      traveller.branchRanks[branch] = 2;
      return;
    }
    // Where its arrival is yet to be told, whoever had it before has it no longer.
    const { place: before, worker: sender } = traveller;
    if (before !== stage || sender !== worker) this.#give(before, sender, record, time);
    traveller.place = place;
    traveller.worker = 0;
    this.#move(traveller, record, time, stage, worker, slot);
  }

  /** Its dot changes where it is. */
  #becomes(traveller: Traveller, record: number, time: number, look: Look): void {
    if (traveller.look === look) return;
    traveller.look = look;
    const { main, place, worker } = traveller;
    if (main < this.begin) return;
    const slot = this.word(main, 4);
    this.#close(main, time);
    traveller.main = this.#open(time, place, worker, place, worker, look, slot, record);
  }

  #workEnd(
    traveller: Traveller,
    record: number,
    time: number,
    place: number,
    worker: number,
  ): void {
    if (place === FAN_OUT) {
      this.#close(traveller.main, time);
      traveller.main = -1;
    } else if (place >= FIRST_CONSUMER) {
      const branch = place - FIRST_CONSUMER;
      if (traveller.branchRanks[branch] === 3) return;
      this.#close(traveller.branches[branch] ?? -1, time);
      traveller.branchRanks[branch] = 3;
      if (traveller.inFile & (1 << branch)) {
        this.#open(time, place, worker, EXIT + place, worker, traveller.look, 0, record);
      }
    } else {
      // What a worker of a pool has worked on it still has, until it could send it on.
      return;
    }
    this.#give(place, worker, record, time);
    traveller.left -= 1;
    if (traveller.left === 0) this.#travellers.delete(record);
  }

  /** In the chain up to the fan-out. */
  #move(
    traveller: Traveller,
    record: number,
    time: number,
    place: number,
    worker: number,
    slot: number,
  ): void {
    this.#close(traveller.main, time);
    const { place: from, worker: fromWorker, look } = traveller;
    traveller.main = this.#open(time, from, fromWorker, place, worker, look, slot, record);
    traveller.place = place;
    traveller.worker = worker;
    traveller.rank = Math.max(traveller.rank, RANKS[place] ?? 0);
  }

  /** In one of the chains behind the fan-out. */
  #branch(
    traveller: Traveller,
    record: number,
    time: number,
    branch: number,
    from: number,
    fromWorker: number,
    place: number,
    worker: number,
    slot: number,
  ): void {
    this.#close(traveller.branches[branch] ?? -1, time);
    traveller.branches[branch] = this.#open(
      ...([time, from, fromWorker, place, worker, traveller.look, slot, record] as const),
    );
  }

  /** A worker has a record; the answer is how many it had already. */
  #take(stage: number, worker: number, record: number, time: number): number {
    const track = this.worker(stage, worker);
    const before = track.held.size;
    track.held.add(record);
    track.update(time);
    return before;
  }

  #give(stage: number, worker: number, record: number, time: number): void {
    if (stage >= FIRST_CHANNEL) return;
    const track = this.worker(stage, worker);
    track.held.delete(record);
    track.update(time);
  }

  #open(
    time: number,
    from: number,
    fromWorker: number,
    place: number,
    worker: number,
    look: Look,
    slot: number,
    record: number,
  ): number {
    this.#makeRoom();
    while (time / this.tick >= MOST_TICKS) this.#coarsen();
    const stay = this.end;
    const at = this.#at(stay);
    const { words } = this;
    words[at] = Math.floor(time / this.tick);
    words[at + 1] = OPEN;
    words[at + 2] = from | (fromWorker << 8);
    words[at + 3] = place | (worker << 8) | (look << 24);
    words[at + 4] = slot | 0;
    words[at + 5] = record | 0;
    const block = this.#blockOf(stay);
    if (stay % BLOCK === 0) {
      this.#latest[block] = 0;
      this.#going[block] = 0;
    }
    // One on its way out has no end of its own: it is seen for the margin.
    if (place >= EXIT) this.#latest[block] = Math.max(this.#latest[block] as number, time);
    else this.#going[block] = (this.#going[block] as number) + 1;
    this.#changed(stay);
    this.end += 1;
    return stay;
  }

  #close(stay: number, time: number): void {
    if (stay < this.begin) return;
    this.words[this.#at(stay) + 1] = Math.floor(time / this.tick);
    this.#changed(stay);
    const block = this.#blockOf(stay);
    this.#latest[block] = Math.max(this.#latest[block] as number, time);
    this.#going[block] = (this.#going[block] as number) - 1;
  }

  #coarsen(): void {
    this.tick *= 2;
    for (let stay = this.begin; stay < this.end; stay += 1) {
      const at = this.#at(stay);
      this.words[at] = (this.words[at] as number) >> 1;
      const end = this.words[at + 1] as number;
      if (end !== OPEN) this.words[at + 1] = end >> 1;
    }
    this.changed = this.begin;
  }

  #changed(stay: number): void {
    this.changed = Math.min(this.changed, stay);
  }

  #makeRoom(): void {
    if (this.end - this.begin < this.#capacity) return;
    if (this.#capacity === this.#most) {
      this.begin += BLOCK;
      return;
    }
    const words = new Int32Array(this.words.length * 2);
    const latest = new Float64Array(this.#latest.length * 2);
    const capacity = this.#capacity * 2;
    for (let stay = this.begin; stay < this.end; stay += 1) {
      const from = this.#at(stay);
      words.set(this.words.subarray(from, from + WORDS), (stay & (capacity - 1)) * WORDS);
    }
    const going = new Int32Array(latest.length);
    for (let block = this.begin / BLOCK; block < this.end / BLOCK; block += 1) {
      latest[block % latest.length] = this.#latest[block % this.#latest.length] as number;
      going[block % latest.length] = this.#going[block % this.#latest.length] as number;
    }
    this.words = words;
    this.#latest = latest;
    this.#going = going;
    this.#capacity = capacity;
    this.changed = this.begin;
  }
}
