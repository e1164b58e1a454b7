// What the page knows and can do: the engine, the settings, the run. The panels show it and change it.

import { LastSecond } from './activity';
import { Engine, RunFailed } from './engine/client';
import type { RunHandle } from './engine/client';
import type { Metrics } from './engine/generated/Metrics';
import type { Problem } from './engine/problems';
import type { EngineInfo, Failure, RunResult } from './engine/protocol';
import { stemOf } from './settings/file';
import { guessMapping } from './settings/mapping';
import { openingRun, positionOf, toConfig } from './settings/settings';
import type { Settings } from './settings/settings';
import { fileStart } from './settings/table-start';
import type { FileStart } from './settings/table-start';
import { tryRecords } from './settings/trial';
import type { Trial } from './settings/trial';
import { onPage } from './settings/words';

/** `stopping`: the source has ended, and what is in flight is being finished. */
export type Phase = 'idle' | 'running' | 'paused' | 'stopping';

/** The figures of a moment. */
export interface Figures {
  metrics: Metrics;
  /** Those of a second ago while the run goes on, for what happens now; none for the whole run. */
  before: Metrics | undefined;
  /** The size of the engine's memory in bytes. */
  memory: number;
}

/** What was processed: the user's file, or null for generated records. */
export interface RunInput {
  file: File | null;
  /** How many records there will be, where that is known. */
  records: number | null;
}

export class Session {
  readonly engine = new Engine();
  /** The engine that runs; null while it is being started. */
  info = $state.raw<EngineInfo | null>(null);
  /** Why there is no engine. */
  engineError = $state<string | null>(null);

  settings = $state(openingRun());
  file = $state.raw<File | null>(null);
  /** The beginning of the file, once it was looked at. */
  start = $state.raw<FileStart | null>(null);
  /** The mapping that was guessed for it. */
  guess = $state('');
  problems = $state.raw<Problem[]>([]);

  phase = $state<Phase>('idle');
  input = $state.raw<RunInput | null>(null);
  figures = $state.raw<Figures | null>(null);
  result = $state.raw<RunResult | null>(null);
  /** How many runs have had a result. */
  runs = $state(0);
  failure = $state.raw<Failure | null>(null);

  #run: RunHandle | undefined;
  #trial: Promise<unknown> = Promise.resolve();
  #checks = 0;

  constructor() {
    this.engine.onstarted = (info) => {
      this.info = info;
      this.engineError = null;
    };
    void this.engine.start().catch((error: unknown) => {
      this.engineError = error instanceof Error ? error.message : String(error);
    });
  }

  get isRunning(): boolean {
    return this.phase !== 'idle';
  }

  /** Finds out what is wrong with the settings; the answer of the last call counts. */
  async check(): Promise<Problem[]> {
    this.#checks += 1;
    const check = this.#checks;
    const { config, problems } = this.#configOf($state.snapshot(this.settings));
    // Without an engine the page says so already.
    const found = await this.engine.check(config).catch(() => []);
    const all = [...problems, ...found.map(onPage)].sort(
      (a, b) => positionOf(a.path) - positionOf(b.path),
    );
    if (check === this.#checks) this.problems = all;
    return all;
  }

  #configOf(settings: Settings) {
    return toConfig(settings, this.file?.name ?? null, this.start?.table?.delimiter);
  }

  problemsAt(path: string): Problem[] {
    return this.problems.filter((problem) => problem.path === path);
  }

  /** Takes a file of the user's as the source, and looks what it is. */
  async choose(file: File): Promise<void> {
    // A mapping that came with a link is for the file that is chosen first.
    const isAwaited = this.file === null && this.settings.source === 'file';
    this.file = file;
    this.start = null;
    this.settings.source = 'file';
    if (!isAwaited) this.settings.mapping = '';
    this.guess = '';
    await this.look();
  }

  /** Looks at the beginning of the file, as it is to be read now; what the user has mapped stays. */
  async look(): Promise<void> {
    const { file, settings } = this;
    if (!file) return;
    const { format, delimiter } = settings;
    // A file that can't be read says so when it is run.
    const start = await fileStart(file, { format, delimiter }).catch(() => null);
    if (this.file !== file) return;
    this.start = start;
    const isGuess = this.settings.mapping === this.guess;
    this.guess = start?.table ? guessMapping(start.table.rows, stemOf(file.name)) : '';
    if (isGuess) this.settings.mapping = this.guess;
  }

  /** What becomes of the first records of the file; null while that can't be known. */
  async try(): Promise<Trial | null> {
    const { start } = this;
    const { config, problems } = this.#configOf($state.snapshot(this.settings));
    if (!start || this.isRunning || problems.length > 0) return null;
    // One after the other: the engine does one thing at a time.
    const trial = this.#trial.then(() =>
      tryRecords(this.engine, config, start, () => !this.isRunning && this.start === start),
    );
    this.#trial = trial.catch(() => undefined);
    const found = await trial;
    return found && 'problems' in found ? { problems: found.problems.map(onPage) } : found;
  }

  /** Runs the pipeline, unless something is wrong with the settings. Whether it did. */
  async run(): Promise<boolean> {
    if (this.isRunning) return false;
    const settings = $state.snapshot(this.settings);
    const file = settings.source === 'file' ? this.file : null;
    this.phase = 'running';
    if ((await this.check()).length > 0) {
      this.phase = 'idle';
      return false;
    }

    await this.#trial;
    const { config } = this.#configOf(settings);
    this.input = { file, records: file ? null : (settings.records ?? 50) };
    this.figures = null;
    this.result = null;
    this.failure = null;
    const lastSecond = new LastSecond();
    this.#run = this.engine.run(config, {
      input: file,
      onprogress: ({ metrics, memory }) => {
        const before = lastSecond.add(performance.now(), metrics);
        this.figures = { metrics, memory, before };
      },
    });
    try {
      const result = await this.#run.finished;
      this.figures = { metrics: result.metrics, memory: result.memory, before: undefined };
      this.result = result;
      this.runs += 1;
    } catch (error) {
      this.failure =
        error instanceof RunFailed ? error.failure : { reason: 'engine', message: String(error) };
      if (this.failure.reason === 'config') this.problems = this.failure.problems.map(onPage);
      // The next run needs an engine, and the user should see that there is one.
      if (this.failure.reason === 'engine') void this.engine.start().catch(() => undefined);
    } finally {
      this.phase = 'idle';
      this.#run = undefined;
    }
    return true;
  }

  pause(): void {
    this.#run?.pause();
    this.phase = 'paused';
  }

  resume(): void {
    this.#run?.resume();
    this.phase = 'running';
  }

  stop(): void {
    this.#run?.stop();
    this.phase = 'stopping';
  }

  abort(): void {
    this.#run?.abort();
  }
}
