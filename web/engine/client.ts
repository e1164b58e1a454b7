// The page's side of the engine: starts it in a worker, so that the page stays free to draw, and runs pipelines on it.

import { MOST_THREADS } from './choose';
import type { Problem } from './problems';
import type {
  Command,
  EngineInfo,
  Failure,
  FromWorker,
  PartialConfig,
  Progress,
  RunResult,
  ToWorker,
} from './protocol';
import { openResults } from './results';
import type { ResultFolders } from './results';
import { RingReader } from './ring-reader';

/** Why a run has no result. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(
      failure.reason === 'config'
        ? failure.problems.map(({ text }) => text).join('\n')
        : failure.reason === 'aborted'
          ? 'the run was aborted'
          : failure.message,
    );
    this.failure = failure;
  }
}

/** A run that was started. */
export interface RunHandle {
  /** Lets every worker hold what it has. */
  pause(): void;
  resume(): void;
  /** While the run is paused: goes on until one record more is finished, or the batch that it travels in. */
  step(): void;
  /**
   * Takes the number of workers, the service times, the rate limit and the burst from a configuration, and applies
   * them at once. What is wrong with it comes through `onnotadjusted`; then nothing is changed.
   */
  adjust(config: PartialConfig): void;
  /** How many simulated seconds pass in a real one, on the virtual clock; 0 is as many as there can be, the default. */
  pace(factor: number): void;
  /** Ends the source; what is in flight is finished, and the files are complete. */
  stop(): void;
  /** Ends everything at once; there is no result. */
  abort(): void;
  /** Rejects with a [`RunFailed`]. */
  readonly finished: Promise<RunResult>;
}

export interface RunOptions {
  /** What is processed; without one, records are generated. */
  input?: Blob | null;
  onprogress?: (progress: Progress) => void;
  /** Gets the events of a traced run, packed as `crates/core/src/trace/event.rs` says; the last before it is finished. */
  onevents?: (words: BigUint64Array) => void;
  onnotadjusted?: (problems: Problem[]) => void;
}

/** The engine of a page. */
export class Engine {
  /** Called whenever an engine has been started; it is started anew for another number of threads. */
  onstarted: ((info: EngineInfo) => void) | undefined;
  readonly #folders: Promise<ResultFolders | null> = openResults();
  #instance: Instance | undefined;
  #running = false;

  /** How many threads a run gets if its configuration does not say. */
  get defaultThreads(): number {
    return Math.min(navigator.hardwareConcurrency, MOST_THREADS);
  }

  /** Starts the engine, if it has not been. */
  start(threads = this.defaultThreads): Promise<EngineInfo> {
    return this.#started(threads).info;
  }

  /** All that is wrong with a configuration. */
  check(config: PartialConfig): Promise<Problem[]> {
    return this.#started().check(config);
  }

  /** Runs the pipeline. One run at a time; the results of the one before are removed. */
  run(config: PartialConfig, { input = null, ...listeners }: RunOptions = {}): RunHandle {
    if (this.#running) throw new Error('a run is going on already');
    this.#running = true;
    // What is to be told before the run has begun, and who is told afterwards.
    let instance: Instance | undefined;
    const early: ToWorker[] = [];
    const tell = (message: ToWorker) => {
      if (instance) instance.tell(message);
      else early.push(message);
    };
    const command = (command: Command) => () => {
      tell({ type: 'command', command });
    };
    const run = async () => {
      try {
        const folder = (await (await this.#folders)?.next().catch(() => null)) ?? null;
        instance = this.#started(this.#threadsFor(config));
        const result = instance.run({ type: 'run', config, input, folder }, listeners);
        for (const message of early) instance.tell(message);
        return await result;
      } finally {
        this.#running = false;
      }
    };
    return {
      pause: command('pause'),
      resume: command('resume'),
      step: command('step'),
      adjust: (config) => {
        tell({ type: 'adjust', config });
      },
      pace: (factor) => {
        tell({ type: 'pace', factor });
      },
      stop: command('stop'),
      abort: command('abort'),
      finished: run(),
    };
  }

  /** Ends the engine and all its threads. */
  close(): void {
    this.#instance?.close('the engine was closed');
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
    present?.close('the engine was started anew');
    const instance = new Instance(threads ?? this.defaultThreads);
    this.#instance = instance;
    instance.info.then(
      (info) => this.onstarted?.(info),
      () => undefined,
    );
    return instance;
  }
}

/** Who wants to know what of a run. */
type Listeners = Omit<RunOptions, 'input'>;

/** One worker with an engine in it. */
class Instance {
  readonly threads: number;
  readonly info: Promise<EngineInfo>;
  usable = true;
  readonly #worker: Worker;
  #settleInfo!: { resolve: (info: EngineInfo) => void; reject: (error: Error) => void };
  readonly #checks = new Map<
    number,
    { resolve: (problems: Problem[]) => void; reject: (error: Error) => void }
  >();
  #checkCount = 0;
  #run:
    | {
        resolve: (result: RunResult) => void;
        reject: (error: RunFailed) => void;
        listeners: Listeners;
        /** Reads the event log, if the run is traced in memory that is shared. */
        reader?: RingReader;
      }
    | undefined;

  constructor(threads: number) {
    this.threads = threads;
    this.info = new Promise((resolve, reject) => {
      this.#settleInfo = { resolve, reject };
    });
    // It may fail when nobody is waiting for it.
    this.info.catch(() => undefined);
    this.#worker = new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      this.#receive(data);
    });
    this.#worker.addEventListener('error', (event) => {
      this.close(event.message || 'its worker could not be loaded');
    });
    // The worker's own address is no help: it depends on how the page was built.
    const engines = new URL(`${import.meta.env.BASE_URL}engine/`, document.baseURI).href;
    this.tell({ type: 'start', engines, threads });
  }

  check(config: PartialConfig): Promise<Problem[]> {
    return new Promise((resolve, reject) => {
      const id = this.#checkCount;
      this.#checkCount += 1;
      this.#checks.set(id, { resolve, reject });
      this.tell({ type: 'check', id, config });
    });
  }

  run(order: Extract<ToWorker, { type: 'run' }>, listeners: Listeners): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#run = { resolve, reject, listeners };
      this.tell(order);
    });
  }

  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Ends the worker with all its threads; whatever is waited for fails. */
  close(message: string): void {
    if (!this.usable) return;
    this.usable = false;
    this.#worker.terminate();
    this.#settleInfo.reject(new Error(message));
    for (const { reject } of this.#checks.values()) reject(new Error(message));
    this.#checks.clear();
    this.#ended()?.reject(new RunFailed({ reason: 'engine', message }));
  }

  /** The run that was going on, and is no more. All of its events have been read. */
  #ended() {
    const run = this.#run;
    this.#run = undefined;
    if (run?.reader) {
      run.reader.end();
      this.tell({ type: 'drained' });
    }
    return run;
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'started':
        this.#settleInfo.resolve(message.engine);
        break;
      case 'not-started':
        this.close(message.message);
        break;
      case 'checked':
        this.#checks.get(message.id)?.resolve(message.problems);
        this.#checks.delete(message.id);
        break;
      case 'progress':
        this.#run?.listeners.onprogress?.(message);
        break;
      case 'tracing':
        if (this.#run) {
          const { onevents } = this.#run.listeners;
          this.#run.reader = new RingReader(message.memory, message.rings, onevents);
        }
        break;
      case 'events':
        this.#run?.listeners.onevents?.(message.words);
        break;
      case 'not-adjusted':
        this.#run?.listeners.onnotadjusted?.(message.problems);
        break;
      case 'finished':
        this.#ended()?.resolve(message);
        break;
      case 'failed':
        this.#ended()?.reject(new RunFailed(message));
        if (message.reason === 'engine') this.close(message.message);
        break;
    }
  }
}
