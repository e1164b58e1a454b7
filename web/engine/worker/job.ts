// One run in the engine's worker: feeds it, takes its results, tells how it is getting on.

import { problemsIn } from './check';
import { feed } from '../input';
import type { EngineModule, EngineRun, LoadedEngine } from './module';
import { problemsOf } from '../problems';
import type { Command, Failure, FromWorker, PartialConfig, Progress, RunResult } from '../protocol';
import { MEMORY_LIMIT, openSinks } from './sinks';
import type { Sink } from './sinks';
import { Tracing } from './tracing';

/** Milliseconds between two reports of how the run is getting on. */
const REPORT_INTERVAL = 100;

export interface Order {
  config: PartialConfig;
  input: Blob | null;
  folder: string[] | null;
}

export class Job {
  readonly #order: Order;
  readonly #send: (message: FromWorker, transfer?: Transferable[]) => void;
  #run: EngineRun | undefined;
  /** What is to be done with the run once it begins. */
  readonly #early: ((run: EngineRun) => void)[] = [];
  #module: EngineModule | undefined;
  #tracing: Tracing | undefined;
  /** The run, when it has ended and holds memory still. */
  #ended: EngineRun | undefined;
  #aborted = false;
  readonly #notes: string[] = [];
  #storageError: unknown;

  /** @param send tells the page something */
  constructor(order: Order, send: (message: FromWorker, transfer?: Transferable[]) => void) {
    this.#order = order;
    this.#send = send;
  }

  command(command: Command): void {
    if (command === 'abort') this.#aborted = true;
    this.#whenRunning((run) => {
      run[command]();
    });
  }

  adjust(config: PartialConfig): void {
    this.#whenRunning((run) => {
      try {
        run.adjust(config);
      } catch (error) {
        const problems = this.#module ? problemsIn(this.#module, config) : [];
        if (problems.length === 0) problems.push({ path: '', text: explained(error) });
        this.#send({ type: 'not-adjusted', problems });
      }
    });
  }

  setPace(factor: number): void {
    this.#whenRunning((run) => {
      run.setPace(factor);
    });
  }

  /** The page has read the rest of the event log. */
  wasDrained(): void {
    this.#tracing?.wasDrained();
  }

  /** Gives the run's memory back, as soon as the page reads nothing from it any more. */
  async release(): Promise<void> {
    await this.#tracing?.drained();
    this.#ended?.free();
    this.#ended = undefined;
  }

  /** Does the run. Throws what [`failureOf`] understands. */
  async run({ module, memory }: LoadedEngine): Promise<RunResult> {
    const { config, input, folder } = this.#order;
    const sinks = await openSinks(folder, () => {
      this.#stopAtLimit();
    });
    const discard = () => {
      sinks.processed.discard();
      sinks.failed.discard();
    };

    let run: EngineRun;
    try {
      run = new module.Run(config, input !== null);
    } catch (error) {
      discard();
      throw error;
    }
    this.#run = run;
    this.#module = module;
    this.#tracing = new Tracing(run, memory, this.#send);
    for (const act of this.#early) act(run);

    const now = (): Progress => ({
      metrics: run.metrics(),
      memory: memory.buffer.byteLength,
      elapsed: run.elapsed(),
      at: performance.timeOrigin + performance.now(),
    });
    const timer = setInterval(() => {
      this.#send({ type: 'progress', ...now() });
    }, REPORT_INTERVAL);
    const around = Promise.all([
      this.#drain(() => run.nextProcessed(), sinks.processed),
      this.#drain(() => run.nextFailed(), sinks.failed),
      input && this.#feed(run, input),
    ]);
    // It may also be the one to fail, before it is waited for.
    around.catch(() => undefined);

    try {
      const metrics = await run.finished();
      await around;
      const [processed, failed] = [await sinks.processed.finish(), await sinks.failed.finish()];
      this.#ended = run;
      const { storage } = sinks;
      return { ...now(), metrics, processed, failed, storage, notes: this.#notes };
    } catch (error) {
      // A broken engine gives nothing back any more, and can't be tidied.
      if (!isEngineError(error)) {
        await around.catch(() => undefined);
        this.#ended = run;
      }
      discard();
      throw this.#storageError ?? error;
    } finally {
      clearInterval(timer);
      this.#tracing.end();
      this.#run = undefined;
    }
  }

  /** Why the run ended without a result. */
  failureOf(error: unknown): Failure {
    const problems = problemsOf(error);
    if (problems)
      return { reason: 'config', problems: problems.map((text) => ({ path: '', text })) };
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof WebAssembly.RuntimeError) {
      const guess = 'perhaps the memory that a page can have was not enough';
      return { reason: 'engine', message: `the engine broke off (${message}); ${guess}` };
    }
    if (isEngineError(error)) return { reason: 'engine', message };
    if (this.#aborted) return { reason: 'aborted' };
    return { reason: 'run', message };
  }

  #whenRunning(act: (run: EngineRun) => void): void {
    if (this.#run) act(this.#run);
    else this.#early.push(act);
  }

  async #drain(
    next: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
    sink: Sink,
  ): Promise<void> {
    for (;;) {
      const chunk = await next();
      if (!chunk) return;
      // After an error the rest is taken too, or the run would wait for ever.
      if (this.#storageError !== undefined) continue;
      try {
        sink.write(chunk);
      } catch (error) {
        this.#storageError = new Error(`the results can’t be stored: ${explained(error)}`);
        this.#run?.abort();
      }
    }
  }

  async #feed(run: EngineRun, input: Blob): Promise<void> {
    try {
      await feed(input, (chunk) => run.feed(chunk));
      run.endInput();
    } catch (error) {
      run.failInput(
        `the file can’t be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #stopAtLimit(): void {
    this.#run?.stop();
    this.#notes.push(
      `The run was stopped when its results had ${MEMORY_LIMIT / 2 ** 20} MiB: that is how much this page keeps in ` +
        'memory, and the browser gives it no room on disk here. Both files are complete up to there.',
    );
  }
}

function explained(error: unknown): string {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return 'the browser gives this page no more room on disk';
  }
  return error instanceof Error ? error.message : String(error);
}

function isEngineError(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError ||
    (error instanceof Error && error.name === 'EngineError')
  );
}
