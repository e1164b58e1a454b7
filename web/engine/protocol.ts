// The messages between the page and the engine's worker.

import type { EngineKind } from './engine-kind';
import type { EngineSource } from './host';
import type { EngineFailure } from './engine-failure';
import type { ChannelId } from './generated/ChannelId';
import type { Config } from './generated/Config';
import type { FirstRecord } from './generated/FirstRecord';
import type { Format } from './generated/Format';
import type { Goal } from './generated/Goal';
import type { Metrics } from './generated/Metrics';
import type { Next } from './generated/Next';
import type { TableStart } from './generated/TableStart';
import type { Wait } from './generated/Wait';
import type { PartialConfig } from './partial';
import type { EngineProblem } from './problems';
import type { TopologyData } from '../recording/topology';
import type { RingAddress } from './rings';

/** Which engine is running, and how it is set up. */
export interface EngineInfo {
  kind: EngineKind;
  version: string;
  /** The number of threads for the stages. */
  threads: number;
  defaults: Config;
}

/** Commands for a running pipeline. `step`: while paused, continues until one more record is finished. */
export type Command = 'pause' | 'resume' | 'step' | 'stop' | 'abort';

/** An input file of a run. */
export interface RunFile {
  /** Determines the format unless configured, and is part of positions if there are several files. */
  name: string | null;
  blob: Blob;
}

/** What the page can ask at any time, also during a run. */
export interface Requests {
  /** All problems of a configuration. */
  check: { request: PartialConfig; answer: EngineProblem[] };
  /** Up to `most` bytes from the start of a file, and what a run would make of them. */
  'read-head': { request: { file: File; most: number; reading: ReadOptions }; answer: FileHead };
  /** A whole run of generated records on the virtual clock, as fast as possible. Needn't be waited for: see `cancel`. */
  simulate: { request: PartialConfig; answer: SimulationResult };
  /** A run whose steps are chosen, at the end of a path. */
  schedule: { request: ScheduleRequest; answer: SchedulePosition };
  trace: { request: TraceRequest; answer: Blob };
  /** Begins to read an event log. */
  'open-log': { request: Blob; answer: LogSession };
  /** The next events of a log, by its number; null after the last one. There may be none of them yet. */
  'next-events': { request: number; answer: BigUint64Array<ArrayBuffer> | null };
  /** Must follow once no more events of a log are wanted. */
  'close-log': { request: number; answer: null };
}

export type RequestName = keyof Requests;

/** A request. The worker answers or refuses it. */
export type Request = {
  [Name in RequestName]: {
    type: 'request';
    id: number;
    name: Name;
    request: Requests[Name]['request'];
  };
}[RequestName];

export type ToWorker =
  | {
      type: 'start';
      source: EngineSource;
      /** Which build is wanted; null for the best one that this page can have. */
      kind: EngineKind | null;
      /** The number of threads for the stages, if threads are supported. */
      threads: number;
    }
  | Request
  /** The answer to the request with this number isn't wanted any more. */
  | { type: 'cancel'; id: number }
  | {
      type: 'run';
      config: PartialConfig;
      /** The inputs, in order. Without any, records are generated. */
      inputs: readonly RunFile[];
      /** The folder for the results in the origin-private file system; null if there is none. */
      folder: string[] | null;
      /** For benchmarks: discards the results, and doesn't report anything before the end. */
      discard: boolean;
    }
  /** Does the work in plain loops, and reports how long that took. */
  | { type: 'loop'; config: PartialConfig }
  | { type: 'command'; command: Command }
  /** Changes the settings that can be changed during a run. */
  | { type: 'adjust'; config: PartialConfig }
  /**
   * The maximum number of simulated seconds per real second; 0 for no limit. Once there was such a message, the clock
   * also waits for the page to take the events, so that the recording is complete.
   */
  | { type: 'pace'; factor: number }
  /** The last events have been taken out of the shared memory. */
  | { type: 'drained' }
  /** Must be answered immediately. */
  | { type: 'ping' };

export type FromWorker =
  /** The worker has been loaded and answers from now on. */
  | { type: 'loaded' }
  | { type: 'pong' }
  /** An unexpected failure: the engine can't be trusted any more. */
  | ({ type: 'broken' } & EngineFailure)
  | { type: 'started'; engine: EngineInfo }
  | { type: 'not-started'; message: string }
  /** To the request with this number. */
  | { type: 'answer'; id: number; answer: Requests[keyof Requests]['answer'] }
  | { type: 'refusal'; id: number; message: string }
  /** A run has begun. The page must take its events from this shared memory. */
  | { type: 'tracing'; memory: WebAssembly.Memory; rings: RingAddress[] }
  /** There will be no more events. Take the last ones and reply; then the memory is reused. */
  | { type: 'drain' }
  /** Events, if no memory is shared. */
  | { type: 'events'; words: BigUint64Array<ArrayBuffer> }
  /** Alternating numbers and ids of traced records of the inputs. */
  | { type: 'ids'; ids: (number | string)[] }
  | { type: 'not-adjusted'; problems: EngineProblem[] }
  | { type: 'loop-measured'; seconds: number }
  | { type: 'loop-failed'; message: string }
  | ({ type: 'progress' } & Progress)
  | ({ type: 'finished' } & RunResult)
  | ({ type: 'failed' } & Failure);

/** What comes of a simulated run: its metrics, or why it can't begin. */
export type SimulationResult = { metrics: Metrics } | { problems: EngineProblem[] };

/** Asks for a run at the end of a path, or at the end that a seed leads to. */
export interface ScheduleRequest {
  config: PartialConfig;
  goal: Goal;
  /** Tasks such as `P` and `V1`, and `C` for the clock. Not used if there is a seed. */
  path: string[];
  /** Chooses all steps; null if the path does. */
  seed: number | null;
}

/** A run between two steps. */
export interface SchedulePosition {
  path: string[];
  /** The first step of the wanted path that wasn't possible; null if all were. */
  refused: string | null;
  /** The tasks that are ready, in the order in which they were woken. */
  ready: { task: string; next: Next }[];
  /** What the others wait for. A task can be there several times. */
  waiting: { task: string; wait: Wait }[];
  /** The steps that are possible. */
  choices: string[];
  /** All events so far in order, packed. */
  events: BigUint64Array<ArrayBuffer>;
  /** How many events there were before the first step, and after each. */
  ends: number[];
  standing: ScheduleStanding;
}

/** What has become of the records and the tasks of a run. */
export interface ScheduleStanding {
  /** The records in each channel, the oldest first. */
  channels: Record<ChannelId, number[]>;
  /** The records that have been written to each file, in that order. */
  processed: number[];
  failed: number[];
  /** The tasks that are blocked, and those that have ended. */
  blocked: string[];
  ended: string[];
  isOver: boolean;
  isReached: boolean;
}

/** The input for a trace for Perfetto. */
export interface TraceRequest {
  /** The pipeline. */
  topology: TopologyData;
  /** Every `sample`-th record was traced. */
  sample: number;
  /** Events as in a log file, in the order of time. */
  events: Blob;
}

/** An event log that is being read. */
export interface LogSession {
  /** Its number. */
  log: number;
  contents: LogContents;
}

/** Which part of a run an event log has. `crates/core/src/trace/cut.rs` describes it. */
export interface PartOfRun {
  /** When the part begins, in nanoseconds. Events before that only explain the state at this time. */
  from_ns: number;
  /** When it ends. */
  to_ns: number;
  /** How many events of the run come before the first one in the log. */
  events_before: number;
  /** How many come after the last one. If there are none, the part ends with the run. */
  events_after: number;
  /** How often sampling had been halved before that. */
  halvings: number;
}

/** What an event log contains besides its events. */
export interface LogContents {
  /** The names of the kinds of events, by number. */
  kinds: string[];
  topology: TopologyData;
  /** As it was written, with settings of another version if one wrote it; no run can have had other values. */
  config: PartialConfig | null;
  /** The capacities of the channels, by id, as derived from the configuration. */
  capacities: Record<string, number>;
  /** How many events there are. */
  events: number;
  /** Which part of the run it has; null if it has the whole run. */
  part: PartOfRun | null;
  /** What it says of the run besides its events, as JSON that `web/log-file/tables.ts` reads; null if nothing. */
  tables: string | null;
  /** What is wrong with it, although it can be read; null if nothing is. */
  warning: string | null;
}

/** How the user wants a file to be read. */
export interface ReadOptions {
  /** `auto`: by the file name, then by its first line. */
  format: Format;
  encoding: string;
  /** If empty, it is detected. */
  delimiter: string;
}

/** The start of a file, as the engine reads it. */
export interface FileHead {
  /** Decompressed, as UTF-8. Bytes that are invalid in its encoding are invalid here too. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Whether these are all bytes of the file. */
  whole: boolean;
  /** Why it can't contain records; null if it can. */
  problem: EngineProblem | null;
  /** Whether another encoding may solve the problem. */
  mayBeEncoded: boolean;
  /** The first records that are there as a whole. */
  records: FirstRecord[];
  /** The header of a table and what its columns may mean; null if it isn't a table. */
  table: TableStart | null;
}

/** The progress of a run. */
export interface Progress {
  metrics: Metrics;
  /** The size of the engine's memory in bytes. */
  memory: number;
  /** Seconds on the run's clock, which stops while it is paused. */
  elapsed: number;
  /** When this was sent, in milliseconds since 1970: a clock that all threads of a page share. */
  at: number;
}

/** The result of a run. */
export interface RunResult extends Progress {
  processed: Blob;
  failed: Blob;
  /** Where the two files are stored. */
  storage: Storage;
  /** What the user should know about the result, a sentence each. */
  notes: string[];
}

/** `disk`: the page's origin-private file system. `memory`: as much as fits. */
export type Storage = 'disk' | 'memory';

/** How much memory the two files may take up together: Chromium loses blobs beyond about 500 MB per page. */
export const MEMORY_LIMIT = 256 * 2 ** 20;

/** Why a run has no result. */
export type Failure =
  /** The configuration is invalid, in general or for this input. */
  | { reason: 'config'; problems: EngineProblem[] }
  /** The run was aborted. */
  | { reason: 'aborted' }
  /** A stage, the input or the storage failed. */
  | { reason: 'run'; message: string }
  /** The engine itself failed and is restarted. */
  | ({ reason: 'engine' } & EngineFailure);
