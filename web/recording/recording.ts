// What the page keeps of a run: its events, periodic measurements, its configuration. Everything drawn is a function of
// a recording and a time.

import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import { aggregateWorkers } from './worker-aggregate';
import { EventLog } from './event-log';
import { EVENT_KINDS } from './events';
import { RecordIds } from './record-ids';
import { STANDARD } from './topology';
import type { Topology } from './topology';
import { Track } from './track';

/** A measurement at a point in time. */
export interface Snapshot {
  /** Nanoseconds since the run began. */
  time: number;
  metrics: Metrics;
}

/** Beyond this number, snapshots are downsampled: the older, the fewer. */
const MAX_SNAPSHOTS = 4096;

/** The limit on worker metrics in all snapshots together; each snapshot has several. */
const MAX_WORKER_METRICS = 200_000;

/**
 * `live`: the run is in progress on this page. `over`: it ran here and has ended. `file`: it was recorded elsewhere.
 */
export type Origin = 'live' | 'over' | 'file';

/** What a recording has besides its configuration. */
export interface Recorded {
  log?: EventLog;
  topology?: Topology;
  kinds?: readonly string[];
  capacities?: Readonly<Record<string, number>>;
}

/** Returns the configured number of workers of a pool, by the id of its stage. */
export function configuredWorkers(config: Config, stage: string): number {
  const { workers, validator, transformer } = config;
  const own = stage === 'validator' ? validator : stage === 'transformer' ? transformer : null;
  return own?.workers ?? workers;
}

export class Recording {
  /** The current configuration: parts of it can change during the run. */
  config: Config;
  readonly log: EventLog;
  /** The pipeline that the events are about. */
  readonly topology: Topology;
  /** The names of the kinds of events, by number. */
  readonly kinds: readonly string[];
  /** The capacities of the channels, by id, if they are known without measurements. */
  readonly capacities: Readonly<Record<string, number>>;
  origin: Origin;
  /** In the order of time. After the run has ended, the last one is from its end. */
  snapshots: Snapshot[] = [];
  /** What was measured at the end of the run, if it has ended and that is known. */
  finalMetrics: Metrics | null = null;
  /** The ids of the user's own records. Empty for generated records, whose numbers identify them. */
  readonly ids = new RecordIds();
  /** The lines of records in the results, by number, as far as a log has them. */
  readonly lines = new Map<number, string>();
  /** Whether time is simulated. */
  readonly isVirtual: boolean;
  readonly #configs: Track<Config>;

  constructor(
    config: Config,
    origin: Origin,
    {
      log = new EventLog(),
      topology = STANDARD,
      kinds = EVENT_KINDS,
      capacities = {},
    }: Recorded = {},
  ) {
    this.config = config;
    this.origin = origin;
    this.log = log;
    this.topology = topology;
    this.kinds = kinds;
    this.capacities = capacities;
    this.isVirtual = config.runtime.kind === 'virtual';
    this.#configs = new Track(config);
  }

  /** The configuration at the beginning of the run. */
  get initialConfig(): Config {
    return this.#configs.initial;
  }

  /** Changes the configuration from a time on. */
  adjust(time: number, config: Config): void {
    this.config = config;
    this.#configs.set(time, config);
  }

  /** Takes the last change of the configuration back: there was none. */
  retract(): void {
    this.#configs.pop();
    this.config = this.#configs.last;
  }

  /** Returns the configuration at a time. */
  configAt(time: number): Config {
    return this.#configs.at(time);
  }

  /** Each change of the configuration, with its time in nanoseconds, in the order of time. */
  get adjustments(): { time: number; before: Config; after: Config }[] {
    const { changes } = this.#configs;
    return changes.map(({ time, value }, at) => ({
      time,
      before: changes[at - 1]?.value ?? this.#configs.initial,
      after: value,
    }));
  }

  /** Returns since when the configuration has been as it is at a time; 0 if it has never changed. */
  unchangedSince(time: number): number {
    return this.#configs.since(time);
  }

  /** Returns the configured number of workers of a stage at a time. */
  workersAt(stage: number, time: number): number {
    if (!this.topology.isPool(stage)) return 1;
    return configuredWorkers(this.#configs.at(time), this.topology.idOf(stage));
  }

  /** When the configuration was changed, in nanoseconds, in order. */
  get changes(): readonly number[] {
    return this.#configs.times;
  }

  /**
   * Ends the recording, with the final metrics if there are any. Nothing happens after the last event, so they hold
   * from then on, unless events were dropped.
   */
  end(metrics: Metrics | null): void {
    this.log.finish();
    this.origin = 'over';
    this.finalMetrics = metrics;
    if (!metrics) return;
    const isWhole = this.log.length > 0 && metrics.trace_dropped_records === 0;
    this.addSnapshot(metrics, isWhole ? this.log.lastTime : undefined);
  }

  addSnapshot(metrics: Metrics, time = metrics.elapsed_seconds * 1e9): void {
    while ((this.snapshots.at(-1)?.time ?? -1) >= time) this.snapshots.pop();
    const kept = aggregateWorkers(metrics);
    this.snapshots.push({ time, metrics: kept });
    const figures = kept.stages.reduce((sum, { workers }) => sum + workers.length, 0);
    const most = Math.min(MAX_SNAPSHOTS, MAX_WORKER_METRICS / Math.max(1, figures));
    if (this.snapshots.length > most) this.#downsample();
  }

  /** Returns the last snapshot up to a time. */
  snapshotAt(time: number): Snapshot | null {
    return this.snapshots[this.#snapshotsUpTo(time) - 1] ?? null;
  }

  /** Returns what is known by measurement at a time: at the end of the run, that is its final metrics. */
  measuredAt(time: number): Snapshot | null {
    if (this.finalMetrics && this.isOverAt(time)) return { time, metrics: this.finalMetrics };
    return this.snapshotAt(time);
  }

  /** Returns the first snapshot after a time. */
  snapshotAfter(time: number): Snapshot | null {
    return this.snapshots[this.#snapshotsUpTo(time)] ?? null;
  }

  /** Returns how many snapshots there are up to a time. */
  #snapshotsUpTo(time: number): number {
    const { snapshots } = this;
    let low = 0;
    let high = snapshots.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((snapshots[middle]?.time ?? 0) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Returns the metrics of a second before, or else the earliest ones; undefined if there are none. */
  secondBefore(metrics: Metrics): Metrics | undefined {
    const time = metrics.elapsed_seconds * 1e9;
    const before = this.snapshotAt(time - 1e9) ?? this.snapshots[0];
    return before && before.time < time ? before.metrics : undefined;
  }

  /** How much of the run is known, in nanoseconds: up to the last event or measurement. */
  get duration(): number {
    return Math.max(this.log.lastTime, this.snapshots.at(-1)?.time ?? 0);
  }

  /** Whether the run had ended at a time: a part of a run may end before that. */
  isOverAt(time: number): boolean {
    return this.origin !== 'live' && time >= this.duration && this.log.endsWithRun;
  }

  /** Whether every event of the run up to now is in the log. */
  get isExhaustive(): boolean {
    return this.isExactAt(Infinity) && this.log.begin === 0;
  }

  /**
   * Whether the log has every record at a time, and every event since its beginning, which need not be that of the run.
   */
  isExactAt(time: number): boolean {
    const measured = this.finalMetrics ?? this.snapshots.at(-1)?.metrics;
    return (
      this.sampleAt(time) === 1 &&
      (measured?.trace_dropped_records ?? 0) === 0 &&
      this.log.dropped === 0
    );
  }

  /**
   * At a time, one record in this many is in the log. 0 before anything is known.
   *
   * If this is 1 and nothing was dropped, the log is exhaustive.
   */
  sampleAt(time: number): number {
    const halvings = this.log.halvings.at(time) ?? this.log.halvings.first;
    if (halvings !== null) return this.config.trace.sample * 2 ** halvings;
    const metrics = (this.snapshotAt(time) ?? this.snapshots[0])?.metrics;
    return metrics ? metrics.trace_sample : this.config.trace.sample;
  }

  #downsample(): void {
    const half = this.snapshots.length / 2;
    this.snapshots = this.snapshots.filter((_, at) => at >= half || at % 2 === 0);
  }
}
