// A run as the page has it: how it is told what to do, and how it ends.

import { stopped } from './engine-failure';
import type { Problem } from './problems';
import type { PartialConfig } from './partial';
import type { Failure, Progress, RunFile, RunResult } from './protocol';

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
          : failure.reason === 'engine'
            ? stopped(failure)
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
  /** While paused: goes on until one record more is finished; in a step, for one more after that. */
  step(): void;
  /** Changes what can be changed while it goes on: the numbers of workers, service times, rate and burst. */
  adjust(config: PartialConfig): void;
  /** On the virtual clock: simulated seconds for each real one, at most; 0 for as many as there can be. */
  pace(factor: number): void;
  /** Ends the source; what is in flight is finished, and the files are complete. */
  stop(): void;
  /** Ends everything at once; there is no result. */
  abort(): void;
  /** Rejects with a [`RunFailed`]. */
  readonly finished: Promise<RunResult>;
}

export interface RunOptions {
  /** What is processed, in this order; without any, records are generated. */
  inputs?: readonly RunFile[];
  onprogress?: (progress: Progress) => void;
  /** Takes the events of a run that is traced, packed as `crates/core/src/trace/event.rs` says. */
  onevents?: (words: BigUint64Array) => void;
  /** Takes numbers and ids of traced records of the inputs, in turn. */
  onids?: (ids: (number | string)[]) => void;
  /** What is wrong with a configuration that [`RunHandle.adjust`] was given. */
  onnotadjusted?: (problems: Problem[]) => void;
  /** To be measured: both results are empty, and there is no progress. */
  discard?: boolean;
  /** Only to look at what comes out: it is kept in memory, and the results of the run before stay. */
  preview?: boolean;
}
