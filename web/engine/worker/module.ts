// The exports of the two engines, which wasm-bindgen makes.

import type { EngineKind } from '../engine-kind';
import type { Config } from '../generated/Config';
import type { FirstRecord } from '../generated/FirstRecord';
import type { Goal } from '../generated/Goal';
import type { Metrics } from '../generated/Metrics';
import type { Next } from '../generated/Next';
import type { Problem } from '../generated/Problem';
import type { TableStart } from '../generated/TableStart';
import type { Wait } from '../generated/Wait';
import type { PartialConfig } from '../partial';
import type { ScheduleStanding } from '../protocol';
import type { RingAddress } from '../rings';

/** A ring buffer of events, as exported by `crates/wasm/src/events.rs`. */
export interface EngineRing extends RingAddress {
  free(): void;
}

/** A run, as exported and documented by `crates/wasm/src/run.rs`. */
export interface EngineRun {
  beginInput(name: string | null): void;
  feed(chunk: Uint8Array): Promise<boolean>;
  endInput(): void;
  failInput(message: string): void;
  nextProcessed(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  nextFailed(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  finished(): Promise<Metrics>;
  metrics(): Metrics;
  /** Seconds on the run's clock. */
  elapsed(): number;
  /** Returns alternating numbers and ids of traced records of the inputs since the last call. */
  takeIds(): (number | string)[];
  rings(): EngineRing[];
  /** Throws a `ConfigError` with the property `problems`. */
  adjust(config: PartialConfig): void;
  setPace(factor: number): void;
  step(): void;
  pause(): void;
  resume(): void;
  stop(): void;
  abort(): void;
  free(): void;
}

/** The start of a file, as exported by `crates/wasm/src/file_start.rs`. */
export interface EngineFileStart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly whole: boolean;
  readonly mayBeEncoded: boolean;
  /** A new object each time. */
  readonly contents: {
    readonly problem: Problem | null;
    readonly records: FirstRecord[];
    readonly table: TableStart | null;
  };
  free(): void;
}

/** A trace that is being made, as exported by `crates/wasm/src/chrome.rs`. */
export interface EngineChromeTrace {
  /** Adds whole events, 16 bytes each. Returns the next bytes of the trace. */
  add(events: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Returns the last bytes of the trace. */
  finish(): Uint8Array<ArrayBuffer>;
  free(): void;
}

/** A file that can be read synchronously, as imported by `crates/wasm/src/log.rs`. */
export interface SyncFile {
  readonly size: number;
  read(from: number, to: number): Uint8Array;
}

/** An event log that is being read, as exported and documented by `crates/wasm/src/log.rs`. */
export interface EngineLogReader {
  readonly firstLine: string;
  readonly capacities: Uint32Array;
  readonly events: number;
  /** JSON. */
  readonly tables: string | undefined;
  readonly warning: string | undefined;
  scan(): boolean;
  nextEvents(): BigUint64Array<ArrayBuffer> | undefined;
  free(): void;
}

/** A run that is simulated, as exported and documented by `crates/wasm/src/simulate.rs`. */
export interface EngineSimulated {
  /** Continues for about this many milliseconds. Returns whether the run has ended. */
  advance(milliseconds: number): boolean;
  /** Null before the end. */
  metrics(): Metrics | null;
  free(): void;
}

/** A run whose steps are chosen, as exported and documented by `crates/wasm/src/schedule.rs`. */
export interface EngineSchedule {
  ready(): [task: string, next: Next][];
  waitsFor(): [task: string, wait: Wait][];
  choices(): string[];
  step(step: string): void;
  followSeed(seed: number): void;
  undo(): boolean;
  path(): string[];
  events(): BigUint64Array<ArrayBuffer>;
  /** How many events there were before the first step, and after each. */
  ends(): Uint32Array;
  standing(): ScheduleStanding;
  free(): void;
}

export interface EngineModule {
  /** Loads the WebAssembly, by default from the folder of the script. Must be awaited before anything else. */
  default(from?: { module_or_path: Response }): Promise<{ memory: WebAssembly.Memory }>;
  version(): string;
  defaultConfig(): Config;
  /** Throws a `ConfigError` with the property `problems`. */
  checkConfig(config: PartialConfig): void;
  /** Starts the pool of web workers. Only exported by the engine with threads. */
  initThreadPool?(threads: number): Promise<unknown>;
  /** Returns how many seconds the work takes in plain loops on the same threads. Throws a `ConfigError`. */
  measureLoop(config: PartialConfig): number;
  /** The first bytes of a file, decompressed and decoded, and what they are. Throws if they are damaged. */
  FileStart: new (
    start: Uint8Array,
    isWhole: boolean,
    most: number,
    name: string,
    format: string,
    encoding: string,
    delimiter: string,
  ) => EngineFileStart;
  /** Reads the first line of an event log. Throws if it isn't one. */
  LogReader: new (file: SyncFile) => EngineLogReader;
  /** Starts a trace; `topology` is JSON. */
  ChromeTrace: new (topology: string, sample: number) => EngineChromeTrace;
  /** Throws a `ConfigError` with the property `problems`. */
  Simulated: new (config: PartialConfig) => EngineSimulated;
  /** Throws a `ConfigError` with the property `problems`. Only exported by the engine for one thread. */
  Schedule?: new (config: PartialConfig, goal: Goal) => EngineSchedule;
  Run: new (config: PartialConfig, inputs: number, discard: boolean) => EngineRun;
}

export interface LoadedEngine {
  kind: EngineKind;
  module: EngineModule;
  memory: WebAssembly.Memory;
}
