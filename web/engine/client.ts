// The page's side of the engine: starts it in a worker, so that the page stays free to draw, and runs pipelines on it.

import { MOST_THREADS } from './choose';
import { EventTap } from './event-tap';
import type { Problem } from './problems';
import type {
  Command,
  EngineInfo,
  FromWorker,
  PartialConfig,
  RunResult,
  ToWorker,
} from './protocol';
import { openResults } from './results';
import type { ResultFolders } from './results';
import { RunFailed } from './run-handle';
import type { RunHandle, RunOptions } from './run-handle';

export { RunFailed } from './run-handle';
export type { RunHandle, RunOptions } from './run-handle';

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
  run(config: PartialConfig, options: RunOptions = {}): RunHandle {
    if (this.#running) throw new Error('a run is going on already');
    this.#running = true;
    // What comes before the run has begun, and whom it is told afterwards.
    let instance: Instance | undefined;
    const early: ToWorker[] = [];
    const tell = (message: ToWorker) => {
      if (instance) instance.send(message);
      else early.push(message);
    };
    const command = (command: Command) => () => {
      tell({ type: 'command', command });
    };
    const run = async () => {
      const { inputs = [], trial = false, discard = false } = options;
      try {
        const folders = trial || discard ? null : await this.#folders;
        const folder = (await folders?.next().catch(() => null)) ?? null;
        instance = this.#started(this.#threadsFor(config));
        const result = instance.run({ type: 'run', config, inputs, folder, discard }, options);
        for (const message of early) instance.send(message);
        return await result;
      } finally {
        this.#running = false;
      }
    };
    return {
      pause: command('pause'),
      resume: command('resume'),
      step: command('step'),
      stop: command('stop'),
      abort: command('abort'),
      adjust(config) {
        tell({ type: 'adjust', config });
      },
      pace(factor) {
        tell({ type: 'pace', factor });
      },
      finished: run(),
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
        options: RunOptions;
      }
    | undefined;
  #loop: { resolve: (seconds: number) => void; reject: (error: Error) => void } | undefined;
  #tap: EventTap | undefined;

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
    this.send({ type: 'start', engines, threads });
  }

  check(config: PartialConfig): Promise<Problem[]> {
    return new Promise((resolve, reject) => {
      const id = this.#checkCount;
      this.#checkCount += 1;
      this.#checks.set(id, { resolve, reject });
      this.send({ type: 'check', id, config });
    });
  }

  run(order: Extract<ToWorker, { type: 'run' }>, options: RunOptions): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#run = { resolve, reject, options };
      this.send(order);
    });
  }

  measureLoop(config: PartialConfig): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#loop = { resolve, reject };
      this.send({ type: 'loop', config });
    });
  }

  /** Ends the worker with all its threads; whatever is waited for fails. */
  close(message: string): void {
    if (!this.usable) return;
    this.usable = false;
    this.#tap?.stop();
    this.#worker.terminate();
    this.#settleInfo.reject(new Error(message));
    for (const { reject } of this.#checks.values()) reject(new Error(message));
    this.#checks.clear();
    this.#loop?.reject(new Error(message));
    this.#run?.reject(new RunFailed({ reason: 'engine', message }));
    this.#run = undefined;
  }

  send(message: ToWorker): void {
    this.#worker.postMessage(message);
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
      case 'not-adjusted':
        this.#run?.options.onnotadjusted?.(message.problems);
        break;
      case 'loop-measured':
        this.#loop?.resolve(message.seconds);
        break;
      case 'loop-failed':
        this.#loop?.reject(new Error(message.message));
        break;
      case 'finished':
        this.#run?.resolve(message);
        this.#run = undefined;
        break;
      case 'failed':
        this.#run?.reject(new RunFailed(message));
        this.#run = undefined;
        if (message.reason === 'engine') this.close(message.message);
        break;
    }
  }
}
