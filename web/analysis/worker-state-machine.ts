// Derives the state of a worker from its events, one by one.

import type { WorkerState } from '../engine/generated/WorkerState';
import { NONE } from '../recording/event-log';
import type { EventLog } from '../recording/event-log';
import { KIND } from '../recording/events';
import type { Recording } from '../recording/recording';
import { isChannel } from '../recording/topology';
import type { Topology } from '../recording/topology';
import type { RecordIndex } from './record-index';
import { serviceOf } from './service';

/** The states of a worker, as in the engine's metrics. A `ready` worker could continue but has no thread. */
export const WORKER_STATES = [
  'busy',
  'ready',
  'blocked',
  'waiting',
] as const satisfies readonly WorkerState[];

export class WorkerStateMachine {
  /** The record that it works on or tries to send; [`NONE`] if it has none. */
  record = NONE;

  readonly #isPool: boolean;
  readonly #isFanOut: boolean;
  /** Whether it is the Producer: nothing comes before it. */
  readonly #isSource: boolean;
  /** Whether records end with it. */
  readonly #isConsumer: boolean;
  readonly #serves: boolean;
  readonly #isLimited: boolean;
  #base: 'busy' | 'waiting' = 'waiting';
  #isBlocked = false;
  #isReady = false;
  #isRunning = false;
  /** Whether the log records when its task runs, which tells when it begins to wait. */
  #isTask = false;
  #isWokenAgain = false;
  /** How many records it has started and not finished. */
  #open = 0;
  /** Whether a consumer is taking its service time. */
  #isServing = false;
  #hasSlept = false;
  /** How many records a source makes in all; null if that isn't known. */
  readonly #makes: number | null;
  #isDone = false;

  constructor(node: number, { config, topology }: Recording) {
    this.#isPool = topology.isPool(node);
    this.#isFanOut = topology.isFanOut(node);
    this.#isSource = topology.isSource(node);
    this.#isConsumer = topology.isSink(node);
    const service = serviceOf(config, topology.idOf(node));
    this.#serves = service !== undefined && (service.wait !== 'off' || service.compute !== 'off');
    this.#isLimited = config.generator.rate_limit > 0;
    this.#makes = config.input.file === null ? config.records : null;
  }

  get state(): WorkerState {
    if (this.#isReady) return 'ready';
    return this.#isBlocked ? 'blocked' : this.#base;
  }

  /** @param node where the event happened: the stage, or a channel that the worker sends to or receives from */
  apply(kind: number, node: number, record: number): void {
    if (isChannel(node)) this.#atChannel(kind, record);
    else this.#atStage(kind, record);
  }

  #atChannel(kind: number, record: number): void {
    switch (kind) {
      case KIND.depart:
        this.#base = 'busy';
        this.record = record;
        break;
      case KIND.blocked:
        this.#isBlocked = true;
        this.record = record;
        break;
      case KIND.released:
        this.#isBlocked = false;
        break;
      case KIND.dropped:
        // The record that it made is gone. (Of another one, its channel was told.)
        if (this.#isSource && record === this.record) this.#produces();
        break;
      case KIND.arrive:
        this.#isBlocked = false;
        if (this.#isSource) {
          // Numbers begin at 0.
          if (record + 1 === this.#makes) this.#isDone = true;
          this.#produces();
        } else if (!this.#isFanOut && this.#open === 0) this.#hasNone();
        break;
    }
  }

  #atStage(kind: number, record: number): void {
    switch (kind) {
      case KIND.woken:
        if (this.#isRunning) this.#isWokenAgain = true;
        else this.#isReady = true;
        break;
      case KIND.runStart:
        this.#isTask = true;
        this.#isRunning = true;
        this.#isReady = false;
        if (this.#hasSlept) this.#isServing = this.#hasSlept = false;
        break;
      case KIND.runEnd:
        this.#isTask = true;
        this.#isRunning = false;
        this.#stops();
        this.#isReady = this.#isWokenAgain;
        this.#isWokenAgain = false;
        break;
      case KIND.produced:
        this.#base = 'busy';
        this.record = record;
        this.#open = 1;
        break;
      case KIND.workStart:
        this.#base = 'busy';
        this.record = record;
        this.#open += 1;
        this.#isServing = this.#serves && !this.#isPool;
        if (this.#isConsumer && !this.#serves) this.#hasNone();
        break;
      // It waits for the stage's lock.
      case KIND.blocked:
        this.#isBlocked = true;
        break;
      case KIND.released:
        this.#isBlocked = false;
        break;
      case KIND.workEnd:
        this.#open = Math.max(0, this.#open - 1);
        if (this.#isConsumer) this.#isServing = false;
        if ((this.#isFanOut && this.#open === 0) || this.#isConsumer) this.#hasNone();
        break;
    }
  }

  /** Its task yields the thread: it takes its service time, can't send, or has nothing to do. */
  #stops(): void {
    if (this.#isBlocked) return;
    if (this.#isSource) {
      // It has produced a record and doesn't send it: too many are in flight.
      if (this.#open > 0) this.#isBlocked = true;
      else this.#produces();
      return;
    }
    if (this.#isConsumer) {
      if (this.#isServing) this.#hasSlept = true;
      else this.#rests();
    } else if (this.#open === 0) this.#rests();
  }

  /** The Producer makes the next record, waits until it may, or is done. */
  #produces(): void {
    this.#open = 0;
    this.record = NONE;
    const waits = this.#isDone || this.#isLimited || (this.#isTask && !this.#serves);
    this.#base = waits && !this.#isRunning ? 'waiting' : 'busy';
  }

  /** It has no record. If tasks are recorded, it works until its task stops. */
  #hasNone(): void {
    if (!this.#isTask) this.#rests();
  }

  #rests(): void {
    this.#base = 'waiting';
    this.record = NONE;
  }
}

/** Identifies a worker by a single number. */
export const workerKey = (node: number, worker: number): number => node * 65536 + worker;

/** Returns the worker that an event belongs to: that of the stage, the sender or the receiver. [`NONE`] if unknown. */
export function workerOf(
  { log, topology }: Recording,
  recordIndex: RecordIndex,
  index: number,
): number {
  const node = log.node(index);
  const stage = isChannel(node) ? stageAt(log, topology, recordIndex, index) : node;
  return stage === NONE ? NONE : workerKey(stage, log.worker(index));
}

function stageAt(
  log: EventLog,
  topology: Topology,
  recordIndex: RecordIndex,
  index: number,
): number {
  const channel = log.node(index);
  if (log.kind(index) === KIND.depart) return topology.receiverOf(channel) ?? NONE;
  const senders = topology.sendersOf(channel);
  const [first] = senders;
  if (first !== undefined && senders.length < 2) {
    return topology.isSource(first) ? sourceOr(first, log, recordIndex, index) : first;
  }
  // Of several, the one where the record was last.
  let before = recordIndex.previous(index);
  while (before !== NONE && !senders.includes(log.node(before))) {
    before = recordIndex.previous(before);
  }
  return before === NONE ? NONE : log.node(before);
}

/** Returns the source, or the stage from which a record goes back to its channel for another try. */
function sourceOr(source: number, log: EventLog, recordIndex: RecordIndex, index: number): number {
  let before = recordIndex.previous(index);
  while (before !== NONE && isChannel(log.node(before))) before = recordIndex.previous(before);
  return before === NONE ? source : log.node(before);
}
