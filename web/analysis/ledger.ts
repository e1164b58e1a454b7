// Running totals of a recording, computed once from its event log, event by event, as the log grows. Checkpoints at
// regular intervals keep the totals, so the activity between any two moments is the difference of two checkpoints,
// however many events lie between them.
//
// A traced record represents all those that sampling skipped, so counts approximate those of all records.

import { NONE } from '../recording/event-log';
import type { EventLog } from '../recording/event-log';
import { KIND } from '../recording/events';
import type { Recording } from '../recording/recording';
import { isChannel } from '../recording/topology';
import type { Topology } from '../recording/topology';
import { Completions } from './completions';
import type { Outcome } from './completions';
import { RecordIndex } from './record-index';
import { WORKER_STATES, WorkerStateMachine, workerOf } from './worker-state-machine';
import type { WorkerState } from '../engine/generated/WorkerState';

/** Beyond this many checkpoints every second one is dropped. */
const MAX_CHECKPOINTS = 4096;

// The columns of a checkpoint.
const CHANNEL_COLUMNS = 5;
const DEPTH_INTEGRAL = 2;
const STAGE_COLUMNS = WORKER_STATES.length;

const OUTCOME_COLUMN = {
  processed: 0,
  invalid: 1,
  transformation_error: 2,
} as const satisfies Record<Outcome, number>;
const PRODUCED = Object.keys(OUTCOME_COLUMN).length;
const ANOMALIES = PRODUCED + 1;
const DROPPED = ANOMALIES + 1;
const SENT_BACK = DROPPED + 1;
const OUTCOME_COLUMNS = SENT_BACK + 1;

/** Where the columns of each channel, of each stage and of the outcomes begin. */
class Columns {
  readonly count: number;
  readonly outcomes: number;
  readonly #begin = new Map<number, number>();
  readonly #stages: number;

  constructor({ stages, channels }: Topology) {
    let count = 0;
    for (const { node } of channels) {
      this.#begin.set(node, count);
      count += CHANNEL_COLUMNS;
    }
    this.#stages = count;
    for (const { node } of stages) {
      this.#begin.set(node, count);
      count += STAGE_COLUMNS;
    }
    this.outcomes = count;
    this.count = count + OUTCOME_COLUMNS;
  }

  /** Returns the first column of a node; NaN, which no column has, if there is no such node. */
  of(node: number): number {
    return this.#begin.get(node) ?? NaN;
  }

  /** Whether a column grows steadily, rather than in jumps. */
  isIntegral(column: number): boolean {
    return column < this.#stages
      ? column % CHANNEL_COLUMNS === DEPTH_INTEGRAL
      : column < this.outcomes;
  }
}

/** Running totals of a channel since the beginning of the run. */
export interface ChannelTotals {
  arrived: number;
  departed: number;
  /** The depth integrated over time, in records × nanoseconds. */
  depthIntegral: number;
  /** How many traced records departed, and their total wait in nanoseconds. */
  waitCount: number;
  waitTime: number;
}

/** The running totals at a moment. */
export class Totals {
  readonly time: number;
  readonly columns: Float64Array;
  readonly #names: Columns;

  constructor(time: number, columns: Float64Array, names: Columns) {
    this.time = time;
    this.columns = columns;
    this.#names = names;
  }

  channel(channel: number): ChannelTotals {
    const at = this.#names.of(channel);
    const [arrived = 0, departed = 0, depthIntegral = 0, waitCount = 0, waitTime = 0] =
      this.columns.subarray(at, at + CHANNEL_COLUMNS);
    return { arrived, departed, depthIntegral, waitCount, waitTime };
  }

  /** Nanoseconds that the workers of a stage have spent in a state, added up. */
  timeIn(stage: number, state: WorkerState): number {
    return this.columns[this.#names.of(stage) + WORKER_STATES.indexOf(state)] ?? 0;
  }

  finished(outcome: Outcome): number {
    return this.columns[this.#names.outcomes + OUTCOME_COLUMN[outcome]] ?? 0;
  }

  get produced(): number {
    return this.columns[this.#names.outcomes + PRODUCED] ?? 0;
  }

  /** How many records a full channel dropped. */
  get dropped(): number {
    return this.columns[this.#names.outcomes + DROPPED] ?? 0;
  }

  /** How often a record was sent back for another try. */
  get sentBack(): number {
    return this.columns[this.#names.outcomes + SENT_BACK] ?? 0;
  }

  /** How many of the processed records are anomalies. */
  get anomalies(): number {
    return this.columns[this.#names.outcomes + ANOMALIES] ?? 0;
  }
}

/** A traced record between the Producer and the last consumer. */
interface InFlight {
  producedAt: number;
  /** How many records it represents. */
  weight: number;
  outcome: Outcome;
  isAnomaly: boolean;
  isWritten: boolean;
  isCounted: boolean;
  /** When it arrived in each channel that it is in. */
  arrived: Map<number, number>;
  /** How many consumers are done with it. */
  consumers: number;
}

/** How many workers of a stage are in each state, and since when; to integrate over time. */
interface StageClock {
  since: number;
  workers: number[];
}

export class Ledger {
  readonly recordIndex: RecordIndex;
  readonly completions = new Completions();
  /** The index of the first event not read yet. */
  end = 0;
  /** How many events the log dropped before they were read. */
  missed = 0;

  readonly #recording: Recording;
  readonly #log: EventLog;
  #checkpoints: Totals[] = [];
  #eventsPerCheckpoint = 1;
  readonly #names: Columns;
  /** How many consumers get each record. */
  readonly #consumers: number;
  #columns: Float64Array;
  readonly #depthSince = new Map<number, number>();
  #time = 0;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #workers = new Map<number, WorkerStateMachine>();
  readonly #clocks: ReadonlyMap<number, StageClock>;

  constructor(recording: Recording) {
    const { topology } = recording;
    this.#recording = recording;
    this.#names = new Columns(topology);
    this.#columns = new Float64Array(this.#names.count);
    this.#consumers = topology.stages.filter(({ node }) => topology.isSink(node)).length;
    this.#clocks = new Map(
      topology.stages.map(({ node }) => [node, { since: 0, workers: WORKER_STATES.map(() => 0) }]),
    );
    this.#log = recording.log;
    this.recordIndex = new RecordIndex(recording.log);
    this.#checkpoints.push(this.#totals(0, this.#columns.slice()));
  }

  /** Reads up to `budget` new events. Returns whether the ledger is up to date. */
  catchUp(budget = Infinity): boolean {
    const log = this.#log;
    if (this.end < log.begin) this.#skip();
    const end = Math.min(log.end, this.end + budget);
    while (this.end < end) {
      this.#read(this.end);
      this.end += 1;
      if (this.end % this.#eventsPerCheckpoint === 0) this.#addCheckpoint();
    }
    return this.end === log.end;
  }

  /** Returns the totals at a time, interpolated between two checkpoints. */
  at(time: number): Totals {
    const checkpoints = this.#checkpoints;
    let low = 0;
    let high = checkpoints.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((checkpoints[middle] as Totals).time > time) high = middle;
      else low = middle + 1;
    }
    const before = checkpoints[Math.max(0, low - 1)] as Totals;
    const after = checkpoints[low] ?? this.#now(time);
    if (time <= before.time) return before;
    if (time >= after.time) return after;
    const share = (time - before.time) / (after.time - before.time);
    const jumps = this.#eventsPerCheckpoint === 1;
    return this.#totals(time, between(before, after, share, jumps, this.#names));
  }

  #totals(time: number, columns: Float64Array): Totals {
    return new Totals(time, columns, this.#names);
  }

  /** The time up to which the log has been read. */
  get time(): number {
    return this.#time;
  }

  #read(index: number): void {
    const log = this.#log;
    this.recordIndex.add(index);
    this.#time = log.time(index);
    const kind = log.kind(index);
    const record = log.record(index);
    if (record !== NONE) this.#move(kind, log.node(index), record);
    this.#work(index, kind);
  }

  #move(kind: number, node: number, record: number): void {
    switch (kind) {
      case KIND.produced: {
        const flight = this.#enter(record, this.#time);
        this.#add(this.#names.outcomes + PRODUCED, flight.weight);
        break;
      }
      case KIND.arrive:
        if (isChannel(node)) this.#arrive(node, record);
        break;
      case KIND.depart:
        if (isChannel(node)) this.#depart(node, record);
        break;
      case KIND.dropped:
        this.#drop(node, record);
        break;
      case KIND.sentBack:
        this.#add(this.#names.outcomes + SENT_BACK, this.#flight(record).weight);
        break;
      case KIND.invalid:
        this.#flight(record).outcome = 'invalid';
        break;
      case KIND.transformationError:
        this.#flight(record).outcome = 'transformation_error';
        break;
      case KIND.anomaly:
        this.#flight(record).isAnomaly = true;
        break;
      case KIND.written:
      case KIND.counted:
        this.#finish(kind, record);
        break;
      case KIND.workEnd:
        if (this.#recording.topology.isSink(node)) this.#leave(record);
        break;
    }
  }

  #arrive(channel: number, record: number): void {
    const flight = this.#flight(record);
    flight.arrived.set(channel, this.#time);
    this.#integrateDepth(channel);
    this.#add(this.#names.of(channel), flight.weight);
  }

  #depart(channel: number, record: number): void {
    const flight = this.#flight(record);
    const at = this.#names.of(channel);
    const arrived = flight.arrived.get(channel);
    this.#integrateDepth(channel);
    // It was there before the first event read: count it as if it had always been.
    if (arrived === undefined) this.#add(at, flight.weight);
    this.#add(at + 1, flight.weight);
    if (arrived !== undefined) {
      this.#add(at + 3, 1);
      this.#add(at + 4, this.#time - arrived);
      flight.arrived.delete(channel);
    }
  }

  /** A channel drops a record, which may have arrived there. */
  #drop(channel: number, record: number): void {
    const flight = this.#flight(record);
    if (flight.arrived.has(channel)) {
      this.#integrateDepth(channel);
      this.#add(this.#names.of(channel) + 1, flight.weight);
    }
    this.#add(this.#names.outcomes + DROPPED, flight.weight);
    this.#inFlight.delete(record);
  }

  /** Integrates the depth of a channel up to now. */
  #integrateDepth(channel: number): void {
    const at = this.#names.of(channel);
    const depth = (this.#columns[at] as number) - (this.#columns[at + 1] as number);
    const since = this.#depthSince.get(channel) ?? 0;
    this.#add(at + DEPTH_INTEGRAL, depth * (this.#time - since));
    this.#depthSince.set(channel, this.#time);
  }

  #finish(kind: number, record: number): void {
    const flight = this.#flight(record);
    const wasDone = flight.isWritten && flight.isCounted;
    if (kind === KIND.written) flight.isWritten = true;
    else {
      flight.isCounted = true;
      this.#add(this.#names.outcomes + OUTCOME_COLUMN[flight.outcome], flight.weight);
      if (flight.isAnomaly) this.#add(this.#names.outcomes + ANOMALIES, flight.weight);
    }
    if (!wasDone && flight.isWritten && flight.isCounted && flight.producedAt !== NONE) {
      this.completions.add(this.#time, this.#time - flight.producedAt);
    }
  }

  #flight(record: number): InFlight {
    return this.#inFlight.get(record) ?? this.#enter(record, NONE);
  }

  #enter(record: number, producedAt: number): InFlight {
    const weight = Math.max(1, this.#recording.sampleAt(this.#time));
    const flight: InFlight = {
      producedAt,
      weight,
      outcome: 'processed',
      isAnomaly: false,
      isWritten: false,
      isCounted: false,
      arrived: new Map(),
      consumers: 0,
    };
    this.#inFlight.set(record, flight);
    return flight;
  }

  /** One of the consumers is done with a record. */
  #leave(record: number): void {
    const flight = this.#flight(record);
    flight.consumers += 1;
    if (flight.consumers === this.#consumers || flight.producedAt === NONE)
      this.#inFlight.delete(record);
  }

  #work(index: number, kind: number): void {
    const worker = workerOf(this.#recording, this.recordIndex, index);
    const node = Math.floor(worker / 65536);
    const clock = this.#clocks.get(node);
    if (worker === NONE || !clock) return;
    let machine = this.#workers.get(worker);
    const before = machine?.state;
    if (!machine) {
      machine = new WorkerStateMachine(node, this.#recording);
      this.#workers.set(worker, machine);
    }
    machine.apply(kind, this.#log.node(index), this.#log.record(index));
    if (machine.state === before) return;
    this.#integrateStates(node, clock);
    if (before) (clock.workers[WORKER_STATES.indexOf(before)] as number) -= 1;
    (clock.workers[WORKER_STATES.indexOf(machine.state)] as number) += 1;
  }

  /** Integrates the states of a stage's workers up to now. */
  #integrateStates(node: number, clock: StageClock): void {
    const passed = this.#time - clock.since;
    clock.since = this.#time;
    if (passed === 0) return;
    clock.workers.forEach((workers, state) => {
      this.#add(this.#names.of(node) + state, workers * passed);
    });
  }

  #add(column: number, value: number): void {
    this.#columns[column] = (this.#columns[column] as number) + value;
  }

  #integrateAll(): void {
    for (const { node } of this.#recording.topology.channels) this.#integrateDepth(node);
    for (const [node, clock] of this.#clocks) this.#integrateStates(node, clock);
  }

  #addCheckpoint(): void {
    this.#integrateAll();
    this.#checkpoints.push(this.#totals(this.#time, this.#columns.slice()));
    if (this.#checkpoints.length <= MAX_CHECKPOINTS) return;
    this.#checkpoints = this.#checkpoints.filter((_, at) => at % 2 === 0);
    this.#eventsPerCheckpoint *= 2;
  }

  /** Returns the totals after the last event: nothing moves any more, but what is in the channels remains there. */
  #now(time: number): Totals {
    this.#integrateAll();
    const columns = this.#columns.slice();
    const passed = time - this.#time;
    if (passed <= 0) return this.#totals(this.#time, columns);
    for (const { node } of this.#recording.topology.channels) {
      const at = this.#names.of(node);
      const depth = (columns[at] as number) - (columns[at + 1] as number);
      columns[at + DEPTH_INTEGRAL] = (columns[at + DEPTH_INTEGRAL] as number) + depth * passed;
    }
    for (const [node, { workers }] of this.#clocks) {
      workers.forEach((count, state) => {
        const column = this.#names.of(node) + state;
        columns[column] = (columns[column] as number) + count * passed;
      });
    }
    return this.#totals(time, columns);
  }

  /** The log dropped events before they were read, so what was in flight is unknown. */
  #skip(): void {
    this.missed += this.#log.begin - this.end;
    this.end = this.#log.begin;
    this.#inFlight.clear();
    for (const worker of this.#workers.keys()) {
      this.#workers.set(
        worker,
        new WorkerStateMachine(Math.floor(worker / 65536), this.#recording),
      );
    }
    this.#integrateAll();
    this.#time = this.#log.oldestTime;
    for (const { node } of this.#recording.topology.channels) {
      const at = this.#names.of(node);
      this.#depthSince.set(node, this.#time);
      this.#columns[at + 1] = this.#columns[at] as number;
    }
    for (const clock of this.#clocks.values()) {
      const all = clock.workers.reduce((sum, workers) => sum + workers, 0);
      clock.workers = WORKER_STATES.map((state) => (state === 'waiting' ? all : 0));
      clock.since = this.#time;
    }
  }
}

/**
 * Interpolates between two checkpoints. Integrals grow steadily. Counts jump, and with a checkpoint per event it is
 * known where.
 */
function between(
  before: Totals,
  after: Totals,
  share: number,
  jumps: boolean,
  names: Columns,
): Float64Array {
  return before.columns.map((value, column) => {
    return !jumps || names.isIntegral(column)
      ? value + ((after.columns[column] as number) - value) * share
      : value;
  });
}

const ledgers = new WeakMap<Recording, Ledger>();

/** Returns the ledger of a recording, which is shared by all callers. Doesn't bring it up to date. */
export function ledgerOf(recording: Recording): Ledger {
  let ledger = ledgers.get(recording);
  if (!ledger) {
    ledger = new Ledger(recording);
    ledgers.set(recording, ledger);
  }
  return ledger;
}

/** Whether the events of a window are exhaustive: every record was traced and no event was lost. */
export function isComplete(recording: Recording, from: number, to: number): boolean {
  const everyRecord = recording.sampleAt(from) === 1 && recording.sampleAt(to) === 1;
  const last = recording.snapshotAt(to);
  return (
    everyRecord &&
    recording.log.end > 0 &&
    ledgerOf(recording).missed === 0 &&
    (last?.metrics.trace_dropped_records ?? 0) === 0
  );
}
