// The messages between the page and the worker that the engine runs in.

import type { EngineKind } from './engine-kind';
import type { EngineFailure } from './engine-failure';
import type { Config } from './generated/Config';
import type { Metrics } from './generated/Metrics';
import type { PartialConfig } from './partial';
import type { Problem } from './problems';
import type { RingAddress } from './rings';

/** Which engine runs, and with what. */
export interface EngineInfo {
  kind: EngineKind;
  version: string;
  /** How many threads the stages have. */
  threads: number;
  defaults: Config;
}

/** What can be told a run that goes on; `step`: while paused, goes on until one record more is finished. */
export type Command = 'pause' | 'resume' | 'step' | 'stop' | 'abort';

/** A file that a run reads. */
export interface RunFile {
  /** Tells its format where the configuration doesn’t, and is part of positions where there are several files. */
  name: string | null;
  blob: Blob;
}

export type ToWorker =
  | {
      type: 'start';
      /** The address of the folder with both engines. */
      engines: string;
      /** How many threads the stages get, where there are threads. */
      threads: number;
    }
  | { type: 'check'; id: number; config: PartialConfig }
  /** Wants the beginning of a file: its first bytes, `most` of them at most. */
  | { type: 'read-head'; id: number; file: Blob; most: number; encoding: string }
  | {
      type: 'run';
      config: PartialConfig;
      /** What is processed, in this order; without any, records are generated. */
      inputs: readonly RunFile[];
      /** The folder of the origin-private file system that the results go to; null if there is none. */
      folder: string[] | null;
      /** To be measured: the results are thrown away, and nothing is told before the end. */
      discard: boolean;
    }
  /** Does the work in plain loops, and tells how long that took. */
  | { type: 'loop'; config: PartialConfig }
  | { type: 'command'; command: Command }
  /** What of a configuration can be changed while a run goes on, is. */
  | { type: 'adjust'; config: PartialConfig }
  /** Simulated seconds for each real one, at most; 0 for as many as there can be. */
  | { type: 'pace'; factor: number }
  /** The last events have been taken out of the shared memory. */
  | { type: 'drained' }
  /** To be answered at once. */
  | { type: 'ping' };

export type FromWorker =
  /** The worker has been loaded; from now on it answers. */
  | { type: 'loaded' }
  | { type: 'pong' }
  /** Something went wrong that nobody was prepared for: the engine can't be trusted any more. */
  | ({ type: 'broken' } & EngineFailure)
  | { type: 'started'; engine: EngineInfo }
  | { type: 'not-started'; message: string }
  | { type: 'checked'; id: number; problems: Problem[] }
  | { type: 'not-checked'; id: number; message: string }
  | ({ type: 'head-read'; id: number } & FileHead)
  | { type: 'head-not-read'; id: number; message: string }
  /** The events of the run that has begun are in this memory, which is shared: take them there. */
  | { type: 'tracing'; memory: WebAssembly.Memory; rings: RingAddress[] }
  /** No more come: take the last ones and say so; then the memory is used for other things. */
  | { type: 'drain' }
  /** Events, where no memory is shared. */
  | { type: 'events'; words: BigUint64Array<ArrayBuffer> }
  /** Numbers and ids of traced records of the inputs, in turn. */
  | { type: 'ids'; ids: (number | string)[] }
  | { type: 'not-adjusted'; problems: Problem[] }
  | { type: 'loop-measured'; seconds: number }
  | { type: 'loop-failed'; message: string }
  | ({ type: 'progress' } & Progress)
  | ({ type: 'finished' } & RunResult)
  | ({ type: 'failed' } & Failure);

/** The beginning of a file, as the engine reads it. */
export interface FileHead {
  /** Without its compression, as UTF-8. What is not valid in its encoding isn't valid here. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Whether these are all its bytes. */
  whole: boolean;
  /** Why it can't hold records, in the engine's words; null if it can. */
  problem: string | null;
  /** Whether the problem may be gone in another encoding. */
  mayBeEncoded: boolean;
}

/** How a run is getting on. */
export interface Progress {
  metrics: Metrics;
  /** The size of the engine's memory in bytes. */
  memory: number;
  /** Seconds of the run's clock, which stands still while it is paused. */
  elapsed: number;
  /** When that was, in milliseconds since 1970: the clock that all threads of a page share. */
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

/** How much the two files together may have in memory: Chromium loses blobs when a page has over about 500 MB of them. */
export const MEMORY_LIMIT = 256 * 2 ** 20;

/** Why there is no result. */
export type Failure =
  /** The configuration is wrong, by itself or for this input. */
  | { reason: 'config'; problems: Problem[] }
  /** The run was aborted. */
  | { reason: 'aborted' }
  /** A stage, the input or the storage failed. */
  | { reason: 'run'; message: string }
  /** The engine itself broke; it is started anew. */
  | ({ reason: 'engine' } & EngineFailure);
