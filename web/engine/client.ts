// The page's side of the engine: starts it in a worker, so that the page stays free to draw, and runs pipelines on it.

import { MAX_THREADS } from './engine-kind';
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
import type { Problem } from './problems';
import type { PartialConfig } from './partial';
import type { FileHead, Command, EngineInfo, FromWorker, RunResult, ToWorker } from './protocol';
import { openResults } from './results';
import type { ResultFolders } from './results';
import { RunFailed } from './run-handle';
import type { RunHandle, RunOptions } from './run-handle';
import { Watchdog, afterTicks } from './watchdog';

export { RunFailed } from './run-handle';
export type { RunHandle, RunOptions } from './run-handle';

/** A run that has not ended after this many looks (about three seconds) is ended with its engine. */
const ABORT_TICKS = 6;

/** Milliseconds after which an error of a worker counts, if the engine has said nothing about it. */
const ERROR_DELAY = 300;

/** An engine that breaks again and again is not started anew by itself: at most as often as this in a minute. */
const MAX_RESTARTS = 3;

/** The engine of a page. */
export class Engine {
  /** Called whenever an engine has been started; it is started anew for another number of threads. */
  onstarted: ((info: EngineInfo) => void) | undefined;
  /** Called when the engine has broken: why. Another one is being started. */
  onbroken: ((failure: EngineFailure) => void) | undefined;
  /** Called when an engine could not be started, or breaks too often; the message says that. */
  onfailed: ((failure: EngineFailure) => void) | undefined;
  /** When engines have broken. */
  #failures: number[] = [];
  readonly #folders: Promise<ResultFolders | null> = openResults();
  #instance: Instance | undefined;
  #running = false;
  /** While room is tried it is taken: a run waits for that. */
  #probing: Promise<unknown> = Promise.resolve();

  /** How many threads a run gets if its configuration does not say. */
  get defaultThreads(): number {
    return Math.min(navigator.hardwareConcurrency, MAX_THREADS);
  }

  /** How much room there is for results of about this size. */
  async storageSpace(wanted: number, own: number): Promise<StorageSpace> {
    const folders = await this.#folders;
    const space = findSpace(folders && ((bytes) => folders.fits(bytes)), wanted, own);
    this.#probing = space;
    return space;
  }

  /** Starts the engine, if it has not been. */
  start(threads = this.defaultThreads): Promise<EngineInfo> {
    return this.#started(threads).info;
  }

  /** All that is wrong with a configuration. */
  check(config: PartialConfig): Promise<Problem[]> {
    return this.#started().check(config);
  }

  /** The first bytes of a file, `most` of them at most, as a run in this encoding would read them. */
  readHead(file: Blob, most: number, encoding: string): Promise<FileHead> {
    return this.#started().readHead(file, most, encoding);
  }

  /** Runs the pipeline. One run at a time; the results of the one before are removed. */
  run(config: PartialConfig, options: RunOptions = {}): RunHandle {
    if (this.#running) throw new Error('a run is going on already');
    this.#running = true;
    // What comes before the run has begun, and whom it is told afterwards.
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
      // It may have been given up meanwhile.
      if (isOver) throw new RunFailed({ reason: 'aborted' });
      instance = this.#started(this.#threadsFor(config));
      const result = instance.run({ type: 'run', config, inputs, folder, discard }, options);
      for (const message of queued) instance.send(message);
      return result;
    };

    // Whatever it waits for, a run that is aborted ends.
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
        if (instance) this.#replaceFailed(instance, NOT_ABORTED);
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

  /** The seconds that the same work takes in plain loops. It can't be interrupted, but by [`Engine.close`]. */
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

  /** Only the pool's runtime cares. */
  #threadsFor(config: PartialConfig): number | undefined {
    const { kind, threads } = config.runtime ?? {};
    return kind === undefined || kind === 'pool' ? (threads ?? this.defaultThreads) : undefined;
  }

  /** The engine that runs, or a new one if that is broken or has another number of threads. */
  #started(threads?: number): Instance {
    const present = this.#instance;
    if (present?.usable && (threads === undefined || present.threads === threads)) return present;
    present?.close(CLOSED);
    const instance = new Instance(threads ?? this.defaultThreads, (failure) => {
      this.#replaceFailed(instance, failure);
    });
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

  /** Ends an engine that is broken, and starts another one. */
  #replaceFailed(instance: Instance, failure: EngineFailure): void {
    if (!instance.usable) return;
    instance.close(failure);
    // One that could not even be started says so.
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

/** One worker with an engine in it. */
class Instance {
  readonly threads: number;
  readonly info: Promise<EngineInfo>;
  usable = true;
  isStarted = false;
  readonly #worker: Worker;
  readonly #watchdog: Watchdog;
  /** Tells that the engine is broken. */
  readonly #onbroken: (failure: EngineFailure) => void;
  /** The worker's own code has been loaded: how long that takes is up to the network. */
  #isLoaded = false;
  #settleInfo!: { resolve: (info: EngineInfo) => void; reject: (error: Error) => void };
  readonly #checks = new Map<
    number,
    { resolve: (problems: Problem[]) => void; reject: (error: Error) => void }
  >();
  #nextId = 0;
  readonly #headReads = new Map<
    number,
    { resolve: (head: FileHead) => void; reject: (error: Error) => void }
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

  constructor(threads: number, onbroken: (failure: EngineFailure) => void) {
    this.threads = threads;
    this.#onbroken = onbroken;
    this.info = new Promise((resolve, reject) => {
      this.#settleInfo = { resolve, reject };
    });
    // It may fail when nobody is waiting for it.
    this.info.catch(() => undefined);
    this.#worker = new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      this.#watchdog.heard();
      this.#receive(data);
    });
    this.#worker.addEventListener('error', ({ message }) => {
      const broke = () => {
        this.#onbroken(internalError(message || 'its worker could not be loaded'));
      };
      // What the engine says itself, if it can, is better.
      if (this.isStarted) setTimeout(broke, ERROR_DELAY);
      else broke();
    });
    this.#watchdog = new Watchdog({
      isAwaited: () => this.#isLoaded && this.#isAwaited,
      ping: () => {
        this.send({ type: 'ping' });
      },
      onsilent: () => {
        this.#onbroken(UNRESPONSIVE);
      },
    });
    // The worker's own address is no help: it depends on how the page was built.
    const engines = new URL(`${import.meta.env.BASE_URL}engine/`, document.baseURI).href;
    this.send({ type: 'start', engines, threads });
  }

  /** Plain loops answer nothing before their end, and can be ended by hand. */
  get #isAwaited(): boolean {
    if (this.#loop) return false;
    const questions = this.#checks.size + this.#headReads.size;
    return !this.isStarted || this.#run !== undefined || questions > 0;
  }

  check(config: PartialConfig): Promise<Problem[]> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#checks.set(id, { resolve, reject });
      this.send({ type: 'check', id, config });
    });
  }

  readHead(file: Blob, most: number, encoding: string): Promise<FileHead> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#headReads.set(id, { resolve, reject });
      this.send({ type: 'read-head', id, file, most, encoding });
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

  /** Ends the worker with all its threads; whatever is waited for fails. */
  close(failure: EngineFailure): void {
    if (!this.usable) return;
    const error = new EngineEnded(failure);
    this.usable = false;
    this.#watchdog.stop();
    this.#tap?.stop();
    this.#worker.terminate();
    this.#settleInfo.reject(new Error(failure.details ?? failure.message));
    for (const { reject } of this.#checks.values()) reject(error);
    this.#checks.clear();
    for (const { reject } of this.#headReads.values()) reject(error);
    this.#headReads.clear();
    this.#loop?.reject(error);
    this.#run?.reject(new RunFailed({ reason: 'engine', ...failure }));
    this.#run = undefined;
  }

  send(message: ToWorker): void {
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
        this.#settleInfo.resolve(message.engine);
        break;
      case 'not-started':
        this.close(internalError(message.message));
        break;
      case 'checked':
        this.#checks.get(message.id)?.resolve(message.problems);
        this.#checks.delete(message.id);
        break;
      case 'not-checked':
        this.#checks.get(message.id)?.reject(new Error(message.message));
        this.#checks.delete(message.id);
        break;
      case 'head-read':
        this.#headReads.get(message.id)?.resolve(message);
        this.#headReads.delete(message.id);
        break;
      case 'head-not-read':
        this.#headReads.get(message.id)?.reject(new Error(message.message));
        this.#headReads.delete(message.id);
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
        // Whatever becomes of the events, the worker waits for the answer.
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
