// The journey of one record: where it was, for how long, and its outcome.

import { NONE } from '../recording/event-log';
import { KIND } from '../recording/events';
import type { Recording } from '../recording/recording';
import { isChannel } from '../recording/topology';
import type { Outcome } from './completions';
import { ledgerOf } from './ledger';
import { serviceOf } from './service';

/**
 * - `channel`: in a channel
 * - `work`: a worker works on it or takes its service time
 * - `blocked`: a worker has it and can't send it
 * - `held`: done at a consumer that writes a file, but held back until the records before it are done, since the file is
 *   in order
 */
export type SpanKind = 'channel' | 'work' | 'blocked' | 'held';

/** A time span that a record spent at a node. */
export interface Span {
  /** A stage or a channel. */
  node: number;
  kind: SpanKind;
  /** The worker that had it; for a channel, the worker that sent it. */
  worker: number;
  /** The thread on which the span began. */
  thread: number;
  from: number;
  /** Null if the record is still there. */
  to: number | null;
}

export interface Journey {
  record: number;
  /** In the order in which they began. */
  spans: Span[];
  /** When the Producer made it; null if the log doesn't go back that far. */
  produced: number | null;
  outcome: Outcome | 'anomaly' | null;
  /** When a worker determined the outcome. */
  decided: number | null;
  /** When it was last passed on to be written to a file, and when it was counted. */
  written: number | null;
  counted: number | null;
  /** When a fault was injected. */
  fault: number | null;
}

/** The consumers that write files, by id, and whether they write the processed records. */
const WRITERS: ReadonlyMap<string, boolean> = new Map([
  ['loader', true],
  ['error_handler', false],
]);

/** Shorter spans don't count as waiting: that is how long sending takes anyway. */
const NOTICEABLE = 10_000;

/** How many events to look through to see when a consumer was done with a record. */
const MAX_LOOKAHEAD = 20_000;

const OUTCOMES: ReadonlyMap<number, Outcome | 'anomaly'> = new Map([
  [KIND.invalid, 'invalid'],
  [KIND.processed, 'processed'],
  [KIND.anomaly, 'anomaly'],
  [KIND.transformationError, 'transformation_error'],
]);

/**
 * Returns the journey of a record as far as the ledger has read the log, or null if nothing is known of it: it wasn't
 * traced, or the log doesn't go back that far.
 */
export function journeyOf(recording: Recording, record: number): Journey | null {
  const indexes = ledgerOf(recording).recordIndex.eventsOf(record);
  if (indexes.length === 0) return null;
  const builder = new JourneyBuilder(recording, record);
  for (const index of indexes) builder.add(index);
  return builder.finish();
}

/** Returns the nearest traced record after (or, with −1, before) a record, or null if there is none. */
export function neighbourOf(
  recording: Recording,
  record: number,
  direction: 1 | -1,
): number | null {
  return ledgerOf(recording).recordIndex.neighbour(record, direction);
}

/** Builds a journey from the events of a record, one by one. */
class JourneyBuilder {
  readonly #log: Recording['log'];
  readonly #config: Recording['config'];
  readonly #topology: Recording['topology'];
  readonly #journey: Journey;
  /** Open spans by node. */
  readonly #open = new Map<number, Span>();
  /** The index of the event that began the work on it, by stage. */
  readonly #begun = new Map<number, number>();
  /** The stages that have written it. */
  readonly #writers = new Set<number>();

  constructor({ log, config, topology }: Recording, record: number) {
    this.#log = log;
    this.#config = config;
    this.#topology = topology;
    this.#journey = {
      record,
      spans: [],
      produced: null,
      outcome: null,
      decided: null,
      written: null,
      counted: null,
      fault: null,
    };
  }

  add(index: number): void {
    const log = this.#log;
    const [kind, node, time] = [log.kind(index), log.node(index), log.time(index)];
    if (isChannel(node)) this.#atChannel(kind, node, index);
    else this.#atStage(kind, node, index);
    const outcome = OUTCOMES.get(kind);
    if (outcome) {
      this.#journey.outcome = outcome;
      this.#journey.decided = time;
    }
  }

  finish(): Journey {
    for (const node of [...this.#open.keys()]) if (this.#isWriter(node)) this.#hold(node, null);
    const { spans } = this.#journey;
    spans.push(...this.#open.values());
    const rank = ({ node }: Span) => this.#topology.rankOf(node);
    // At the same time, in the order in which a record reaches them.
    spans.sort((a, b) => a.from - b.from || rank(a) - rank(b) || a.node - b.node);
    return this.#journey;
  }

  #atChannel(kind: number, channel: number, index: number): void {
    const sender = this.#sender(channel);
    switch (kind) {
      case KIND.blocked:
        this.#close(sender, index);
        this.#start(sender, 'blocked', index);
        break;
      case KIND.released:
        this.#close(sender, index);
        // The fan-out continues with the next consumer.
        if (this.#topology.isFanOut(sender)) this.#start(sender, 'work', index);
        break;
      case KIND.arrive:
        if (!this.#topology.isFanOut(sender)) this.#close(sender, index);
        this.#start(channel, 'channel', index);
        break;
      case KIND.depart:
        this.#close(channel, index);
        break;
    }
  }

  #atStage(kind: number, node: number, index: number): void {
    const time = this.#log.time(index);
    switch (kind) {
      case KIND.produced:
        this.#journey.produced = time;
        // It is produced. Until it is in the channel, it waits for its turn.
        this.#start(node, 'blocked', index);
        break;
      case KIND.workStart:
        this.#begun.set(node, index);
        this.#start(node, 'work', index);
        break;
      case KIND.workEnd:
        if (this.#isWriter(node)) this.#hold(node, index);
        else this.#close(node, index);
        // Next it is sent, which may take a while.
        if (this.#topology.isPool(node)) this.#start(node, 'blocked', index);
        break;
      case KIND.written:
        this.#journey.written = time;
        this.#writers.add(node);
        break;
      case KIND.counted:
        this.#journey.counted = time;
        break;
      case KIND.fault:
        this.#journey.fault = time;
        break;
    }
  }

  /** Returns the stage that sends the record: the one that has it. */
  #sender(channel: number): number {
    const senders = this.#topology.sendersOf(channel);
    return senders.findLast((node) => this.#begun.has(node)) ?? senders[0] ?? channel;
  }

  #start(node: number, kind: SpanKind, index: number): void {
    const log = this.#log;
    const [worker, thread, from] = [log.worker(index), log.thread(index), log.time(index)];
    this.#open.set(node, { node, kind, worker, thread, from, to: null });
  }

  #close(node: number, index: number): void {
    const span = this.#open.get(node);
    if (!span) return;
    this.#open.delete(node);
    span.to = this.#log.time(index);
    const took = span.to - span.from;
    // Sending always takes a moment, and so does the fan-out between two channels.
    const isMoment = span.kind === 'blocked' || (this.#topology.isFanOut(node) && this.#has(node));
    if (isMoment && took < NOTICEABLE) return;
    this.#journey.spans.push(span);
  }

  #has(node: number): boolean {
    return this.#journey.spans.some((span) => span.node === node);
  }

  /** Splits a span into the work on the record and the time it was held back. */
  #hold(node: number, end: number | null): void {
    const span = this.#open.get(node);
    const begun = this.#begun.get(node);
    if (!span || begun === undefined) return;
    this.#open.delete(node);
    span.to = end === null ? null : this.#log.time(end);
    const since = this.#heldSince(node, begun, end);
    const until = span.to ?? Infinity;
    if (since === null || until - since < NOTICEABLE) {
      this.#journey.spans.push(span);
      return;
    }
    if (since > span.from) this.#journey.spans.push({ ...span, to: since });
    this.#journey.spans.push({ ...span, kind: 'held', from: since });
  }

  /** Returns when the consumer was done with the record and turned to others, or null if that can't be seen. */
  #heldSince(node: number, begun: number, end: number | null): number | null {
    if (!this.#config.ordered) return null;
    const log = this.#log;
    if (!this.#isServed(node)) return log.time(begun);
    const inputs = this.#topology.inputsOf(node);
    const last = Math.min(end ?? log.end, begun + MAX_LOOKAHEAD);
    let hasStopped = false;
    for (let index = begun + 1; index < last; index += 1) {
      const [kind, at] = [log.kind(index), log.node(index)];
      if (kind === KIND.depart && inputs.includes(at)) return log.time(index);
      if (at !== node || log.record(index) !== NONE) continue;
      if (kind === KIND.runEnd) hasStopped = true;
      else if (kind === KIND.runStart && hasStopped) return log.time(index);
    }
    return null;
  }

  /**
   * Whether a stage writes a file. For a stage that the page doesn't know, the events determine it.
   */
  #isWriter(node: number): boolean {
    return WRITERS.has(this.#topology.idOf(node)) || this.#writers.has(node);
  }

  /** Whether the stage takes a service time for the record. */
  #isServed(node: number): boolean {
    const id = this.#topology.idOf(node);
    const service = serviceOf(this.#config, id);
    if (!service || (service.wait === 'off' && service.compute === 'off')) return false;
    const { outcome } = this.#journey;
    const isProcessed = outcome === 'processed' || outcome === 'anomaly';
    return WRITERS.get(id) === isProcessed;
  }
}

/** Returns when the record was done, that is written and counted, or null if it isn't. */
export function doneAt({ written, counted }: Journey): number | null {
  return written === null || counted === null ? null : Math.max(written, counted);
}

/** Returns from when to when a record is in the log; null if it isn't. */
export function lifeOf(recording: Recording, record: number): { from: number; to: number } | null {
  const { log } = recording;
  const indexes = ledgerOf(recording).recordIndex.eventsOf(record);
  const [first, last] = [indexes[0], indexes.at(-1)];
  return first === undefined || last === undefined
    ? null
    : { from: log.time(first), to: log.time(last) };
}
