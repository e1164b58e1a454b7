// The page's side of the engine: starts it in a worker, so that the page remains responsive, and runs pipelines on it.

import { MAX_THREADS } from './engine-kind';
import type { EngineKind } from './engine-kind';
import type { EngineHost } from './host';
import { EventTap } from './event-tap';
import {
  CLOSED,
  EngineEnded,
  NOT_ABORTED,
  UNRESPONSIVE,
  internalError,
  rawText,
} from './engine-failure';
import type { EngineFailure } from './engine-failure';
import { findSpace } from '../results/storage-space';
import type { StorageSpace } from '../results/storage-space';
import type { EngineProblem } from './problems';
import type { PartialConfig } from './partial';
import type { FileHead, Command, EngineInfo, FromWorker, RunResult } from './protocol';
import type { LogContents, ReadOptions, Request, RequestName, Requests } from './protocol';
import type {
  SchedulePosition,
  ScheduleRequest,
  SimulationResult,
  ToWorker,
  TraceRequest,
} from './protocol';
import { sweep } from './sweep';
import type { SettingValue, SweepResult } from './sweep';
import { openResults } from './results';
import type { ResultFolders } from './results';
import { RunFailed } from './run-handle';
import type { RunHandle, RunOptions } from './run-handle';
import { MAX_SILENT_TICKS, Watchdog, afterTicks } from './watchdog';

export { RunFailed } from './run-handle';
export type { RunHandle, RunOptions } from './run-handle';

/** An aborted run that hasn't ended after this many ticks (about three seconds) is ended with its engine. */
const ABORT_TICKS = 6;

/** How long to wait after an error of the worker for the engine's own report of it, in milliseconds. */
const ERROR_DELAY = 300;

/** An engine that keeps failing is restarted at most this often within a minute. */
const MAX_RESTARTS = 3;

/**
 * A worker that is silent while its engine starts is replaced this often, each time after this many ticks: now and then
 * Firefox doesn't return from creating a worker within a worker.
 */
const [MAX_SILENT_STARTS, START_TICKS] = [2, 6];

/** An event log that is being read. */
export interface LogHandle {
  readonly contents: LogContents;
  /** Returns the next events, packed, in the order of time; null after the last one. There may be none of them yet. */
  next(): Promise<BigUint64Array<ArrayBuffer> | null>;
  /** Must be called once no more events are wanted. */
  close(): void;
}

/** The engine of a page. */
export class Engine {
  /** Called when an engine has started. It is restarted for a different number of threads. */
  onstarted: ((info: EngineInfo) => void) | undefined;
  /** Called with the reason when the engine has failed. Another one is being started. */
  onbroken: ((failure: EngineFailure) => void) | undefined;
  /** Called when an engine could not be started, or fails too often, as the message says. */
  onfailed: ((failure: EngineFailure) => void) | undefined;
  readonly host: EngineHost;
  /** When engines have failed. */
  #failures: number[] = [];
  readonly #folders: Promise<ResultFolders | null> = openResults();
  #instance: Instance | undefined;
  #running = false;
  /** Probing for storage space occupies it, so a run waits for that. */
  #probing: Promise<unknown> = Promise.resolve();

  readonly #kind: EngineKind | null;

  /** @param kind which build of the engine is wanted; by default, the best one that this page can have */
  constructor(host: EngineHost, kind: EngineKind | null = null) {
    this.host = host;
    this.#kind = kind;
  }

  /** The number of threads of a run that doesn't configure it. */
  get defaultThreads(): number {
    return Math.min(navigator.hardwareConcurrency, MAX_THREADS);
  }

  /** Returns how much storage space there is for results of about this size. */
  async storageSpace(wanted: number, own: number): Promise<StorageSpace> {
    const folders = await this.#folders;
    const space = findSpace(folders && ((bytes) => folders.fits(bytes)), wanted, own);
    this.#probing = space;
    return space;
  }

  /** Starts the engine unless it is running. */
  start(threads = this.defaultThreads): Promise<EngineInfo> {
    return this.#started(threads).info;
  }

  /** Returns all problems of a configuration. */
  check(config: PartialConfig): Promise<EngineProblem[]> {
    return this.#started().ask('check', config);
  }

  /** Returns up to `most` bytes from the start of a file, and what a run that reads them like this makes of them. */
  readHead(file: File, most: number, reading: ReadOptions): Promise<FileHead> {
    return this.#started().ask('read-head', { file, most, reading });
  }

  /**
   * Runs a configuration of generated records on the virtual clock, as fast as possible, and returns its metrics. Other
   * runs may be going on. Rejects with the reason of the signal if it is aborted before the end.
   */
  simulate(config: PartialConfig, signal?: AbortSignal): Promise<SimulationResult> {
    return this.#started().ask('simulate', config, signal);
  }

  /** Goes where a path of steps leads, or a seed. Other runs may be going on. The engine must be the one for one thread. */
  schedule(request: ScheduleRequest): Promise<SchedulePosition> {
    return this.#started().ask('schedule', request);
  }

  /** Simulates a configuration with each of these values of a setting, and yields the results one at a time. */
  sweep(
    config: PartialConfig,
    path: string,
    values: readonly SettingValue[],
    signal?: AbortSignal,
  ): AsyncGenerator<SweepResult, void, undefined> {
    return sweep((config) => this.simulate(config, signal), config, path, values);
  }

  /** Makes a trace for Perfetto. */
  trace(request: TraceRequest): Promise<Blob> {
    return this.#started().ask('trace', request);
  }

  /** Begins to read an event log. */
  async openLog(file: Blob): Promise<LogHandle> {
    const instance = this.#started();
    const { log, contents } = await instance.ask('open-log', file);
    return {
      contents,
      next: () => instance.ask('next-events', log),
      close() {
        // An engine that has ended has no log open.
        instance.ask('close-log', log).catch(() => undefined);
      },
    };
  }

  /** Runs the pipeline. Only one run at a time; it removes the results of the previous one. */
  run(config: PartialConfig, options: RunOptions = {}): RunHandle {
    if (this.#running) throw new Error('a run is going on already');
    this.#running = true;
    // Messages sent before the run has begun, and where they go afterwards.
    let instance: Instance | undefined;
    const queued: ToWorker[] = [];
    const tell = (message: ToWorker) => {
      if (instance) instance.send(message);
      else queued.push(message);
    };
    const command = (command: Command) => () => {
      tell({ type: 'command', command });
    };
    const run = async () => {
      const { inputs = [], preview = false, discard = false } = options;
      const folders = preview || discard ? null : await this.#folders;
      if (folders) await this.#probing.catch(() => undefined);
      const folder = (await folders?.next().catch(() => null)) ?? null;
      // The run may have been aborted in the meantime.
      if (isOver) throw new RunFailed({ reason: 'aborted' });
      instance = this.#started(this.#threadsFor(config));
      const result = instance.run({ type: 'run', config, inputs, folder, discard }, options);
      for (const message of queued) instance.send(message);
      return result;
    };

    // An aborted run ends, whatever it is waiting for.
    let isOver = false;
    let stopWaiting: (() => void) | undefined;
    let giveUp: (error: RunFailed) => void = () => undefined;
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    const abort = () => {
      tell({ type: 'command', command: 'abort' });
      if (isOver) return;
      stopWaiting ??= afterTicks(ABORT_TICKS, () => {
        giveUp(new RunFailed({ reason: 'aborted' }));
        if (instance?.isStarted === false) this.#startOver(instance);
        else if (instance) this.#replaceFailed(instance, NOT_ABORTED);
      });
    };
    const finished = Promise.race([run(), givenUp]).finally(() => {
      isOver = true;
      this.#running = false;
      stopWaiting?.();
    });
    return {
      pause: command('pause'),
      resume: command('resume'),
      step: command('step'),
      stop: command('stop'),
      abort,
      adjust(config) {
        tell({ type: 'adjust', config });
      },
      pace(factor) {
        tell({ type: 'pace', factor });
      },
      finished,
    };
  }

  /** Returns how many seconds the same work takes in plain loops. Can't be interrupted except by [`Engine.close`]. */
  async measureLoop(config: PartialConfig): Promise<number> {
    if (this.#running) throw new Error('a run is going on already');
    this.#running = true;
    try {
      return await this.#started(this.#threadsFor(config)).measureLoop(config);
    } finally {
      this.#running = false;
    }
  }

  /** Ends the engine and all its threads. */
  close(): void {
    this.#instance?.close(CLOSED);
    this.#instance = undefined;
  }

  /** Only relevant for the pool runtime. */
  #threadsFor(config: PartialConfig): number | undefined {
    const { kind, threads } = config.runtime ?? {};
    return kind === undefined || kind === 'pool' ? (threads ?? this.defaultThreads) : undefined;
  }

  /** Returns the running engine, or a new one if it has failed or has a different number of threads. */
  #started(threads?: number): Instance {
    const present = this.#instance;
    if (present?.usable && (threads === undefined || present.threads === threads)) return present;
    present?.close(CLOSED);
    const instance = new Instance(
      this.host,
      this.#kind,
      threads ?? this.defaultThreads,
      (failure) => {
        this.#replaceFailed(instance, failure);
      },
    );
    this.#instance = instance;
    instance.info.then(
      (info) => {
        instance.isStarted = true;
        this.onstarted?.(info);
      },
      (error: unknown) => {
        if (this.#instance !== instance) return;
        this.onfailed?.({ message: 'The engine could not be started.', details: rawText(error) });
      },
    );
    return instance;
  }

  /** Starts another engine instead of one that hasn't started yet, without what that was to do. */
  #startOver(instance: Instance): void {
    if (this.#instance === instance) this.#instance = undefined;
    instance.close(CLOSED);
    if (!this.#instance) void this.start(instance.threads).catch(() => undefined);
  }

  /** Ends an engine that has failed, and starts another one. */
  #replaceFailed(instance: Instance, failure: EngineFailure): void {
    if (!instance.usable) return;
    instance.close(failure);
    // If it could not even be started, that is reported separately.
    if (this.#instance !== instance || !instance.isStarted) return;
    const now = performance.now();
    this.#failures = [...this.#failures.filter((time) => now - time < 60_000), now];
    if (this.#failures.length > MAX_RESTARTS) {
      const { message, details } = failure;
      const often = `The engine stopped for the ${this.#failures.length}th time within a minute.`;
      this.onfailed?.({ message: `${often} ${message}`, details });
      return;
    }
    this.onbroken?.(failure);
    void this.start(instance.threads).catch(() => undefined);
  }
}

/** A worker with an engine in it. */
class Instance {
  readonly threads: number;
  readonly info: Promise<EngineInfo>;
  usable = true;
  /** Why it has ended, once it has. */
  #failure = CLOSED;
  isStarted = false;
  readonly #host: EngineHost;
  #worker!: Worker;
  #watchdog!: Watchdog;
  /** What the worker has been sent; null once its engine has started. Until then nothing is answered. */
  #sent: ToWorker[] | null = [];
  #silentStarts = 0;
  /** Called when the engine has failed. */
  readonly #onbroken: (failure: EngineFailure) => void;
  /** Whether the worker's own code has been loaded. How long that takes depends on the network. */
  #isLoaded = false;
  #settleInfo!: { resolve: (info: EngineInfo) => void; reject: (error: Error) => void };
  #nextId = 0;
  /** The requests that haven't been answered. */
  readonly #requests = new Map<
    number,
    { resolve: (answer: never) => void; reject: (error: Error) => void }
  >();
  #run:
    | {
        resolve: (result: RunResult) => void;
        reject: (error: RunFailed) => void;
        options: RunOptions;
      }
    | undefined;
  #loop: { resolve: (seconds: number) => void; reject: (error: Error) => void } | undefined;
  #tap: EventTap | undefined;

  constructor(
    host: EngineHost,
    kind: EngineKind | null,
    threads: number,
    onbroken: (failure: EngineFailure) => void,
  ) {
    this.#host = host;
    this.threads = threads;
    this.#onbroken = onbroken;
    this.info = new Promise((resolve, reject) => {
      this.#settleInfo = { resolve, reject };
    });
    // It may be rejected without being awaited.
    this.info.catch(() => undefined);
    this.#startWorker();
    this.send({ type: 'start', source: host.source, kind, threads });
  }

  #startWorker(): void {
    const worker = this.#host.startWorker();
    this.#worker = worker;
    this.#isLoaded = false;
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (worker !== this.#worker) return;
      this.#watchdog.heard();
      this.#receive(data);
    });
    worker.addEventListener('error', ({ message }) => {
      if (worker !== this.#worker) return;
      const broke = () => {
        this.#onbroken(internalError(message || 'its worker could not be loaded'));
      };
      // A report from the engine itself is better, if there is one.
      if (this.isStarted) setTimeout(broke, ERROR_DELAY);
      else broke();
    });
    this.#watchdog = new Watchdog({
      isAwaited: () => this.#isLoaded && this.#isAwaited,
      patience: () => (this.#mayStartAgain ? START_TICKS : MAX_SILENT_TICKS),
      ping: () => {
        worker.postMessage({ type: 'ping' } satisfies ToWorker);
      },
      onsilent: () => {
        if (this.#mayStartAgain) this.#startAgain();
        else this.#onbroken(UNRESPONSIVE);
      },
    });
  }

  get #mayStartAgain(): boolean {
    return this.#sent !== null && this.#silentStarts < MAX_SILENT_STARTS;
  }

  /** Has another worker do all that the silent one was asked for. */
  #startAgain(): void {
    this.#silentStarts += 1;
    this.#worker.terminate();
    this.#startWorker();
    for (const message of this.#sent ?? []) this.#worker.postMessage(message);
  }

  /** Whether an answer is due. Plain loops don't answer before their end, and the user can cancel them. */
  get #isAwaited(): boolean {
    if (this.#loop) return false;
    return !this.isStarted || this.#run !== undefined || this.#requests.size > 0;
  }

  ask<Name extends RequestName>(
    name: Name,
    request: Requests[Name]['request'],
    signal?: AbortSignal,
  ): Promise<Requests[Name]['answer']> {
    return new Promise((resolve, reject) => {
      if (!this.usable) {
        reject(new EngineEnded(this.#failure));
        return;
      }
      signal?.throwIfAborted();
      const id = this.#nextId;
      this.#nextId += 1;
      this.#requests.set(id, { resolve, reject });
      signal?.addEventListener('abort', () => {
        if (!this.#requests.delete(id)) return;
        this.send({ type: 'cancel', id });
        reject(signal.reason as Error);
      });
      this.send({ type: 'request', id, name, request } as Request);
    });
  }

  run(request: Extract<ToWorker, { type: 'run' }>, options: RunOptions): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#run = { resolve, reject, options };
      this.send(request);
    });
  }

  measureLoop(config: PartialConfig): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#loop = { resolve, reject };
      this.send({ type: 'loop', config });
    });
  }

  /** Ends the worker with all its threads. Everything pending is rejected. */
  close(failure: EngineFailure): void {
    if (!this.usable) return;
    const error = new EngineEnded(failure);
    this.#failure = failure;
    this.usable = false;
    this.#watchdog.stop();
    this.#tap?.stop();
    this.#worker.terminate();
    this.#settleInfo.reject(new Error(failure.details ?? failure.message));
    for (const { reject } of this.#requests.values()) reject(error);
    this.#requests.clear();
    this.#loop?.reject(error);
    this.#run?.reject(new RunFailed({ reason: 'engine', ...failure }));
    this.#run = undefined;
  }

  send(message: ToWorker): void {
    this.#sent?.push(message);
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'loaded':
        this.#isLoaded = true;
        break;
      case 'pong':
        break;
      case 'broken':
        this.#onbroken(message);
        break;
      case 'started':
        this.#sent = null;
        this.#settleInfo.resolve(message.engine);
        break;
      case 'not-started':
        this.close(internalError(message.message));
        break;
      case 'answer':
        // Its type is that of the request with this number.
        this.#requests.get(message.id)?.resolve(message.answer as never);
        this.#requests.delete(message.id);
        break;
      case 'refusal':
        this.#requests.get(message.id)?.reject(new Error(message.message));
        this.#requests.delete(message.id);
        break;
      case 'progress':
        this.#run?.options.onprogress?.(message);
        break;
      case 'tracing': {
        const onevents = this.#run?.options.onevents;
        this.#tap = new EventTap(message.memory, message.rings, onevents ?? (() => undefined));
        break;
      }
      case 'drain':
        // Whatever happens to the events, the worker is waiting for the answer.
        try {
          this.#tap?.drain();
        } finally {
          this.#tap?.stop();
          this.#tap = undefined;
          this.send({ type: 'drained' });
        }
        break;
      case 'events':
        this.#run?.options.onevents?.(message.words);
        break;
      case 'ids':
        this.#run?.options.onids?.(message.ids);
        break;
      case 'not-adjusted':
        this.#run?.options.onnotadjusted?.(message.problems);
        break;
      case 'loop-measured':
        this.#loop?.resolve(message.seconds);
        this.#loop = undefined;
        break;
      case 'loop-failed':
        this.#loop?.reject(new Error(message.message));
        this.#loop = undefined;
        break;
      case 'finished':
        this.#run?.resolve(message);
        this.#run = undefined;
        break;
      case 'failed':
        this.#run?.reject(new RunFailed(message));
        this.#run = undefined;
        if (message.reason === 'engine') this.#onbroken(message);
        break;
    }
  }
}
