// Diagnoses what limits a run, in a sentence, and what would help.
//
// A pipeline is as fast as its slowest stage. That stage is busy or ready nearly all the time: the stages before it are
// blocked, since the channels between them fill up, and the stages after it wait. More workers make a pool faster as
// long as workers spend their time waiting, as for I/O, or there are idle cores, and only until the next stage is at
// its limit. Everything here follows from that.

import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import { count, counted, percent } from '../format';
import { countOf, gaugeOf, workersOf } from '../recording/worker-aggregate';
import { NODE } from '../recording/events';
import { configuredWorkers } from '../recording/recording';
import { STANDARD } from '../recording/topology';
import type { Topology } from '../recording/topology';
import { settingOfId } from './capacity';
import { computeShare, hasService, hasTries } from './service';
import { sharesBetween } from './time-shares';
import type { TimeShares } from './time-shares';

export type Limit =
  | 'nothing-measured'
  | 'paused'
  | 'over'
  /** Too few records went through in the window, or they haven't reached the end yet. */
  | 'too-early'
  /** Nothing moves: every worker waits. */
  | 'waiting'
  /** A pool has too few workers. */
  | 'workers'
  /** All cores are busy. */
  | 'cores'
  /** Several stages are at their limit. */
  | 'several'
  | 'slow-consumer'
  | 'fan-out'
  | 'producer'
  | 'rate-limit'
  /** Records travel one by one, and handing them over is most of the work. */
  | 'batch'
  /** The limit on records in flight is too low. */
  | 'window'
  /** Channels are too small to even out variations. */
  | 'capacity'
  /** Nothing is at its limit. */
  | 'none';

/** A setting by its path in the configuration, and the value it should have. */
export interface Change {
  path: string;
  value: number | string | boolean | null;
}

/** A stage, by its node, or what limits all of them. */
export type Next = number | 'threads' | 'rate-limit';

export interface Diagnosis {
  limit: Limit;
  /** The id of the stage that limits the run, if it is a single one. */
  stage: string | null;
  /** What limits the run, and why. */
  finding: string;
  /** What would help, or what would not; empty if there is nothing to say. */
  advice: string;
  /** Settings that would help if changed together. */
  changes: readonly Change[];
  /** What limits nearly as much, or would with these settings. */
  next: Next | null;
  /** Finding and advice as one sentence. */
  sentence: string;
}

/** The share of measurements in which each channel was full, by its id. */
export type Saturation = ReadonlyMap<string, { share: number; measurements: number }>;

/** A stage that is busy or ready for this share of its time is at its limit. */
const AT_LIMIT = 0.85;
/** A stage that is busy or ready for this share of its time hardly ever waits. */
const NO_REST = 0.95;
/** Senders that are blocked for this share of their time are under backpressure. */
const PRESSED = 0.3;
/**
 * A channel filled to this share, before a stage at its limit, shows that records arrive faster than the stage takes
 * them.
 */
const FILLING = 0.6;
/** Below this share, blocking is negligible. */
const FREE = 0.1;
/** If a stage is ready for this share of its working time, it lacks threads. */
const WITHOUT_THREAD = 0.2;
/** The share of threads that compute when all count as busy. */
const ALL_BUSY = 0.9;
/** A stage that works for less than this share of its time isn't the limit. */
const HALF = 0.5;
/** A gain below this isn't worth changing a setting. */
const WORTH = 0.05;
/** Channels of up to this capacity may be too small to even out variations. */
const SMALL = 16;
/** In batches smaller than this, handing over costs about as much as the work. */
const SMALL_BATCH = 32;
/** How many records make a meaningful rate. */
const ENOUGH = 100;
/** Below this many finished records there is no diagnosis: their times are little more than chance. */
const FEW = 10;
/** If less than this share of what a stage takes comes out at the end, the stages after it aren't fully loaded yet. */
const THROUGH = 0.7;
/** A queue that grows by this share of its arrivals will fill up. */
const GROWING = 0.1;
/** A rate limit counts as reached from this share of it on. */
const REACHED = 0.95;
/** How many measurements make a meaningful share. */
const MEASUREMENTS = 10;
/** A run that began more recently than this isn't stuck, even if nothing has come yet, in seconds. */
const BEGUN = 1;

interface Load {
  /** The id of the stage. */
  stage: string;
  node: number;
  workers: number;
  shares: TimeShares;
  /** The share of its time that it is busy or ready. */
  load: number;
}

/**
 * Diagnoses what limits a run between two measurements.
 *
 * @param before earlier metrics; if missing, the whole run is diagnosed
 * @param cores the number of cores of the machine
 */
export function diagnose(
  now: Metrics,
  before: Metrics | undefined,
  config: Config,
  cores: number,
  saturation: Saturation = new Map(),
  topology = STANDARD,
): Diagnosis {
  return new Diagnoser(now, before, config, cores, saturation, topology).diagnose();
}

class Diagnoser {
  readonly #now: Metrics;
  readonly #before: Metrics | undefined;
  readonly #config: Config;
  readonly #cores: number;
  readonly #saturation: Saturation;
  readonly #loads: Load[];
  readonly #seconds: number;
  readonly #topology: Topology;

  constructor(
    now: Metrics,
    before: Metrics | undefined,
    config: Config,
    cores: number,
    saturation: Saturation,
    topology: Topology,
  ) {
    this.#topology = topology;
    this.#now = now;
    this.#before = before;
    this.#config = config;
    this.#cores = cores;
    this.#saturation = saturation;
    this.#seconds = now.elapsed_seconds - (before?.elapsed_seconds ?? 0);
    this.#loads = topology.stages.flatMap(({ node, id: stage }) => {
      const shares = sharesBetween(stage, now, before);
      const all = workersOf(now, stage);
      const there = countOf(all.filter(({ state }) => state !== null));
      const workers = there > 0 ? there : countOf(all);
      return shares ? [{ stage, node, workers, shares, load: shares.busy + shares.ready }] : [];
    });
  }

  diagnose(): Diagnosis {
    return (
      this.#nothingGoesOn() ??
      this.#tooFew() ??
      this.#rateLimit() ??
      this.#handoffOverhead() ??
      this.#atLimit() ??
      this.#belowLimit()
    );
  }

  /** Whether all workers have left. */
  get #isOver(): boolean {
    return this.#now.stages.every(({ workers }) => workers.every(({ state }) => state === null));
  }

  #tooFew(): Diagnosis | null {
    return this.#finished < FEW ? tooEarly() : null;
  }

  #nothingGoesOn(): Diagnosis | null {
    const now = this.#now;
    if (now.paused)
      return result('paused', null, 'The run is paused', 'every worker holds what it has');
    if (this.#seconds <= 0 || this.#loads.length === 0) {
      return result('nothing-measured', null, 'Nothing was measured yet', 'run the pipeline');
    }
    const isOver = this.#isOver;
    if (isOver && this.#before && this.#finished === 0) {
      return result('over', null, 'The run is over', 'nothing limits it any more');
    }
    if (isOver && now.processed + now.failed === 0) {
      return result('over', null, 'The run is over', 'no record went through');
    }
    const works = this.#loads.some(({ shares }) => shares.waiting < 1 - FREE);
    if (!works && isOver) {
      return result('over', null, 'The run is over', 'it was too short to say what limited it');
    }
    if (!works && this.#finished === 0) {
      // Records that are on their way are about to be taken.
      if (this.#isFlowing || (!this.#before && this.#seconds < BEGUN)) return tooEarly();
      return result('waiting', null, 'Nothing moves', 'all workers wait for records');
    }
    return null;
  }

  /** Whether records were produced or are in the channels. */
  get #isFlowing(): boolean {
    return (
      this.#taken('producer') > 0 ||
      this.#topology.channels.some(({ node }) => (this.#gauge(this.#now, node)?.depth ?? 0) > 0)
    );
  }

  /** Records arrive at the rate limit, and no stage falls behind. */
  #rateLimit(): Diagnosis | null {
    const { rate_limit: limit, burst } = this.#config.generator;
    const producer = this.#of('producer');
    if (limit === 0 || !producer) return null;
    const topology = this.#topology;
    // The rate of bursts is that over many of them.
    const since = burst > 1 ? undefined : this.#before;
    const seconds = this.#now.elapsed_seconds - (since?.elapsed_seconds ?? 0);
    const rate = (this.#now.produced - (since?.produced ?? 0)) / seconds;
    if (rate < REACHED * limit) return null;
    if (burst > 1) {
      if (seconds < (2 * burst) / limit) return tooEarly();
    } else if (
      this.#loads.some(
        (load) => !topology.isSource(load.node) && load.load >= AT_LIMIT && this.#hasQueue(load),
      )
    ) {
      return null;
    }
    const busiest = this.#byLoad().find(({ stage }) => stage !== 'producer');
    const finding = `The rate limit is reached: ${count(limit)} records a second, ${count(rate)} are produced`;
    if (burst === 1 && busiest && busiest.load > 0 && 1 / busiest.load - 1 < WORTH) {
      return result(
        'rate-limit',
        'producer',
        finding,
        `${this.#name(busiest)} could do hardly more: ${topology.isPool(busiest.node) ? 'they are' : 'it is'} ${percent(busiest.load)} busy`,
      );
    }
    return result(
      'rate-limit',
      'producer',
      finding,
      'everybody else waits; without the limit it would be faster',
      {
        path: 'generator.rate_limit',
        value: 0,
      },
    );
  }

  /** A stage is at its limit. */
  #atLimit(): Diagnosis | null {
    // If several are, the slowest: those before it are busy with what still fits into the channels between.
    const top = this.#loads
      .filter(({ load }) => load >= AT_LIMIT)
      .toSorted((a, b) => this.#maxThroughput(a) - this.#maxThroughput(b))[0];
    if (!top) return null;
    if (!this.#hasComeThrough(top)) return tooEarly();
    if (!this.#hasBackpressure(top)) {
      // Being ready without a thread is no way to keep up.
      const isMostlyReady = top.shares.ready > top.shares.busy;
      return (isMostlyReady ? this.#coresLimit(top) : null) ?? this.#keepsUp(top);
    }
    const next = this.#nextLimit(top);
    return (
      this.#coresLimit(top) ??
      (this.#topology.isPool(top.node) ? this.#pool(top, next) : this.#single(top))
    );
  }

  #byLoad(): Load[] {
    return this.#loads.toSorted((a, b) => b.load - a.load);
  }

  /**
   * Whether the end of the pipeline finishes as much as a stage takes. Until then it is unknown what the stages after
   * it can do.
   */
  #hasComeThrough(top: Load): boolean {
    return this.#isOver || this.#finished >= THROUGH * this.#taken(top.stage);
  }

  /** Returns how many records a stage took in the window. */
  #taken(stage: string): number {
    return this.#takenBy(this.#now, stage) - this.#takenBy(this.#before, stage);
  }

  /**
   * Returns how many produced records per second a stage could handle if it were busy all the time. It may see only
   * some of them; and while a queue grows, the stages before it do more than it can.
   */
  #maxThroughput({ stage, load }: Load): number {
    const all = this.#takenBy(this.#now, stage);
    if (all === 0) return Infinity;
    // The rate of few records is little more than chance: use the whole run instead.
    const isFew = this.#finished < ENOUGH;
    const before = isFew ? undefined : this.#before;
    const shares = isFew ? sharesBetween(stage, this.#now, undefined) : null;
    const time = this.#now.elapsed_seconds - (before?.elapsed_seconds ?? 0);
    const rate = (all - this.#takenBy(before, stage)) / time;
    const worked = shares ? shares.busy + shares.ready : load;
    return worked > 0 ? rate / worked / this.#share(stage) : Infinity;
  }

  /** Returns the share of records that a stage sees: Transformers don't see those that a Validator rejects. */
  #share(stage: string): number {
    const { processed, failed, failed_by_status } = this.#now;
    if (stage !== 'transformer' || processed + failed === 0) return 1;
    return Math.max(1 - failed_by_status.invalid / (processed + failed), 0.01);
  }

  /** Returns the stage that would reach its limit next. */
  #nextLimit(top: Load): Load | undefined {
    return this.#loads
      .filter((other) => other !== top && this.#maxThroughput(other) < Infinity)
      .toSorted((a, b) => this.#maxThroughput(a) - this.#maxThroughput(b))[0];
  }

  /** Whether the stages before it are held up. There are none before the first stage. */
  #hasBackpressure(top: Load): boolean {
    // With few records in flight allowed, the Producer waits before any channel is full.
    const producer = this.#of('producer')?.shares.blocked ?? 0;
    return top.stage === 'producer' || producer >= PRESSED || this.#hasQueue(top);
  }

  /** Whether a channel before it is full or filling up. */
  #hasQueue(top: Load): boolean {
    const channels = this.#topology.inputsOf(top.node);
    const pressure = channels.map((channel) => this.#blocked(channel));
    const full = channels.map(
      (channel) => this.#saturation.get(this.#topology.idOf(channel))?.share ?? 0,
    );
    // Nearly full, or growing: it will be full.
    const isFilling = channels.some((channel) => {
      const gauge = this.#gauge(this.#now, channel);
      if (!gauge) return false;
      const before = this.#gauge(this.#before, channel);
      const grown = gauge.depth - (before?.depth ?? 0);
      const taken = gauge.passed - (before?.passed ?? 0);
      const isGrowing = grown >= FEW / 2 && grown >= GROWING * (taken + grown);
      return isGrowing || (gauge.depth >= FILLING * gauge.capacity && gauge.capacity > 1);
    });
    if (isFilling) return true;
    // For a stage that hardly ever waits, little evidence suffices that others wait for it.
    return Math.max(0, ...pressure, ...full) >= (top.load >= NO_REST ? FREE : PRESSED);
  }

  #keepsUp(top: Load): Diagnosis {
    const channel = this.#inputOf(top);
    return result(
      'none',
      top.stage,
      `${this.#busy(top)}, but ${this.#topology.nameOf(channel)} is hardly ever full`,
      `${this.#topology.isPool(top.node) ? 'they keep' : 'it keeps'} up, just`,
    );
  }

  /** Nothing takes any time, so handing over is the work. */
  #handoffOverhead(): Diagnosis | null {
    const { batch } = this.#now;
    // Records with tries always travel one by one.
    if (hasService(this.#config) || hasTries(this.#config)) return null;
    if (batch >= SMALL_BATCH || this.#finished < ENOUGH) return null;
    const [top, producer] = [this.#byLoad()[0], this.#of('producer')];
    // Unless the Producer waits for input.
    if (!top || !producer || (this.#now.input_bytes > 0 && producer.shares.waiting >= HALF))
      return null;
    const finding = `No stage has a service time, and records travel ${
      batch === 1 ? 'one by one' : `${count(batch)} together`
    }: handing them over is most of the work`;
    // Configured capacities would keep batches small.
    const given = Object.entries(this.#config.channels).filter(
      ([, capacity]) => (capacity ?? null) !== null,
    );
    const roomy = given.map(([channel]) => ({ path: `channels.${channel}`, value: null }));
    if (this.#config.batch !== 'auto') {
      const advice =
        roomy.length > 0
          ? 'larger batches would help, and room for them'
          : 'larger batches would help';
      return result(
        'batch',
        top.stage,
        finding,
        advice,
        { path: 'batch', value: 'auto' },
        ...roomy,
      );
    }
    if (roomy.length === 0) return null;
    return result(
      'batch',
      top.stage,
      finding,
      'larger channels would let larger batches through',
      ...roomy,
    );
  }

  #coresLimit(top: Load): Diagnosis | null {
    const { threads } = this.#now;
    const withoutThread = top.shares.ready / top.load;
    const computes = computeShare(this.#config, top.stage) >= 0.5;
    const areBusy = computes && this.#computing() >= ALL_BUSY * threads;
    if (withoutThread < WITHOUT_THREAD && !areBusy) return null;
    // A stage with a single worker keeps at most one core busy, so more cores would not help it.
    if (!this.#topology.isPool(top.node) && withoutThread < WITHOUT_THREAD) return null;
    const core = this.#core;
    // The stage that waits for threads most need not be the one that occupies them.
    const keeper = this.#loads.reduce((most, load) =>
      load.shares.busy * load.workers > most.shares.busy * most.workers ? load : most,
    );
    if (keeper !== top && withoutThread >= WITHOUT_THREAD) {
      return this.#coresAt(
        `${this.#name(keeper)} keep${this.#topology.isPool(keeper.node) ? '' : 's'} the ${core}s busy, and ${this.#name(top)} ${this.#topology.isPool(top.node) ? 'are' : 'is'} ready (no ${core}) ${percent(top.shares.ready)} of the time`,
        this.#allBusy(),
        keeper.stage,
      );
    }
    const finding =
      withoutThread >= WITHOUT_THREAD
        ? `${this.#busy(top)}, ${percent(top.shares.ready)} ready (no ${core})`
        : `${this.#busy(top)}, computing`;
    const all = this.#allBusy();
    const workers =
      this.#topology.isPool(top.node) && this.#isAsConfigured(top)
        ? `${nth(configuredWorkers(this.#config, top.stage) + 1)} worker would not help: ${all}`
        : all;
    return this.#coresAt(finding, workers, top.stage);
  }

  /** No stage is at its limit by itself, but together they keep all threads busy. */
  #allCores(): Diagnosis | null {
    const share = this.#computing() / this.#now.threads;
    const ready = this.#loads.reduce((sum, load) => sum + load.shares.ready * load.workers, 0);
    if (ready >= 1) {
      return this.#coresAt(
        `No stage is at its limit by itself, but together they keep the ${this.#core}s busy: ${counted(Math.round(ready), 'worker')} of all ${Math.round(ready) === 1 ? 'is' : 'are'} ready (no ${this.#core}) on average`,
        this.#allBusy(),
        null,
      );
    }
    if (share < ALL_BUSY) return null;
    return this.#coresAt(
      `All stages together: ${percent(share)} of what the ${this.#core}s can do`,
      this.#allBusy(),
      null,
    );
  }

  #coresAt(finding: string, advice: string, stage: string | null): Diagnosis {
    const change = this.#moreCores();
    const more = change
      ? `more ${this.#core}s would help`
      : `the machine has no more cores, so only less work for each record would help`;
    return result('cores', stage, finding, `${advice}; ${more}`, ...(change ? [change] : []));
  }

  get #core(): string {
    return this.#config.runtime.kind === 'virtual' ? 'simulated core' : 'thread';
  }

  #allBusy(): string {
    const { threads } = this.#now;
    if (threads === 1) return `the one ${this.#core} is busy`;
    return `${threads === 2 ? 'both' : `all ${count(threads)}`} ${this.#core}s are busy`;
  }

  #moreCores(): Change | null {
    const { kind } = this.#config.runtime;
    const { threads } = this.#now;
    if (kind === 'virtual') return { path: 'runtime.cores', value: threads + 1 };
    if (threads >= this.#cores) return null;
    return kind === 'local'
      ? { path: 'runtime.kind', value: 'pool' }
      : { path: 'runtime.threads', value: this.#cores };
  }

  /** Whether as many workers as configured are there, rather than some still coming or leaving. */
  #isAsConfigured({ stage, workers }: Load): boolean {
    return this.#isOver || workers === configuredWorkers(this.#config, stage);
  }

  #pool(top: Load, next: Load | undefined): Diagnosis {
    const finding = `${this.#busy(top)}, ${this.#full(this.#inputOf(top))}`;
    // What others would bring was not measured.
    if (!this.#isAsConfigured(top)) return result('workers', top.stage, finding, '');
    const workers = configuredWorkers(this.#config, top.stage);
    // Up to what the workers can do, the next stage can take, and the threads can compute.
    const added = Math.max(1, Math.floor(workers / 4));
    const more = (workers + added) / workers;
    const spare =
      computeShare(this.#config, top.stage) > 0 ? this.#now.threads / this.#computing() : Infinity;
    const gain =
      Math.min(more, spare, next ? this.#maxThroughput(next) / this.#maxThroughput(top) : more) - 1;
    const { rate_limit: limit } = this.#config.generator;
    const rate = this.#taken('producer') / this.#seconds;
    if (limit > 0 && limit / rate - 1 < WORTH) {
      const advice = `the rate limit of ${count(limit)} records a second is nearly reached as well, so another worker alone would hardly help`;
      return { ...result('several', top.stage, finding, advice), next: 'rate-limit' };
    }
    if (next && gain < WORTH && next.load >= HALF) {
      const advice = `${this.#name(next)} ${this.#topology.isPool(next.node) ? 'are' : 'is'} at the limit as well (${percent(next.load)}), so another worker of one of them alone would hardly help`;
      return { ...result('several', top.stage, finding, advice), next: next.node };
    }
    const then = gain === spare - 1 ? `the ${this.#core}s` : next ? this.#name(next) : 'others';
    const isFurther = gain >= more - 1;
    const who = added === 1 ? `${nth(workers + 1)} worker` : `${count(added)} more workers`;
    const advice = `${who} would help, by up to ${percent(gain)}${
      isFurther ? '' : `; then ${then} would be the limit`
    }`;
    const isOwn = top.stage === 'validator' || top.stage === 'transformer';
    const path = isOwn ? `${top.stage}.workers` : 'workers';
    const change = { path, value: workers + added };
    return {
      ...result('workers', top.stage, finding, advice, change),
      next: isFurther ? null : gain === spare - 1 ? 'threads' : (next?.node ?? null),
    };
  }

  /** A stage with a single worker. */
  #single(top: Load): Diagnosis {
    if (top.stage === 'producer') return this.#producer(top);
    const topology = this.#topology;
    if (topology.isFanOut(top.node)) {
      const consumers = topology.outputsOf(top.node).length;
      return result(
        'fan-out',
        top.stage,
        `${this.#busy(top)}: it gives every record to ${CARDINALS[consumers] ?? consumers} consumers`,
        'there is one of it, so workers would not help',
      );
    }
    const channel = this.#inputOf(top);
    const fanOut = topology.sendersOf(channel).find((sender) => topology.isFanOut(sender));
    const others = topology.outputsOf(fanOut ?? NONE).filter((other) => other !== channel);
    const waiting = others.map((other) => topology.nameOf(other)).join(' and ');
    return result(
      'slow-consumer',
      top.stage,
      others.length === 0
        ? `${this.#busy(top)}, ${this.#full(channel)}`
        : `${this.#busy(top)}; the fan-out gives every record to each consumer, so ${waiting} wait with ${topology.nameOf(channel)}`,
      `workers would not help, a faster ${topology.nameOf(top.node)} would`,
    );
  }

  #producer({ shares }: Load): Diagnosis {
    const why = hasService(this.#config, 'producer')
      ? 'it takes its service time for each record'
      : this.#config.input.file !== null || this.#now.input_bytes > 0
        ? 'it reads the input'
        : 'it makes the records';
    return result(
      'producer',
      'producer',
      `The Producer is the slowest: it is busy ${percent(shares.busy)} of its time, ${why}`,
      'everybody else waits for it; workers would not help',
    );
  }

  /** No stage is at its limit by itself. */
  #belowLimit(): Diagnosis {
    return (
      this.#allCores() ?? this.#window() ?? this.#source() ?? this.#capacity() ?? this.#noLimit()
    );
  }

  /** The Producer is blocked, but not by its channel. */
  #window(): Diagnosis | null {
    const blocked = this.#of('producer')?.shares.blocked ?? 0;
    const byWindow = blocked - this.#blocked(NODE.dataCh);
    if (!this.#config.ordered || byWindow < PRESSED) return null;
    const window = this.#config.window ?? null;
    return result(
      'window',
      'producer',
      `The Producer waits ${percent(byWindow)} of its time since as many records are in flight as may be`,
      window === null
        ? 'the files are in order, so all wait for the slowest record; without order they would not'
        : 'a larger window would help',
      window === null ? { path: 'ordered', value: false } : { path: 'window', value: 2 * window },
    );
  }

  /** Nothing holds the Producer up, so it produces as fast as it can. */
  #source(): Diagnosis | null {
    const producer = this.#of('producer');
    if (!producer || producer.shares.blocked >= FREE) return null;
    if (!this.#isOver && workersOf(this.#now, 'producer').every(({ state }) => state === null)) {
      return result('over', 'producer', 'The Producer is done', 'what is on its way is finished');
    }
    if (producer.load >= 0.5) return this.#producer(producer);
    if (producer.shares.waiting < 0.5 || this.#now.input_bytes === 0) return null;
    return result(
      'producer',
      'producer',
      `The Producer waits for the input ${percent(producer.shares.waiting)} of its time`,
      'everybody else waits for it; workers would not help',
    );
  }

  /** A stage is held up at times and idle at others, so the channel between is too small. */
  #capacity(): Diagnosis | null {
    for (const top of this.#loads.toSorted((a, b) => b.load - a.load)) {
      if (top.stage === 'producer' || top.shares.waiting < FREE) continue;
      const channel = this.#inputOf(top);
      const capacity = this.#gauge(this.#now, channel)?.capacity;
      if (capacity === undefined || capacity > SMALL || this.#blocked(channel) < FREE) continue;
      return result(
        'capacity',
        top.stage,
        `${this.#name(top)} ${this.#topology.isPool(top.node) ? 'wait' : 'waits'} ${percent(top.shares.waiting)} of the time, and yet ${this.#full(channel)}: it holds ${count(capacity)}, too few to even out what varies`,
        'larger channels would help',
        { path: pathOf(this.#config, this.#topology.idOf(channel)), value: 4 * capacity },
      );
    }
    return null;
  }

  #noLimit(): Diagnosis {
    const top = this.#loads.reduce((most, load) => (load.load > most.load ? load : most));
    const producer = this.#of('producer');
    // Records arrive faster than they leave: it is unknown yet which stage will reach its limit.
    if (!this.#isOver && this.#finished < THROUGH * this.#taken('producer')) return tooEarly();
    if (producer && producer.shares.blocked >= FREE) {
      return result(
        'none',
        top.stage,
        `No stage is at its limit by itself: the busiest, ${this.#name(top)}, ${this.#topology.isPool(top.node) ? 'are' : 'is'} busy ${percent(top.load)} of the time, and the Producer is blocked ${percent(producer.shares.blocked)}`,
        'they hold each other up now and then',
      );
    }
    return result(
      'none',
      top.stage,
      `No stage is at its limit: the busiest, ${this.#name(top)}, ${this.#topology.isPool(top.node) ? 'are' : 'is'} busy ${percent(top.load)} of the time`,
      'there is room for more records',
    );
  }

  get #finished(): number {
    const done = (metrics: Metrics | undefined) =>
      (metrics?.processed ?? 0) + (metrics?.failed ?? 0);
    return done(this.#now) - done(this.#before);
  }

  #of(stage: string): Load | undefined {
    return this.#loads.find((load) => load.stage === stage);
  }

  /** Returns the mean share of time that the senders of a channel are blocked by it. */
  #blocked(channel: number): number {
    const seconds = (metrics: Metrics | undefined) =>
      this.#gauge(metrics, channel)?.blocked_seconds ?? 0;
    const senders = this.#topology
      .sendersOf(channel)
      .reduce(
        (sum, node) => sum + (this.#loads.find((load) => load.node === node)?.workers ?? 0),
        0,
      );
    const blocked = seconds(this.#now) - seconds(this.#before);
    return senders > 0 ? Math.min(1, Math.max(0, blocked / this.#seconds / senders)) : 0;
  }

  /** Returns how many threads compute on average, as far as service times tell waiting from computing. */
  #computing(): number {
    return this.#loads.reduce(
      (sum, { stage, shares, workers }) =>
        sum + shares.busy * workers * computeShare(this.#config, stage),
      0,
    );
  }

  #busy(load: Load): string {
    return `${this.#name(load)}: ${percent(load.shares.busy)} busy`;
  }

  /** Describes how full a channel is, and how that is known. */
  #full(channel: number): string {
    const name = this.#topology.nameOf(channel);
    const measured = this.#saturation.get(this.#topology.idOf(channel));
    const gauge = this.#gauge(this.#now, channel);
    const share = measured?.share ?? this.#blocked(channel);
    if (gauge && share < FREE && gauge.depth > 0) {
      return `${name} fills up (${count(gauge.depth)} of ${count(gauge.capacity)})`;
    }
    if (measured && measured.measurements >= MEASUREMENTS) {
      return `${name} full in ${percent(measured.share)} of the measurements`;
    }
    return `those who send to ${name} blocked ${percent(this.#blocked(channel))} of the time`;
  }

  /** Returns how many records a stage has taken so far: those that have left its input channels. */
  #takenBy(metrics: Metrics | undefined, stage: string): number {
    if (!metrics) return 0;
    if (stage === 'producer') return metrics.produced;
    const node = this.#of(stage)?.node ?? NONE;
    const inputs = this.#topology.inputsOf(node);
    return inputs.reduce((sum, channel) => sum + (this.#gauge(metrics, channel)?.passed ?? 0), 0);
  }

  /** Returns the first channel that a stage receives from. */
  #inputOf({ node }: Load): number {
    return this.#topology.inputsOf(node)[0] ?? NONE;
  }

  #gauge(metrics: Metrics | undefined, channel: number) {
    return gaugeOf(metrics, this.#topology.idOf(channel));
  }

  #name({ node }: Load): string {
    return this.#topology.workersName(node);
  }
}

function result(
  limit: Limit,
  stage: string | null,
  finding: string,
  advice: string,
  ...changes: Change[]
): Diagnosis {
  const sentence = advice ? `${finding}; ${advice}.` : `${finding}.`;
  return { limit, stage, finding, advice, changes, next: null, sentence };
}

function tooEarly(): Diagnosis {
  return result('too-early', null, 'Too early to tell', '');
}

/** The number of no node. */
const NONE = -1;

const CARDINALS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

const NTH = ['second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

/** Returns `a fourth`; beyond ten, `one more`. */
function nth(number: number): string {
  const word = NTH[number - 2];
  if (word === undefined) return 'one more';
  return word === 'eighth' ? `an ${word}` : `a ${word}`;
}

/** Returns the path of the setting that determines the capacity of a channel. */
function pathOf(config: Config, channel: string): string {
  const own = settingOfId(channel);
  return `channels.${own === undefined || (config.channels[own] ?? null) === null ? 'capacity' : own}`;
}
