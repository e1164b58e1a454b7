// A run from the page's point of view: how to control it, and how it ends.

import { stopped } from './engine-failure';
import type { EngineProblem } from './problems';
import type { PartialConfig } from './partial';
import type { Failure, Progress, RunFile, RunResult } from './protocol';

/** Why a run has no result. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(
      failure.reason === 'config'
        ? failure.problems.map(({ path, text }) => `${path} ${text}`.trim()).join('\n')
        : failure.reason === 'aborted'
          ? 'the run was aborted'
          : failure.reason === 'engine'
            ? stopped(failure)
            : failure.message,
    );
    this.failure = failure;
  }
}

/** A run that was started. */
export interface RunHandle {
  /** Pauses the run: every worker keeps what it has. */
  pause(): void;
  resume(): void;
  /** While paused: continues until one more record is finished. During a step: until yet another one is. */
  step(): void;
  /** Changes what can be changed during a run: the numbers of workers, service times, rate and burst. */
  adjust(config: PartialConfig): void;
  /** On the virtual clock: sets the maximum number of simulated seconds per real second; 0 for no limit. */
  pace(factor: number): void;
  /** Ends the source. What is in flight is finished, and the files are complete. */
  stop(): void;
  /** Ends everything immediately, without a result. */
  abort(): void;
  /** Rejects with a [`RunFailed`]. */
  readonly finished: Promise<RunResult>;
}

export interface RunOptions {
  /** The inputs, in order. Without any, records are generated. */
  inputs?: readonly RunFile[];
  onprogress?: (progress: Progress) => void;
  /** Receives the events of a traced run, packed as documented in `crates/core/src/trace/event.rs`. */
  onevents?: (words: BigUint64Array) => void;
  /** Receives alternating numbers and ids of traced records of the inputs. */
  onids?: (ids: (number | string)[]) => void;
  /** Receives the problems of a configuration passed to [`RunHandle.adjust`]. */
  onnotadjusted?: (problems: EngineProblem[]) => void;
  /** For benchmarks: both results are empty, and there is no progress. */
  discard?: boolean;
  /** For previews: the results are kept in memory, and those of the previous run remain. */
  preview?: boolean;
}
