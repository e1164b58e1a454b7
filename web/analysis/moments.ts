// The moments of a run worth going to: when a channel was full for the first time, a worker blocked, a record failed.
// They are found once, event by event, as the log grows; then the next or the previous one is a search in a list.

import { NONE } from '../recording/event-log';
import { KIND } from '../recording/events';
import type { Recording } from '../recording/recording';
import { isChannel } from '../recording/topology';
import { capacityAt } from './capacity';
import { MomentList, OPEN_SPAN, nodeOfPlace, placeOf, workerOfPlace } from './moment-list';

export const MOMENT_KINDS = [
  /** A channel was full for the first time. */
  'full',
  /** A worker couldn't send a record, since the channel was full. */
  'blocked',
  /** It could again. */
  'released',
  /** A record was found invalid, or its transformation failed. */
  'failure',
  'anomaly',
  /** A worker of a pool was left without a record. */
  'idle',
  /** Settings were changed during the run. */
  'setting',
] as const;
export type MomentKind = (typeof MOMENT_KINDS)[number];

export interface Moment {
  kind: MomentKind;
  /** Nanoseconds of the run. */
  time: number;
  /** The stage, or the channel; [`NONE`] if it is about the whole run. */
  node: number;
  /** The worker of that stage, or of the stage that sends to that channel. */
  worker: number;
  /** The record; [`NONE`] if it is about none. */
  record: number;
  /** How long a worker was blocked or idle from then on, in nanoseconds; null if it still is, or for other kinds. */
  duration: number | null;
}

/** Which moments of a kind are wanted. By default, all are. */
export interface Wanted {
  /** Of a stage or a channel. */
  node?: number;
  worker?: number;
  /** Those that last longer, in nanoseconds. */
  longerThan?: number;
}

/** The record that took longest. */
export interface SlowestRecord {
  record: number;
  /** When it was produced, and when it was written or counted, whichever came later. */
  from: number;
  to: number;
}

/** A traced record from its production until it is written and counted. */
interface Life {
  from: number;
  finishes: number;
}

/** A channel's depth in traced records. */
interface Depth {
  now: number;
  highest: number;
  /** When it was highest for the first time. */
  highestAt: number;
  wasFull: boolean;
}

/** A state is noticeable if it lasts so long, or a hundredth of a shorter run, in nanoseconds. */
const NOTICEABLE = 100e6;

/** Returns how long a state must last to be noticeable in a run of this length; both in nanoseconds. */
export const noticeableIn = (length: number): number => Math.min(NOTICEABLE, length / 100);

export class Moments {
  /** The index of the first event not read yet. */
  end = 0;
  slowest: SlowestRecord | null = null;
  readonly #recording: Recording;
  readonly #lists = new Map<MomentKind, MomentList>(
    MOMENT_KINDS.map((kind) => [kind, new MomentList()]),
  );
  readonly #depths = new Map<number, Depth>();
  /** How many traced records are in channels, at most, and when for the first time. */
  #inChannels = { now: 0, highest: 0, highestAt: 0 };
  /** By channel: the records that were counted when they arrived, if the beginning is missing; null otherwise. */
  #arrived: Map<number, Set<number>> | null = null;
  readonly #lives = new Map<number, Life>();
  /** The pool worker that has each record. */
  readonly #holders = new Map<number, number>();
  /** How many records each pool worker has. */
  readonly #held = new Map<number, number>();
  /** The numbers of spans that haven't ended, by what they are about. */
  readonly #openBlocked = new Map<number, number>();
  readonly #openIdle = new Map<number, number>();

  constructor(recording: Recording) {
    this.#recording = recording;
    for (const { node } of recording.topology.channels) {
      this.#depths.set(node, { now: 0, highest: 0, highestAt: 0, wasFull: false });
    }
  }

  /** Reads up to `budget` new events. Returns whether it has read all. */
  catchUp(budget = Infinity): boolean {
    const { log } = this.#recording;
    if (this.end < log.begin) this.#skip();
    const end = Math.min(log.end, this.end + budget);
    for (; this.end < end; this.end += 1) this.#read(this.end);
    return this.end === log.end;
  }

  /** Returns the nearest moment of a kind after (or, with −1, before) a time; null if there is none. */
  next(kind: MomentKind, time: number, direction: 1 | -1, wanted: Wanted = {}): Moment | null {
    if (kind === 'setting') return this.#nextChange(time, direction);
    const list = this.#list(kind);
    const { node, worker, longerThan } = wanted;
    const at = list.next(time, direction, (at) => {
      const place = list.place(at);
      const duration = list.duration(at);
      const lasts = duration === OPEN_SPAN ? Infinity : duration;
      return (
        (node === undefined || nodeOfPlace(place) === node) &&
        (worker === undefined || workerOfPlace(place) === worker) &&
        (longerThan === undefined || lasts > longerThan)
      );
    });
    const { log } = this.#recording;
    if (at < 0 || (list.time(at) < log.firstTime && log.begin > 0)) return null;
    const [place, duration] = [list.place(at), list.duration(at)];
    return {
      ...{ kind, time: list.time(at), record: list.record(at) },
      ...{ node: nodeOfPlace(place), worker: workerOfPlace(place) },
      duration: duration === OPEN_SPAN ? null : duration,
    };
  }

  /** Returns when a channel was full for the first time; null if it never was. */
  firstFull(channel: number): Moment | null {
    return this.next('full', -Infinity, 1, { node: channel });
  }

  /** Returns when a channel had the most traced records, for the first time; null if it never had any. */
  deepest(channel: number): { depth: number; time: number } | null {
    const depth = this.#depths.get(channel);
    return depth && depth.highest > 0 ? { depth: depth.highest, time: depth.highestAt } : null;
  }

  /** When the most traced records were in channels, for the first time; null if none ever was. */
  get fullest(): number | null {
    const { highest, highestAt } = this.#inChannels;
    return highest > 0 ? highestAt : null;
  }

  #list(kind: MomentKind): MomentList {
    let list = this.#lists.get(kind);
    if (!list) this.#lists.set(kind, (list = new MomentList()));
    return list;
  }

  #nextChange(time: number, direction: 1 | -1): Moment | null {
    const times = this.#recording.changes;
    const found =
      direction === 1
        ? times.find((other) => other > time)
        : times.findLast((other) => other < time);
    if (found === undefined) return null;
    const nowhere = { node: NONE, worker: 0, record: NONE, duration: null };
    return { kind: 'setting', time: found, ...nowhere };
  }

  #read(index: number): void {
    const { log } = this.#recording;
    const record = log.record(index);
    if (record === NONE) return;
    const time = log.time(index);
    const node = log.node(index);
    const worker = log.worker(index);
    switch (log.kind(index)) {
      case KIND.produced:
        this.#lives.set(record, { from: time, finishes: 0 });
        break;
      case KIND.arrive:
        if (isChannel(node)) this.#arrive(time, node, worker, record);
        break;
      case KIND.depart:
        if (isChannel(node)) this.#depart(time, node, worker, record);
        break;
      case KIND.blocked:
        this.#block(time, node, worker, record);
        break;
      case KIND.released:
        this.#release(time, node, worker, record);
        break;
      case KIND.invalid:
      case KIND.transformationError:
        this.#list('failure').add(time, record, placeOf(node, worker));
        break;
      case KIND.anomaly:
        this.#list('anomaly').add(time, record, placeOf(node, worker));
        break;
      case KIND.written:
      case KIND.counted:
        this.#finish(time, record);
        break;
    }
  }

  #arrive(time: number, channel: number, worker: number, record: number): void {
    const depth = this.#depths.get(channel);
    if (!depth) return;
    depth.now += 1;
    this.#arrived?.get(channel)?.add(record);
    const all = this.#inChannels;
    all.now += 1;
    if (all.now > all.highest) {
      all.highest = all.now;
      all.highestAt = time;
    }
    this.#endBlocked(time, channel, record);
    if (depth.now > depth.highest) {
      depth.highest = depth.now;
      depth.highestAt = time;
      const { topology } = this.#recording;
      const capacity = capacityAt(this.#recording, topology.idOf(channel), time);
      if (!depth.wasFull && depth.now >= capacity) this.#fill(depth, time, channel, worker, record);
    }
    const holder = this.#holders.get(record);
    if (holder === undefined) return;
    this.#holders.delete(record);
    const held = (this.#held.get(holder) ?? 1) - 1;
    this.#held.set(holder, held);
    if (held === 0) this.#openIdle.set(holder, this.#list('idle').add(time, NONE, holder));
  }

  #depart(time: number, channel: number, worker: number, record: number): void {
    const depth = this.#depths.get(channel);
    if (!depth) return;
    // What was there before the log begins wasn't counted.
    const wasCounted = this.#arrived?.get(channel)?.delete(record) ?? true;
    if (depth.now > 0 && wasCounted) {
      depth.now -= 1;
      this.#inChannels.now -= 1;
    }
    const stage = this.#recording.topology.receiverOf(channel);
    if (stage === undefined || !this.#recording.topology.isPool(stage)) return;
    const holder = placeOf(stage, worker);
    this.#holders.set(record, holder);
    this.#held.set(holder, (this.#held.get(holder) ?? 0) + 1);
    const idle = this.#openIdle.get(holder);
    if (idle === undefined) return;
    this.#openIdle.delete(holder);
    this.#list('idle').close(idle, time);
  }

  #block(time: number, channel: number, worker: number, record: number): void {
    const number = this.#list('blocked').add(time, record, placeOf(channel, worker));
    this.#openBlocked.set(keyOf(channel, record), number);
    // If not every record is traced, the depth isn't known, but this is.
    const depth = this.#depths.get(channel);
    if (depth && !depth.wasFull) this.#fill(depth, time, channel, worker, record);
  }

  #release(time: number, channel: number, worker: number, record: number): void {
    this.#list('released').add(time, record, placeOf(channel, worker));
    this.#endBlocked(time, channel, record);
  }

  #endBlocked(time: number, channel: number, record: number): void {
    const key = keyOf(channel, record);
    const number = this.#openBlocked.get(key);
    if (number === undefined) return;
    this.#openBlocked.delete(key);
    this.#list('blocked').close(number, time);
  }

  #fill(depth: Depth, time: number, channel: number, worker: number, record: number): void {
    depth.wasFull = true;
    this.#list('full').add(time, record, placeOf(channel, worker));
  }

  #finish(time: number, record: number): void {
    const life = this.#lives.get(record);
    if (!life) return;
    life.finishes += 1;
    // Written, and counted.
    if (life.finishes === 2) this.#lives.delete(record);
    const { slowest } = this;
    const took = time - life.from;
    if (slowest === null || took > slowest.to - slowest.from) {
      this.slowest = { record, from: life.from, to: time };
    }
  }

  /** The log dropped events before they were read, so what was in flight is unknown. */
  #skip(): void {
    this.end = this.#recording.log.begin;
    this.#lives.clear();
    this.#holders.clear();
    this.#held.clear();
    this.#openBlocked.clear();
    this.#openIdle.clear();
    this.#inChannels.now = 0;
    this.#arrived = new Map(Array.from(this.#depths.keys(), (channel) => [channel, new Set()]));
    for (const depth of this.#depths.values()) depth.now = 0;
  }
}

/** Identifies a record in a channel: after the fan-out it is in several. */
const keyOf = (channel: number, record: number): number => record * 256 + channel;

const all = new WeakMap<Recording, Moments>();

/** Returns the moments of a recording, which are shared by all callers. Doesn't bring them up to date. */
export function momentsOf(recording: Recording): Moments {
  let moments = all.get(recording);
  if (!moments) all.set(recording, (moments = new Moments(recording)));
  return moments;
}
