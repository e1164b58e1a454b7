// A run in the engine's worker: feeds the inputs, drains the results, reports progress.

import { aggregateWorkers } from '../../recording/worker-aggregate';
import { engineFailureOf, isEngineError, rawText, whyUnreadable } from '../engine-failure';
import { feed } from '../input';
import { problemsOf } from '../problems';
import { MEMORY_LIMIT } from '../protocol';
import type { PartialConfig } from '../partial';
import type { Command, FromWorker, Failure, RunFile, RunResult } from '../protocol';
import type { EngineRun, LoadedEngine } from './module';
import { openSinks } from './sinks';
import type { Sink } from './sinks';
import { StorageError, asStorageError } from './storage-error';
import { EventForwarder } from './event-forwarder';

/** Milliseconds between two progress reports. */
const REPORT_INTERVAL = 100;

/** Reports on thousands of workers take a while: pause this many times as long as the last one took. */
const REPORT_REST = 9;

export interface RunRequest {
  config: PartialConfig;
  inputs: readonly RunFile[];
  folder: string[] | null;
  discard: boolean;
}

export class Job {
  readonly #request: RunRequest;
  readonly #send: (message: FromWorker) => void;
  #run: EngineRun | undefined;
  #events: EventForwarder | undefined;
  /** Commands from before the run could begin. */
  readonly #queued: ((run: EngineRun) => void)[] = [];
  #aborted = false;
  readonly #notes: string[] = [];
  #storageError: StorageError | undefined;

  constructor(request: RunRequest, send: (message: FromWorker) => void) {
    this.#request = request;
    this.#send = send;
  }

  command(command: Command): void {
    if (command === 'abort') this.#aborted = true;
    this.#tell((run) => {
      run[command]();
    });
  }

  adjust(config: PartialConfig): void {
    this.#tell((run) => {
      try {
        run.adjust(config);
      } catch (error) {
        const problems = problemsOf(error) ?? [{ path: '', text: String(error), hint: null }];
        this.#send({ type: 'not-adjusted', problems });
      }
    });
  }

  pace(factor: number): void {
    this.#tell((run) => {
      run.setPace(factor);
    });
  }

  /** The page has taken the last events. */
  drained(): void {
    this.#events?.drained();
  }

  #tell(command: (run: EngineRun) => void): void {
    if (this.#run) command(this.#run);
    else this.#queued.push(command);
  }

  /** Executes the run. Throws errors for [`failureOf`]. */
  async run({ module, memory }: LoadedEngine): Promise<RunResult> {
    const { config, inputs, folder } = this.#request;
    const isMeasured = this.#request.discard;
    const sinks = await openSinks(folder, () => {
      this.#stopAtLimit();
    });
    const discard = () => {
      sinks.processed.discard();
      sinks.failed.discard();
    };

    let run: EngineRun;
    try {
      run = new module.Run(config, inputs.length, isMeasured);
    } catch (error) {
      discard();
      throw error;
    }
    this.#run = run;
    this.#events = new EventForwarder(run, memory, this.#send);
    for (const command of this.#queued) command(run);

    const clock = () => ({
      elapsed: run.elapsed(),
      at: performance.timeOrigin + performance.now(),
    });
    // Reporting would take time from what is measured.
    let timer = isMeasured ? undefined : setTimeout(report, REPORT_INTERVAL);
    const send = this.#send;
    function sendIds(): void {
      const ids = run.takeIds();
      if (ids.length > 0) send({ type: 'ids', ids });
    }
    function report(): void {
      const start = performance.now();
      const metrics = aggregateWorkers(run.metrics());
      sendIds();
      send({ type: 'progress', metrics, memory: memory.buffer.byteLength, ...clock() });
      const took = performance.now() - start;
      timer = setTimeout(report, Math.max(REPORT_INTERVAL - took, took * REPORT_REST));
    }
    const around = Promise.all([
      this.#drain(() => run.nextProcessed(), sinks.processed),
      this.#drain(() => run.nextFailed(), sinks.failed),
      inputs.length > 0 && this.#feed(run, inputs),
    ]);
    // It may also fail first, before it is awaited.
    around.catch(() => undefined);

    try {
      const metrics = await run.finished();
      await around;
      // The last bytes may have been refused after the stages ended.
      if (this.#storageError) throw this.#storageError;
      const [processed, failed] = [
        await finish(sinks.processed, isMeasured ? 0 : metrics.processed_bytes),
        await finish(sinks.failed, isMeasured ? 0 : metrics.failed_bytes),
      ];
      await this.#events.end();
      sendIds();
      const end = clock();
      run.free();
      return {
        ...{ metrics, processed, failed, ...end },
        memory: memory.buffer.byteLength,
        storage: sinks.storage,
        notes: this.#notes,
      };
    } catch (error) {
      // A failed engine doesn't return anything any more and can't be cleaned up.
      if (!isEngineError(error)) {
        await around.catch(() => undefined);
        await this.#events.end();
        sendIds();
        run.free();
      }
      discard();
      throw this.#storageError ?? error;
    } finally {
      clearTimeout(timer);
      this.#events.stop();
      this.#run = undefined;
    }
  }

  /** Returns why the run ended without a result. */
  failureOf(error: unknown): Failure {
    const problems = problemsOf(error);
    if (problems) return { reason: 'config', problems };
    if (isEngineError(error)) return { reason: 'engine', ...engineFailureOf(error) };
    if (this.#aborted) return { reason: 'aborted' };
    return { reason: 'run', message: rawText(error) };
  }

  async #drain(
    next: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
    sink: Sink,
  ): Promise<void> {
    for (;;) {
      const chunk = await next();
      if (!chunk) return;
      // After an error keep draining, or the run would wait forever.
      if (this.#storageError) continue;
      try {
        sink.write(chunk);
        await sink.ready();
      } catch (error) {
        // Don't produce more that can't be stored.
        this.#run?.abort();
        this.#storageError ??= await asStorageError(error);
      }
    }
  }

  async #feed(run: EngineRun, inputs: readonly RunFile[]): Promise<void> {
    for (const { name, blob } of inputs) {
      run.beginInput(name);
      try {
        if (!(await feed(blob, (chunk) => run.feed(chunk)))) break;
      } catch (error) {
        const what = inputs.length > 1 && name !== null ? `the file ${name}` : 'the file';
        run.failInput(`${what} can’t be read: ${whyUnreadable(error)}`);
        return;
      }
    }
    run.endInput();
  }

  #stopAtLimit(): void {
    this.#run?.stop();
    this.#notes.push(
      `The run was stopped when its results had ${MEMORY_LIMIT / 2 ** 20} MiB: that is how much this page keeps in ` +
        'memory, and the browser gives it no room on disk here. Both files are complete up to there.',
    );
  }
}

/** Finishes a file and checks that its size is what the engine has written. */
async function finish(sink: Sink, bytes: number): Promise<Blob> {
  let file: Blob;
  try {
    file = await sink.finish();
  } catch (error) {
    throw await asStorageError(error);
  }
  if (sink.size === bytes && file.size === bytes) return file;
  throw new StorageError(
    `the results can’t be stored: one of the files has ${file.size} bytes, and the engine has written ${bytes}`,
  );
}
