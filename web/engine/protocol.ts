// The messages between the page and the worker that the engine runs in.

import type { EngineKind } from './choose';
import type { Config } from './generated/Config';
import type { Metrics } from './generated/Metrics';
import type { Problem } from './problems';
import type { RingAddress } from './rings';

/** Some of an object's properties, at any depth. One that is undefined counts as missing. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** What differs from the default configuration. */
export type PartialConfig = DeepPartial<Config>;

/** Which engine runs, and with what. */
export interface EngineInfo {
  kind: EngineKind;
  version: string;
  /** How many threads the stages have. */
  threads: number;
  defaults: Config;
}

/** What can be told a run that goes on. */
export type Command = 'pause' | 'resume' | 'step' | 'stop' | 'abort';

export type ToWorker =
  | {
      type: 'start';
      /** The address of the folder with both engines. */
      engines: string;
      /** How many threads the stages get, where there are threads. */
      threads: number;
    }
  | { type: 'check'; id: number; config: PartialConfig }
  | {
      type: 'run';
      config: PartialConfig;
      /** What is processed; without one, records are generated. */
      input: Blob | null;
      /** The folder of the origin-private file system that the results go to; null if there is none. */
      folder: string[] | null;
    }
  | { type: 'command'; command: Command }
  /** Takes workers, service times, rate limit and burst from the configuration, and applies them at once. */
  | { type: 'adjust'; config: PartialConfig }
  /** How many simulated seconds pass in a real one; 0 is as many as there can be. */
  | { type: 'pace'; factor: number }
  /** The page has read the rest of the event log of the run that has ended: its memory may be given back. */
  | { type: 'drained' };

export type FromWorker =
  | { type: 'started'; engine: EngineInfo }
  | { type: 'not-started'; message: string }
  | { type: 'checked'; id: number; problems: Problem[] }
  | ({ type: 'progress' } & Progress)
  /** The run is traced, and the page reads its events from these rings, until it says that it has drained them. */
  | { type: 'tracing'; memory: WebAssembly.Memory; rings: RingAddress[] }
  /** The run is traced, in memory that is not shared: its next events. */
  | { type: 'events'; words: BigUint64Array }
  /** What was to be changed is wrong; nothing is changed. */
  | { type: 'not-adjusted'; problems: Problem[] }
  | ({ type: 'finished' } & RunResult)
  | ({ type: 'failed' } & Failure);

/** How a run is getting on. */
export interface Progress {
  metrics: Metrics;
  /** The size of the engine's memory in bytes. */
  memory: number;
  /** The seconds that the run had taken by its own clock, without its pauses. */
  elapsed: number;
  /** When that was: milliseconds, `performance.timeOrigin + performance.now()`. */
  at: number;
}

/** What a run leaves. */
export interface RunResult extends Progress {
  processed: Blob;
  failed: Blob;
  /** Where the two are kept. */
  storage: Storage;
  /** What the user should know about it, one sentence each. */
  notes: string[];
}

/** `disk`: the browser's own folder for this page; `memory`: as much as that can hold. */
export type Storage = 'disk' | 'memory';

/** Why there is no result. */
export type Failure =
  /** The configuration is wrong, by itself or for this input. */
  | { reason: 'config'; problems: Problem[] }
  /** The run was aborted. */
  | { reason: 'aborted' }
  /** A stage, the input or the storage failed. */
  | { reason: 'run'; message: string }
  /** The engine itself broke and has to be started anew. */
  | { reason: 'engine'; message: string };
