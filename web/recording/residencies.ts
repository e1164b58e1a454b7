// Where each record was, and when, according to the events: its visits to nodes. Each visit is an instance for the
// graphics card, which computes where its dot is at the time on screen.
//
// Up to the fan-out, a record has one chain of visits; from there on, three, one to each consumer. A dot moves from the
// node of the previous visit to that of its own, so it moves only because an event says so.

import { CHANNELS, FIRST_CHANNEL, KIND, NODE, STAGES } from './events';
import { STANDARD } from './topology';
import type { EventLog } from './event-log';
import { Counter, Track } from './track';

/** How many visits are kept. A power of two. */
export const MAX_VISITS = 2 ** 20;

/** The number of 32-bit words in a visit; see [`Residencies.words`]. */
export const WORDS_PER_VISIT = 6;

/** What is known of a record. It determines the colour and the shape of its dot. */
export const RECORD_STATE = { raw: 0, valid: 1, processed: 2, anomaly: 3, failed: 4 } as const;
export type RecordState = (typeof RECORD_STATE)[keyof typeof RECORD_STATE];

export const RECORD_STATE_NAMES = ['raw', 'valid', 'processed', 'anomaly', 'failed'] as const;

/** The node before the Producer. */
export const SOURCE = 48;

/** Added to the number of a consumer: the record is on its way into the file, or into the count. */
export const EXIT = 64;

/** The end of a visit that is still going on. */
export const OPEN = 0x7fffffff;

/** Times in ticks stay below this, since the graphics card's integers are signed. */
const MAX_TICKS = 2 ** 31 - 2 ** 20;

/** The visits of a block share an entry of [`Residencies.#latest`]. */
const BLOCK = 1024;

const FAN_OUT = NODE.fan_out;
const FIRST_CONSUMER = NODE.loader;
const FIRST_CONSUMER_CHANNEL = NODE.loaderCh;

/** What a worker does, as far as events tell. */
export interface WorkerActivity {
  /** `busy`: it has a record. `blocked`: it has a record and can't send it. `waiting`: it has none. */
  state: 'busy' | 'blocked' | 'waiting';
  /** The record that it has. */
  record: number | null;
}

const WAITING: WorkerActivity = { state: 'waiting', record: null };

/** The activity of a worker over time. */
export class WorkerTrack {
  readonly activity = new Track<WorkerActivity>(WAITING);
  /** The thread that it runs on; -1 for none. */
  readonly threads = new Track<number>(-1);
  /** How many traced records it has. */
  readonly heldCount = new Track<number>(0);
  /** The records that it has now, in order of arrival. */
  readonly held = new Set<number>();
  blocked = false;

  update(time: number): void {
    this.heldCount.set(time, this.held.size);
    const record = this.held.values().next().value ?? null;
    const state = record === null ? 'waiting' : this.blocked ? 'blocked' : 'busy';
    const { last } = this.activity;
    if (last.state !== state || last.record !== record) this.activity.set(time, { state, record });
  }
}

/** Where a record is while it is in flight. */
class RecordTrack {
  state: RecordState = RECORD_STATE.raw;
  /** The open visit in the chain up to the fan-out; -1 if there is none. */
  main = -1;
  node = SOURCE;
  worker = 0;
  rank = -1;
  /** The open visits after the fan-out, one for each consumer. */
  branches: [number, number, number] = [-1, -1, -1];
  /** 0: not there yet, 1: in the channel, 2: at the consumer, 3: done. */
  branchRanks: [number, number, number] = [0, 0, 0];
  inFile = 0;
  /** How many of the three consumers and the fan-out aren't done with it. */
  remaining = 4;
}

export class Residencies {
  /**
   * The visits, [`WORDS_PER_VISIT`] words each. Visit i is at i modulo the capacity:
   *
   * | word | |
   * |---|---|
   * | 0 | start, in ticks |
   * | 1 | end, in ticks, or [`OPEN`] |
   * | 2 | previous node: node, worker << 8 |
   * | 3 | this node: node, worker << 8, state << 24 |
   * | 4 | in a channel: how many arrived there before it; with a worker: how many records the worker had before it |
   * | 5 | lowest 32 bits of the record's number |
   */
  words: Int32Array;
  begin = 0;
  end = 0;
  /** The lowest visit changed since a reader last set this to [`Residencies.end`]. */
  changed = 0;
  /** Nanoseconds per tick. Doubles as the run goes on, so that times in ticks fit into 31 bits. */
  tick: number;

  readonly arrived = CHANNELS.map(() => new Counter());
  readonly departed = CHANNELS.map(() => new Counter());
  /** How many senders are blocked because the channel is full. */
  readonly blockedSenders = CHANNELS.map(() => new Track<number>(0));
  readonly workers: WorkerTrack[][] = STAGES.map(() => []);

  readonly #log: EventLog;
  readonly #most: number;
  #capacity: number;
  /** The latest end among the visits of each block, in nanoseconds. */
  #latest: Float64Array;
  /** How many visits of each block are open. */
  #going: Int32Array;
  #next = 0;
  readonly #recordTracks = new Map<number, RecordTrack>();

  /** @param tick initial nanoseconds per tick */
  constructor(log: EventLog, tick: number, most = MAX_VISITS) {
    this.#log = log;
    this.tick = tick;
    this.#most = most;
    this.#capacity = Math.min(most, 2 ** 12);
    this.words = new Int32Array(this.#capacity * WORDS_PER_VISIT);
    this.#latest = new Float64Array(this.#capacity / BLOCK);
    this.#going = new Int32Array(this.#capacity / BLOCK);
  }

  /** How many visits there is space for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** How many records are in flight at the end of the log. */
  get recordsInFlight(): number {
    return this.#recordTracks.size;
  }

  worker(stage: number, worker: number): WorkerTrack {
    const workers = this.workers[stage] ?? [];
    while (workers.length <= worker) workers.push(new WorkerTrack());
    return workers[worker] as WorkerTrack;
  }

  /** Returns how many traced records were in a channel at a time. */
  occupancy(channel: number, time: number): number {
    return (this.arrived[channel]?.upTo(time) ?? 0) - (this.departed[channel]?.upTo(time) ?? 0);
  }

  /** Follows the log to its end. Returns whether there were new events. */
  update(): boolean {
    const log = this.#log;
    if (this.#next < log.begin) this.#skip();
    const before = this.#next;
    for (; this.#next < log.end; this.#next += 1) this.#follow(this.#next);
    return this.#next > before;
  }

  /** The log has dropped events before they were followed, so what became of the records in flight is unknown. */
  #skip(): void {
    this.#next = this.#log.begin;
    const time = this.#log.firstTime;
    for (const { main, branches } of this.#recordTracks.values()) {
      for (const visit of [main, ...branches]) {
        if (visit >= this.begin && this.word(visit, 1) === OPEN) this.#close(visit, time);
      }
    }
    this.#recordTracks.clear();
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

  /** From this time on all visits are known, in nanoseconds of the run. */
  get knownFrom(): number {
    return this.begin > 0 ? this.start(this.begin) * this.tick : 0;
  }

  /**
   * Returns the range of visits that may be open at a time, end exclusive. Some visits in the range may not be.
   *
   * @param margin how many nanoseconds a visit remains visible after its end
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

  start(visit: number): number {
    return this.words[this.#at(visit)] as number;
  }

  word(visit: number, word: number): number {
    return this.words[this.#at(visit) + word] as number;
  }

  #blockOf(visit: number): number {
    return Math.floor(visit / BLOCK) % this.#latest.length;
  }

  #at(visit: number): number {
    return (visit & (this.#capacity - 1)) * WORDS_PER_VISIT;
  }

  #follow(index: number): void {
    const log = this.#log;
    const [time, kind, node] = [log.time(index), log.kind(index), log.node(index)];
    const worker = log.worker(index);
    if (kind === KIND.runStart || kind === KIND.runEnd) {
      this.worker(node, worker).threads.set(time, kind === KIND.runStart ? log.thread(index) : -1);
      return;
    }
    if (kind === KIND.sampling && worker > 0) {
      // From here on, events don't tell which thread runs which task.
      for (const track of this.workers.flat()) track.threads.set(time, -1);
    }
    const record = log.record(index);
    if (record < 0 || kind === KIND.sampling || kind === KIND.woken) return;
    let track = this.#recordTracks.get(record);
    if (!track) {
      // Nothing is known of a record whose beginning isn't in the log any more.
      if (kind !== KIND.produced) return;
      track = new RecordTrack();
      this.#recordTracks.set(record, track);
    }
    switch (kind) {
      case KIND.produced:
        this.#move(track, record, time, node, worker, 0);
        this.#acquire(node, worker, record, time);
        break;
      case KIND.arrive:
        this.#arrive(track, record, time, node);
        break;
      case KIND.depart:
        this.#depart(track, record, time, node, worker);
        break;
      case KIND.valid:
        this.#changeState(track, record, time, RECORD_STATE.valid);
        break;
      case KIND.processed:
        this.#changeState(track, record, time, RECORD_STATE.processed);
        break;
      case KIND.anomaly:
        this.#changeState(track, record, time, RECORD_STATE.anomaly);
        break;
      case KIND.invalid:
      case KIND.transformationError:
        this.#changeState(track, record, time, RECORD_STATE.failed);
        break;
      case KIND.written:
      case KIND.counted:
        track.inFile |= 1 << (node - FIRST_CONSUMER);
        break;
      case KIND.workEnd:
        this.#workEnd(track, record, time, node, worker);
        break;
      case KIND.blocked:
      case KIND.released: {
        const stage = node >= FIRST_CONSUMER_CHANNEL ? FAN_OUT : track.node;
        const sender = this.worker(stage, worker);
        sender.blocked = kind === KIND.blocked;
        sender.update(time);
        const senders = this.blockedSenders[node - FIRST_CHANNEL];
        const change = kind === KIND.blocked ? 1 : -1;
        senders?.set(time, Math.max(0, senders.last + change));
        break;
      }
    }
  }

  #arrive(track: RecordTrack, record: number, time: number, node: number): void {
    const channel = node - FIRST_CHANNEL;
    const slot = this.arrived[channel]?.total ?? 0;
    this.arrived[channel]?.add(time);
    if (node >= FIRST_CONSUMER_CHANNEL) {
      const branch = node - FIRST_CONSUMER_CHANNEL;
      if ((track.branchRanks[branch] as number) >= 1) return;
      this.#branch(track, record, time, branch, FAN_OUT, 0, node, 0, slot);
      track.branchRanks[branch] = 1;
      return;
    }
    // Clocks have a limited resolution: of two events at the same time, the second may have come first.
    if (STANDARD.rankOf(node) <= track.rank) return;
    this.#release(track.node, track.worker, record, time);
    this.#move(track, record, time, node, 0, slot);
  }

  #depart(track: RecordTrack, record: number, time: number, node: number, worker: number): void {
    const channel = node - FIRST_CHANNEL;
    this.departed[channel]?.add(time);
    const stage = STANDARD.receiverOf(node) ?? NODE.producer;
    const slot = this.#acquire(stage, worker, record, time);
    if (node >= FIRST_CONSUMER_CHANNEL) {
      const branch = node - FIRST_CONSUMER_CHANNEL;
      this.#branch(track, record, time, branch, node, 0, stage, worker, slot);
      track.branchRanks[branch] = 2;
      return;
    }
    // Even if the event of its arrival is still to come, the previous holder no longer has it.
    const { node: before, worker: sender } = track;
    if (before !== stage || sender !== worker) this.#release(before, sender, record, time);
    track.node = node;
    track.worker = 0;
    this.#move(track, record, time, stage, worker, slot);
  }

  /** Changes the state of the record, and so its dot, where it is. */
  #changeState(track: RecordTrack, record: number, time: number, state: RecordState): void {
    if (track.state === state) return;
    track.state = state;
    const { main, node, worker } = track;
    if (main < this.begin) return;
    const slot = this.word(main, 4);
    this.#close(main, time);
    track.main = this.#open(time, node, worker, node, worker, state, slot, record);
  }

  #workEnd(track: RecordTrack, record: number, time: number, node: number, worker: number): void {
    if (node === FAN_OUT) {
      this.#close(track.main, time);
      track.main = -1;
    } else if (node >= FIRST_CONSUMER) {
      const branch = node - FIRST_CONSUMER;
      if (track.branchRanks[branch] === 3) return;
      this.#close(track.branches[branch] ?? -1, time);
      track.branchRanks[branch] = 3;
      if (track.inFile & (1 << branch)) {
        this.#open(time, node, worker, EXIT + node, worker, track.state, 0, record);
      }
    } else {
      // A pool worker keeps the record after its work, until it can send it.
      return;
    }
    this.#release(node, worker, record, time);
    track.remaining -= 1;
    if (track.remaining === 0) this.#recordTracks.delete(record);
  }

  /** Moves a record within the chain up to the fan-out. */
  #move(
    track: RecordTrack,
    record: number,
    time: number,
    node: number,
    worker: number,
    slot: number,
  ): void {
    this.#close(track.main, time);
    const { node: from, worker: fromWorker, state } = track;
    track.main = this.#open(time, from, fromWorker, node, worker, state, slot, record);
    track.node = node;
    track.worker = worker;
    track.rank = Math.max(track.rank, STANDARD.rankOf(node));
  }

  /** Moves a record within one of the chains after the fan-out. */
  #branch(
    track: RecordTrack,
    record: number,
    time: number,
    branch: number,
    from: number,
    fromWorker: number,
    node: number,
    worker: number,
    slot: number,
  ): void {
    this.#close(track.branches[branch] ?? -1, time);
    track.branches[branch] = this.#open(
      ...([time, from, fromWorker, node, worker, track.state, slot, record] as const),
    );
  }

  /** Gives a record to a worker. Returns how many the worker had before. */
  #acquire(stage: number, worker: number, record: number, time: number): number {
    const track = this.worker(stage, worker);
    const before = track.held.size;
    track.held.add(record);
    track.update(time);
    return before;
  }

  #release(stage: number, worker: number, record: number, time: number): void {
    if (stage >= FIRST_CHANNEL) return;
    const track = this.worker(stage, worker);
    track.held.delete(record);
    track.update(time);
  }

  #open(
    time: number,
    from: number,
    fromWorker: number,
    node: number,
    worker: number,
    state: RecordState,
    slot: number,
    record: number,
  ): number {
    this.#makeRoom();
    while (time / this.tick >= MAX_TICKS) this.#coarsen();
    const visit = this.end;
    const at = this.#at(visit);
    const { words } = this;
    words[at] = Math.floor(time / this.tick);
    words[at + 1] = OPEN;
    words[at + 2] = from | (fromWorker << 8);
    words[at + 3] = node | (worker << 8) | (state << 24);
    words[at + 4] = slot | 0;
    words[at + 5] = record | 0;
    const block = this.#blockOf(visit);
    if (visit % BLOCK === 0) {
      this.#latest[block] = 0;
      this.#going[block] = 0;
    }
    // A visit to an exit has no end of its own: it is visible for the margin.
    if (node >= EXIT) this.#latest[block] = Math.max(this.#latest[block] as number, time);
    else this.#going[block] = (this.#going[block] as number) + 1;
    this.#changed(visit);
    this.end += 1;
    return visit;
  }

  #close(visit: number, time: number): void {
    if (visit < this.begin) return;
    this.words[this.#at(visit) + 1] = Math.floor(time / this.tick);
    this.#changed(visit);
    const block = this.#blockOf(visit);
    this.#latest[block] = Math.max(this.#latest[block] as number, time);
    this.#going[block] = (this.#going[block] as number) - 1;
  }

  #coarsen(): void {
    this.tick *= 2;
    for (let visit = this.begin; visit < this.end; visit += 1) {
      const at = this.#at(visit);
      this.words[at] = (this.words[at] as number) >> 1;
      const end = this.words[at + 1] as number;
      if (end !== OPEN) this.words[at + 1] = end >> 1;
    }
    this.changed = this.begin;
  }

  #changed(visit: number): void {
    this.changed = Math.min(this.changed, visit);
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
    for (let visit = this.begin; visit < this.end; visit += 1) {
      const from = this.#at(visit);
      words.set(
        this.words.subarray(from, from + WORDS_PER_VISIT),
        (visit & (capacity - 1)) * WORDS_PER_VISIT,
      );
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
