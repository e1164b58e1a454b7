// What the lanes of the timeline show of a recording, worked out from its events as they arrive: the state of each
// worker, the depth of each channel, the tasks of each thread, births and ends of records. A long log is read in slices.

import { capacityAt } from '../analysis/capacity';
import { WORKER_STATES, WorkerStateMachine, workerKey } from '../analysis/worker-state-machine';
import type { WorkerState } from '../engine/generated/WorkerState';
import { NONE } from '../recording/event-log';
import { KIND, OUTSIDE } from '../recording/events';
import { RECORD_STATE } from '../recording/residencies';
import type { RecordState } from '../recording/residencies';
import type { Recording } from '../recording/recording';
import { isChannel } from '../recording/topology';
import { PointTrack } from './point-track';
import { DepthTrack, StateTrack } from './step-track';

/** The values of a [`StateTrack`] of a worker: indexes of `WORKER_STATES`. */
export const [BUSY, READY, BLOCKED, WAITING] = [0, 1, 2, 3];

const VALUES: Readonly<Record<WorkerState, number>> = {
  busy: BUSY,
  ready: READY,
  blocked: BLOCKED,
  waiting: WAITING,
};

/** The values of a [`StateTrack`] of a thread. */
export const [RUNS, RESTS] = [BUSY, WAITING];

/** Capacities can change during a run: they are looked up again after this many nanoseconds and changes of depth. */
const [CAPACITY_AGE, CAPACITY_CHANGES] = [50e6, 32];

/** A time during which a channel was full, longer than any before it. */
export interface FullSpell {
  from: number;
  /** `Infinity` while it is full. */
  to: number;
}

export interface ChannelLane {
  depth: DepthTrack;
  capacity: number;
  /** Each is longer than the ones before, so the first one of any minimum length is among them. */
  spells: FullSpell[];
  fullSince: number | null;
}

interface WorkerLane {
  machine: WorkerStateMachine;
  track: StateTrack;
}

/** A record on its way. */
interface InFlight {
  born: number;
  /** The stage that had it last. */
  stage: number;
  state: RecordState;
  isWritten: boolean;
  isCounted: boolean;
}

/** What a kind of event says about a record. */
const STATE_BY_KIND: Readonly<Record<number, RecordState>> = {
  [KIND.valid]: RECORD_STATE.valid,
  [KIND.processed]: RECORD_STATE.processed,
  [KIND.anomaly]: RECORD_STATE.anomaly,
  [KIND.invalid]: RECORD_STATE.failed,
  [KIND.transformationError]: RECORD_STATE.failed,
};

export class TimelineData {
  readonly recording: Recording;
  readonly births = new PointTrack();
  /** Ends of records. The kind is the record's state, the length its latency. */
  readonly ends = new PointTrack();
  /** How many records are in flight. */
  readonly inFlight = new DepthTrack();
  /** By thread or simulated core. The tag is the key of the worker whose task runs there. */
  readonly threads: StateTrack[] = [];
  /** From here on events don't tell which thread runs what, in nanoseconds. */
  threadsUntil = Infinity;

  readonly #channels = new Map<number, ChannelLane>();
  readonly #stages = new Map<number, WorkerLane[]>();
  readonly #records = new Map<number, InFlight>();
  /** By channel: the records that have arrived there, if the beginning is missing; null if everything was read. */
  #arrived: Map<number, Set<number>> | null = null;
  #next = 0;
  #known = 0;
  /** Since when not every record has been traced, in nanoseconds. */
  #sampledSince = Infinity;
  #capacitiesAt = -Infinity;
  /** How often a depth has changed since. */
  #changes = CAPACITY_CHANGES;

  constructor(recording: Recording) {
    this.recording = recording;
    for (const { node } of recording.topology.channels) {
      this.#channels.set(node, {
        depth: new DepthTrack(),
        capacity: 0,
        spells: [],
        fullSince: null,
      });
    }
    for (const { node } of recording.topology.stages) this.#stages.set(node, []);
    if (recording.config.trace.sample > 1) this.#sampledSince = 0;
  }

  /**
   * Reads up to `budget` new events.
   *
   * @returns whether there is nothing more to read for now
   */
  advance(budget = Infinity): boolean {
    const { log } = this.recording;
    if (this.#next < log.begin) this.#skip();
    const end = Math.min(log.end, this.#next + budget);
    for (; this.#next < end; this.#next += 1) this.#read(this.#next);
    if (log.begin > 0) this.#drop(log.firstTime);
    return this.#next >= log.end;
  }

  /** The index of the first event that isn't read yet. */
  get read(): number {
    return this.#next;
  }

  /** Everything is known up to this time, in nanoseconds. */
  get readUntil(): number {
    const { log, origin, duration } = this.recording;
    if (this.#next < log.end) return this.#next > log.begin ? log.time(this.#next - 1) : 0;
    return origin === 'live' ? log.watermark : duration;
  }

  /** From this time on the events tell what every worker did and every channel held; `Infinity` for never. */
  get exactFrom(): number {
    const { log } = this.recording;
    return log.begin > 0 ? Math.max(this.#known, log.firstTime) : this.#known;
  }

  /** Up to this time they do. */
  get exactUntil(): number {
    const { snapshots } = this.recording;
    if ((snapshots.at(-1)?.metrics.trace_dropped_records ?? 0) === 0) return this.#sampledSince;
    const whole = snapshots.findLast(({ metrics }) => metrics.trace_dropped_records === 0);
    return Math.min(this.#sampledSince, whole?.time ?? 0);
  }

  isExactAt(time: number): boolean {
    return time >= this.exactFrom && time <= this.exactUntil;
  }

  channel(node: number): ChannelLane | undefined {
    return this.#channels.get(node);
  }

  /** Returns the states of a worker; undefined if there was no event about it. */
  worker(stage: number, worker: number): StateTrack | undefined {
    return this.#stages.get(stage)?.[worker]?.track;
  }

  /** Returns how many workers a stage has had at most. */
  workersOf(stage: number): number {
    const seen = this.#stages.get(stage)?.length ?? 0;
    return Math.max(seen, this.recording.workersAt(stage, Infinity));
  }

  /**
   * Returns when a channel was first full for at least `length` nanoseconds; null if it never was.
   *
   * @param now the time up to which a spell that goes on has lasted
   */
  firstFull(node: number, length: number, now: number): number | null {
    const { spells = [], fullSince = null } = this.#channels.get(node) ?? {};
    const found = spells.find(({ from, to }) => to - from >= length);
    if (found) return found.from;
    return fullSince !== null && now - fullSince >= length ? fullSince : null;
  }

  #read(index: number): void {
    const { log, topology } = this.recording;
    const time = log.time(index);
    const kind = log.kind(index);
    const node = log.node(index);
    const record = log.record(index);
    if (kind === KIND.sampling) {
      this.#sampling(time, log.worker(index));
      return;
    }
    if (!topology.has(node)) return;
    const worker = log.worker(index);
    if (!isChannel(node)) {
      if (kind === KIND.runStart || kind === KIND.runEnd) {
        this.#run(time, kind === KIND.runStart, log.thread(index), workerKey(node, worker));
      } else if (record !== NONE) this.#follow(time, kind, node, record);
      this.#work(time, kind, node, record, node, worker);
      return;
    }
    if (kind === KIND.arrive) {
      this.#arrived?.get(node)?.add(record);
      this.#deepen(time, node, 1);
    } else if ((kind === KIND.depart || kind === KIND.dropped) && this.#hasArrived(node, record)) {
      this.#deepen(time, node, -1);
    }
    const stage = kind === KIND.depart ? topology.receiverOf(node) : this.#sender(node, record);
    if (stage !== undefined) this.#work(time, kind, node, record, stage, worker);
  }

  /** Returns the stage that sends a record to a channel: of several, the one that had it last. */
  #sender(channel: number, record: number): number | undefined {
    const senders = this.recording.topology.sendersOf(channel);
    const [first] = senders;
    const stage = this.#records.get(record)?.stage;
    // A record that goes back for another try comes from elsewhere than from the source.
    if (first !== undefined && senders.length < 2) {
      return this.recording.topology.isSource(first) ? (stage ?? first) : first;
    }
    return stage !== undefined && senders.includes(stage) ? stage : undefined;
  }

  #sampling(time: number, halvings: number): void {
    if (halvings === 0) return;
    this.#sampledSince = Math.min(this.#sampledSince, time);
    this.threadsUntil = Math.min(this.threadsUntil, time);
    for (const track of this.threads) track.push(time, RESTS, NONE);
  }

  #run(time: number, starts: boolean, thread: number, key: number): void {
    if (thread >= OUTSIDE) return;
    while (this.threads.length <= thread) {
      const track = new StateTrack(WORKER_STATES.length);
      track.push(this.#known, RESTS, NONE);
      this.threads.push(track);
    }
    this.threads[thread]?.push(time, starts ? RUNS : RESTS, starts ? key : NONE);
  }

  /** Whether a record that departs from a channel was counted when it arrived there. */
  #hasArrived(channel: number, record: number): boolean {
    return this.#arrived === null || this.#arrived.get(channel)?.delete(record) === true;
  }

  #deepen(time: number, node: number, change: number): void {
    const lane = this.#channels.get(node);
    if (!lane) return;
    this.#changes += 1;
    if (this.#changes > CAPACITY_CHANGES && time - this.#capacitiesAt > CAPACITY_AGE) {
      this.#lookUpCapacities(time);
    }
    const { depth } = lane;
    const before = depth.length > 0 ? depth.value(depth.end - 1) : 0;
    const now = Math.max(0, before + change);
    const isFull = now >= lane.capacity;
    depth.push(time, now, isFull ? 1 : 0);
    if (isFull) lane.fullSince ??= time;
    else if (lane.fullSince !== null) {
      endSpell(lane, lane.fullSince, time);
      lane.fullSince = null;
    }
  }

  #lookUpCapacities(time: number): void {
    this.#capacitiesAt = time;
    this.#changes = 0;
    for (const { node, id } of this.recording.topology.channels) {
      const lane = this.#channels.get(node);
      if (lane) lane.capacity = capacityAt(this.recording, id, time);
    }
  }

  #follow(time: number, kind: number, stage: number, record: number): void {
    if (kind === KIND.produced) {
      this.births.push(time, record, RECORD_STATE.raw);
      this.#records.set(record, {
        ...{ born: time, stage, state: RECORD_STATE.raw },
        ...{ isWritten: false, isCounted: false },
      });
      this.inFlight.push(time, this.#records.size, 0);
      return;
    }
    const found = this.#records.get(record);
    if (!found) return;
    found.stage = stage;
    const state = STATE_BY_KIND[kind];
    if (state !== undefined) found.state = state;
    else if (kind === KIND.written) found.isWritten = true;
    else if (kind === KIND.counted) found.isCounted = true;
    else return;
    if (!found.isWritten || !found.isCounted) return;
    this.ends.push(time, record, found.state, time - found.born);
    this.#records.delete(record);
    this.inFlight.push(time, this.#records.size, 0);
  }

  /** @param node where the event happened: the stage of the worker, or a channel that it sends to or receives from */
  #work(
    time: number,
    kind: number,
    node: number,
    record: number,
    stage: number,
    worker: number,
  ): void {
    const lanes = this.#stages.get(stage);
    if (!lanes) return;
    while (lanes.length <= worker) {
      const track = new StateTrack(WORKER_STATES.length);
      track.push(this.#known, WAITING, NONE);
      lanes.push({ machine: new WorkerStateMachine(stage, this.recording), track });
    }
    const lane = lanes[worker];
    if (!lane) return;
    const { machine, track } = lane;
    machine.apply(kind, node, record);
    const state = VALUES[machine.state];
    track.push(time, state, state === WAITING ? NONE : machine.record);
  }

  /** The log has dropped events before they were read, so what everyone was doing is unknown. */
  #skip(): void {
    const { log } = this.recording;
    this.#next = log.begin;
    const time = log.oldestTime;
    this.#known = time;
    for (const [stage, lanes] of this.#stages) {
      for (const lane of lanes) {
        lane.machine = new WorkerStateMachine(stage, this.recording);
        lane.track.push(time, WAITING, NONE);
      }
    }
    for (const track of this.threads) track.push(time, RESTS, NONE);
    this.#arrived = new Map();
    for (const [node, lane] of this.#channels) {
      this.#arrived.set(node, new Set());
      lane.depth.push(time, 0, 0);
      lane.fullSince = null;
    }
    this.#records.clear();
    this.inFlight.push(time, 0, 0);
  }

  /** Forgets what the log has forgotten. */
  #drop(time: number): void {
    for (const lanes of this.#stages.values()) {
      for (const { track } of lanes) track.dropBefore(time);
    }
    for (const { depth } of this.#channels.values()) depth.dropBefore(time);
    for (const track of this.threads) track.dropBefore(time);
    this.inFlight.dropBefore(time);
    this.births.dropBefore(time);
    this.ends.dropBefore(time);
  }
}

/** Keeps a time during which a channel was full, if it is the longest so far. */
function endSpell({ spells }: ChannelLane, from: number, to: number): void {
  const longest = spells.at(-1);
  if (!longest || to - from > longest.to - longest.from) spells.push({ from, to });
}

const all = new WeakMap<Recording, TimelineData>();

/** Returns the data of a recording. It is worked out once, however often it is shown. */
export function timelineDataOf(recording: Recording): TimelineData {
  let data = all.get(recording);
  if (!data) all.set(recording, (data = new TimelineData(recording)));
  return data;
}
