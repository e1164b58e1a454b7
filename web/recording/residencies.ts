// Where each record was, and when, according to the events: its visits to nodes. Each visit is an instance for the
// graphics card, which computes where its dot is at the time on screen.
//
// Up to the fan-out, a record has one chain of visits; from there on, one for each channel after
// it. A dot moves from the node of the previous visit to that of its own, so it moves only because
// an event says so.

import { FIRST_CHANNEL, KIND, LAST_CHANNEL } from './events';
import { isChannel } from './topology';
import type { Topology } from './topology';
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

/** The node before the first stage. */
export const SOURCE = LAST_CHANNEL + 1;

/**
 * Added to the number of a stage at which records end: the record is on its way into the file, or
 * into the count.
 */
export const EXIT = SOURCE + 1;

/** The number of nodes: stages, channels, the source and the exits. */
export const NODES = EXIT + FIRST_CHANNEL;

/** The end of a visit that hasn't ended yet. */
export const OPEN = 0x7fffffff;

/** In a visit's words 2 and 3: the worker has the record only because it can't send it. */
export const HELD_BACK = 1 << 28;

/** In place of flags: it isn't held back any more. */
const LET_GO = -1;

/** Returns the state of the record in a visit's word 3. */
export const stateIn = (word: number): RecordState => ((word >>> 24) & 0xf) as RecordState;

/** Times in ticks stay below this, since the graphics card's integers are signed. */
const MAX_TICKS = 2 ** 31 - 2 ** 20;

/** The visits of a block share an entry of [`Residencies.#latest`]. */
const BLOCK = 1024;

/** The activity of a worker, as far as events show it. */
export interface WorkerActivity {
  /** `busy`: it has a record. `blocked`: it has a record and can't send it. `waiting`: it has none. */
  state: 'busy' | 'blocked' | 'waiting';
  /** The record that it has. */
  record: number | null;
  /** The channel that it can't send to, or its stage if it waits for the stage's lock; null unless it is blocked. */
  channel: number | null;
}

const WAITING: WorkerActivity = { state: 'waiting', record: null, channel: null };

/** The activity of a worker over time. */
export class WorkerTrack {
  readonly activity = new Track<WorkerActivity>(WAITING);
  /** The thread that it runs on; -1 for none. */
  readonly threads = new Track<number>(-1);
  /** How many traced records it has. */
  readonly heldCount = new Track<number>(0);
  /** Whether it could continue but has no thread. */
  readonly ready = new Track<boolean>(false);
  /** How many of them it has besides the one in its first place. */
  readonly aside = new Track<number>(0);
  /** The records that it has now, in order of arrival, and the place of each. */
  readonly held = new Map<number, number>();
  /** Places that are free again, below the next new one. */
  #free: number[] = [];
  #isFirstTaken = false;
  /** The channel that it can't send to. */
  blockedBy: number | null = null;
  #isRunning = false;
  #isWokenAgain = false;

  /** Takes a record. Returns its place: the first one is 0. */
  take(record: number): number {
    const own = this.held.get(record);
    if (own !== undefined) return own;
    if (this.held.size === 0) this.#free = [];
    const at = this.#free.pop() ?? this.held.size;
    this.held.set(record, at);
    if (at === 0) this.#isFirstTaken = true;
    return at;
  }

  give(record: number): void {
    const at = this.held.get(record);
    if (at === undefined) return;
    this.held.delete(record);
    this.#free.push(at);
    if (at === 0) this.#isFirstTaken = false;
  }

  clear(): void {
    this.held.clear();
    this.#free = [];
    this.#isFirstTaken = false;
  }

  update(time: number): void {
    this.heldCount.set(time, this.held.size);
    this.aside.set(time, this.held.size - (this.#isFirstTaken ? 1 : 0));
    const record = this.held.keys().next().value ?? null;
    const channel = record === null ? null : this.blockedBy;
    const state = record === null ? 'waiting' : channel !== null ? 'blocked' : 'busy';
    const { last } = this.activity;
    if (last.record === record && last.channel === channel && last.state === state) return;
    this.activity.set(time, { state, record, channel });
  }

  /** Its task begins or ends to run on a thread, or could run again. */
  schedule(time: number, kind: number, thread: number): void {
    if (kind === KIND.woken) {
      if (this.#isRunning) this.#isWokenAgain = true;
      else this.ready.set(time, true);
      return;
    }
    this.#isRunning = kind === KIND.runStart;
    this.threads.set(time, this.#isRunning ? thread : -1);
    this.ready.set(time, !this.#isRunning && this.#isWokenAgain);
    if (!this.#isRunning) this.#isWokenAgain = false;
  }

  /** Events don't tell any more when it has a thread. */
  unschedule(time: number): void {
    this.#isRunning = this.#isWokenAgain = false;
    this.threads.set(time, -1);
    this.ready.set(time, false);
  }
}

/** A visit that hasn't ended yet. */
interface OpenVisit {
  node: number;
  worker: number;
  visit: number;
}

/** Where a record is while it is in flight. */
class RecordTrack {
  state: RecordState = RECORD_STATE.raw;
  /** At most one at each node. */
  readonly visits: OpenVisit[] = [];
  /** A bit for each channel that it has been in. */
  channels = 0;
  /** A bit for each stage that has written or counted it. */
  finished = 0;
  /** The stage that sends it back to be tried again. */
  goesBackFrom: number | null = null;

  at(node: number): OpenVisit | undefined {
    // Not `find`, which takes several times as long for so few, and this runs for every event.
    for (let index = 0; index < this.visits.length; index += 1) {
      const visit = this.visits[index];
      if (visit?.node === node) return visit;
    }
    return undefined;
  }
}

/** A bit for each kind of event that happens at channels; everything else happens at stages. */
const CHANNEL_KINDS =
  (1 << KIND.arrive) |
  (1 << KIND.depart) |
  (1 << KIND.blocked) |
  (1 << KIND.released) |
  (1 << KIND.dropped);

const bit = (node: number): number => 1 << (isChannel(node) ? node - FIRST_CHANNEL : node);

/** How many channels there can be. */
export const CHANNEL_COUNT = LAST_CHANNEL + 1 - FIRST_CHANNEL;

/** Builds a list with a value for each channel that there can be. */
const eachChannel = <T>(value: () => T): T[] => Array.from({ length: CHANNEL_COUNT }, value);

export class Residencies {
  /**
   * The visits, [`WORDS_PER_VISIT`] words each. Visit i is at i modulo the capacity:
   *
   * | word | |
   * |---|---|
   * | 0 | start, in ticks |
   * | 1 | end, in ticks, or [`OPEN`] |
   * | 2 | previous node: node, worker << 8, [`HELD_BACK`] |
   * | 3 | this node: node, worker << 8, state << 24, [`HELD_BACK`] |
   * | 4 | in a channel: how many arrived there before it; with a worker: its place there, from 0 |
   * | 5 | lowest 32 bits of the record's number |
   */
  words: Int32Array;
  begin = 0;
  end = 0;
  /** The lowest visit changed since a reader last set this to [`Residencies.end`]. */
  changed = 0;
  /**
   * Nanoseconds per tick. Doubles as the run continues, so that times in ticks fit into 31 bits.
   */
  tick: number;

  /** By the number of the channel minus [`FIRST_CHANNEL`]. */
  readonly arrived = eachChannel(() => new Counter());
  readonly departed = eachChannel(() => new Counter());
  /** How many senders are blocked because the channel is full. */
  readonly blockedSenders = eachChannel(() => new Track<number>(0));
  /** What each stage has written or counted, by its number. */
  readonly finished: Counter[] = Array.from({ length: FIRST_CHANNEL }, () => new Counter());
  /** By the number of the stage. */
  readonly workers: WorkerTrack[][] = Array.from({ length: FIRST_CHANNEL }, () => []);

  readonly #log: EventLog;
  readonly #topology: Topology;
  readonly #most: number;
  #capacity: number;
  /** The latest end among the visits of each block, in nanoseconds. */
  #latest: Float64Array;
  /** How many visits of each block are open. */
  #going: Int32Array;
  #next = 0;
  readonly #recordTracks = new Map<number, RecordTrack>();

  /** @param tick initial nanoseconds per tick */
  constructor(log: EventLog, topology: Topology, tick: number, most = MAX_VISITS) {
    this.#log = log;
    this.#topology = topology;
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
    return (workers[worker] ??= new WorkerTrack());
  }

  /** Returns how many traced records were in a channel at a time. */
  occupancy(channel: number, time: number): number {
    const index = channel - FIRST_CHANNEL;
    return (this.arrived[index]?.upTo(time) ?? 0) - (this.departed[index]?.upTo(time) ?? 0);
  }

  /**
   * Follows the log to its end, or for up to `budget` events. Returns whether there were new events.
   */
  update(budget = Infinity): boolean {
    const log = this.#log;
    if (this.#next < log.begin) this.#skip();
    const before = this.#next;
    const end = Math.min(log.end, before + budget);
    for (; this.#next < end; this.#next += 1) this.#follow(this.#next);
    return this.#next > before;
  }

  /** The index of the first event that isn't followed yet. */
  get followed(): number {
    return this.#next;
  }

  /**
   * The log has dropped events before they were followed, so the outcome of the records in flight
   * is unknown.
   */
  #skip(): void {
    this.#next = this.#log.begin;
    const time = this.#log.oldestTime;
    for (const { visits } of this.#recordTracks.values()) {
      for (const { visit } of visits) this.#close(visit, time);
    }
    this.#recordTracks.clear();
    for (const track of this.workers.flat()) {
      track.clear();
      track.blockedBy = null;
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
    const time = log.time(index);
    const kind = log.kind(index);
    const node = log.node(index);
    const worker = log.worker(index);
    if (kind === KIND.sampling && worker > 0) {
      // From here on, events don't tell which thread runs which task.
      for (const track of this.workers.flat()) track.unschedule(time);
    }
    if (!isChannel(node) && (kind === KIND.blocked || kind === KIND.released)) {
      this.#waitForLock(kind, node, worker, log.record(index), time);
      return;
    }
    if (!this.#topology.has(node) || isChannel(node) !== ((CHANNEL_KINDS >> kind) & 1) > 0) return;
    if (kind === KIND.runStart || kind === KIND.runEnd || kind === KIND.woken) {
      this.worker(node, worker).schedule(time, kind, log.thread(index));
      return;
    }
    const record = log.record(index);
    if (record < 0 || kind === KIND.sampling) return;
    let track = this.#recordTracks.get(record);
    if (!track) {
      // Nothing is known of a record whose beginning isn't in the log any more.
      if (kind !== KIND.produced) return;
      track = new RecordTrack();
      this.#recordTracks.set(record, track);
    }
    switch (kind) {
      case KIND.produced:
        this.#move(track, undefined, record, time, SOURCE, 0, node, worker, 0);
        this.#acquire(node, worker, record, time);
        break;
      case KIND.arrive:
        this.#arrive(track, record, time, node);
        break;
      case KIND.depart:
        this.#depart(track, record, time, node, worker);
        break;
      case KIND.valid:
        this.#changeState(track, record, time, node, RECORD_STATE.valid);
        break;
      case KIND.processed:
        this.#changeState(track, record, time, node, RECORD_STATE.processed);
        break;
      case KIND.anomaly:
        this.#changeState(track, record, time, node, RECORD_STATE.anomaly);
        break;
      case KIND.invalid:
      case KIND.transformationError:
        this.#changeState(track, record, time, node, RECORD_STATE.failed);
        break;
      case KIND.written:
      case KIND.counted:
        track.finished |= bit(node);
        this.finished[node]?.add(time);
        break;
      case KIND.workEnd:
        this.#workEnd(track, record, time, node, worker);
        break;
      case KIND.sentBack:
        track.goesBackFrom = node;
        track.channels = 0;
        this.#changeState(track, record, time, node, RECORD_STATE.raw);
        break;
      case KIND.dropped:
        this.#drop(track, record, time, node);
        break;
      case KIND.blocked:
      case KIND.released: {
        const stage = this.#senderOf(track, node);
        const sender = this.worker(stage, worker);
        sender.blockedBy = kind === KIND.blocked ? node : null;
        sender.update(time);
        if (kind === KIND.blocked) this.#holdBack(track, record, time, stage);
        const senders = this.blockedSenders[node - FIRST_CHANNEL];
        const change = kind === KIND.blocked ? 1 : -1;
        senders?.set(time, Math.max(0, senders.last + change));
        break;
      }
    }
  }

  /** Returns the stage that sends a record to a channel: the one that has it. */
  #senderOf(track: RecordTrack, channel: number): number {
    if (track.goesBackFrom !== null) return track.goesBackFrom;
    const senders = this.#topology.sendersOf(channel);
    const first = senders[0] ?? SOURCE;
    return senders.length > 1 ? (senders.find((stage) => track.at(stage)) ?? first) : first;
  }

  /** Returns the visit that ends when a record goes into a channel: none if the sender gives it to others as well. */
  #leaving(track: RecordTrack, record: number, time: number, sender: number) {
    if (this.#topology.isFanOut(sender)) return undefined;
    const visit = track.at(sender);
    if (visit) this.#release(sender, visit.worker, record, time);
    return visit;
  }

  #arrive(track: RecordTrack, record: number, time: number, node: number): void {
    const arrived = this.arrived[node - FIRST_CHANNEL];
    const slot = arrived?.total ?? 0;
    arrived?.add(time);
    // Clocks have a limited resolution: of two events at the same time, the second may have come first.
    if (track.channels & bit(node)) return;
    track.channels |= bit(node);
    const sender = this.#senderOf(track, node);
    const worker = track.at(sender)?.worker ?? 0;
    const before = this.#leaving(track, record, time, sender);
    track.goesBackFrom = null;
    this.#move(track, before, record, time, sender, worker, node, 0, slot);
  }

  #depart(track: RecordTrack, record: number, time: number, node: number, worker: number): void {
    this.departed[node - FIRST_CHANNEL]?.add(time);
    const stage = this.#topology.receiverOf(node) ?? SOURCE;
    const slot = this.#acquire(stage, worker, record, time);
    track.channels |= bit(node);
    // Even if the event of its arrival is still to come, the sender no longer has it.
    const before =
      track.at(node) ?? this.#leaving(track, record, time, this.#senderOf(track, node));
    this.#move(track, before, record, time, node, 0, stage, worker, slot);
  }

  /** Changes the state of the record, and so its dot, where it is. */
  #changeState(
    track: RecordTrack,
    record: number,
    time: number,
    node: number,
    state: RecordState,
  ): void {
    if (track.state === state) return;
    track.state = state;
    const open = track.at(node);
    if (!open || open.visit < this.begin) return;
    const slot = this.word(open.visit, 4);
    const { worker } = open;
    this.#move(track, open, record, time, node, worker, node, worker, slot);
  }

  /** A channel drops a record: it was in the channel, or its sender has it. */
  #drop(track: RecordTrack, record: number, time: number, node: number): void {
    if (track.at(node)) this.departed[node - FIRST_CHANNEL]?.add(time);
    for (const { node: at, worker, visit } of track.visits) {
      this.#close(visit, time);
      this.#release(at, worker, record, time);
    }
    this.#recordTracks.delete(record);
  }

  /** A worker waits for the lock of its stage, or has it. */
  #waitForLock(kind: number, stage: number, worker: number, record: number, time: number): void {
    const track = this.worker(stage, worker);
    track.blockedBy = kind === KIND.blocked ? stage : null;
    track.update(time);
    const of = this.#recordTracks.get(record);
    if (of && kind === KIND.blocked) this.#holdBack(of, record, time, stage);
    else if (of) this.#letGo(of, record, time, stage);
  }

  /** The worker that has the record can't send it. */
  #holdBack(track: RecordTrack, record: number, time: number, stage: number): void {
    const open = track.at(stage);
    if (!open || open.visit < this.begin) return;
    if (this.word(open.visit, 3) & HELD_BACK) return;
    const slot = this.word(open.visit, 4);
    const { worker } = open;
    this.#move(track, open, record, time, stage, worker, stage, worker, slot, HELD_BACK);
  }

  /** The worker that has the record can work on it again. */
  #letGo(track: RecordTrack, record: number, time: number, stage: number): void {
    const open = track.at(stage);
    if (!open || open.visit < this.begin) return;
    const slot = this.word(open.visit, 4);
    const { worker } = open;
    this.#move(track, open, record, time, stage, worker, stage, worker, slot, LET_GO);
  }

  #workEnd(track: RecordTrack, record: number, time: number, node: number, worker: number): void {
    const isSink = this.#topology.isSink(node);
    // Any other stage keeps the record after its work, until it can send it.
    if (!isSink && !this.#topology.isFanOut(node)) return;
    const open = track.at(node);
    if (!open) return;
    this.#end(track, open, time);
    if (isSink && track.finished & bit(node)) {
      const place = node | (worker << 8);
      this.#open(time, place, place + EXIT, track.state, 0, record);
    }
    this.#release(node, worker, record, time);
    if (track.visits.length === 0) this.#recordTracks.delete(record);
  }

  /** Moves a record from a node to the next, where a visit begins. The visit before, if any, ends. */
  #move(
    track: RecordTrack,
    before: OpenVisit | undefined,
    record: number,
    time: number,
    from: number,
    fromWorker: number,
    node: number,
    worker: number,
    slot: number,
    flags = 0,
  ): void {
    const origin = before ?? track.at(from);
    const isHeld = origin?.node === from && origin.visit >= this.begin;
    const held = isHeld ? this.word(origin.visit, 3) & HELD_BACK : 0;
    const there = track.at(node);
    if (there && there !== before) this.#end(track, there, time);
    if (before) this.#close(before.visit, time);
    const last = from | (fromWorker << 8) | held;
    // A change of its state leaves it where it is.
    const still = flags === LET_GO ? 0 : held | flags;
    const next = node | (worker << 8) | (from === node ? still : flags);
    const visit = this.#open(time, last, next, track.state, slot, record);
    if (before) {
      before.node = node;
      before.worker = worker;
      before.visit = visit;
    } else track.visits.push({ node, worker, visit });
  }

  #end({ visits }: RecordTrack, open: OpenVisit, time: number): void {
    const last = visits.pop();
    if (last && last !== open) visits[visits.indexOf(open)] = last;
    this.#close(open.visit, time);
  }

  /** Gives a record to a worker. Returns its place there. */
  #acquire(stage: number, worker: number, record: number, time: number): number {
    const track = this.worker(stage, worker);
    const place = track.take(record);
    track.update(time);
    return place;
  }

  #release(stage: number, worker: number, record: number, time: number): void {
    if (stage >= FIRST_CHANNEL) return;
    const track = this.worker(stage, worker);
    track.give(record);
    track.update(time);
  }

  #open(
    time: number,
    from: number,
    to: number,
    state: RecordState,
    slot: number,
    record: number,
  ): number {
    const node = to & 0xff;
    this.#makeRoom();
    while (time / this.tick >= MAX_TICKS) this.#coarsen();
    const visit = this.end;
    const at = this.#at(visit);
    const { words } = this;
    words[at] = Math.floor(time / this.tick);
    words[at + 1] = OPEN;
    words[at + 2] = from;
    words[at + 3] = to | (state << 24);
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
    // Nothing was dropped so far, so everything keeps its place.
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    const latest = new Float64Array(this.#latest.length * 2);
    latest.set(this.#latest);
    const going = new Int32Array(latest.length);
    going.set(this.#going);
    this.words = words;
    this.#latest = latest;
    this.#going = going;
    this.#capacity *= 2;
    this.changed = this.begin;
  }
}
