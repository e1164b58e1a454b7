// The state and the operations of the page: the engine, the settings, the run. Panels display and change it.

import { tick } from 'svelte';
import { isLogFile } from './log-file/is-log-file';
import { LogNotOpened } from './log-file/not-opened';
import { openLog } from './log-file/open';
import { Engine, RunFailed } from './engine/client';
import type { RunHandle } from './engine/client';
import type { EngineHost } from './engine/host';
import { EngineEnded, internalError, rawText } from './engine/engine-failure';
import type { EngineFailure } from './engine/engine-failure';
import type { Field } from './engine/generated/Field';
import type { Metrics } from './engine/generated/Metrics';
import type { Problem } from './engine/problems';
import type { TableStart } from './engine/generated/TableStart';
import type { FileHead, EngineInfo, Failure, Progress } from './engine/protocol';
import type { ReadOptions, RunResult } from './engine/protocol';
import { FollowedRecord } from './followed.svelte';
import { listed } from './format';
import { withDefaults } from './recording/merge';
import type { Recording } from './recording/recording';
import { Screen } from './screen.svelte';
import { FIELDS, guessText, missingFields } from './settings/mapping';
import { liveConfig, same, withLiveOf, withoutLive } from './settings/live';
import { toConfig } from './settings/config';
import { fromConfig } from './settings/from-config';
import type { FromConfig } from './settings/from-config';
import { positionOf } from './settings/labels';
import { openingRun } from './settings/settings';
import type { Settings } from './settings/settings';
import { checkFile } from './settings/check-file';
import type { ReadHead } from './settings/check-file';
import { previewRecords } from './settings/preview';
import type { PreviewResult } from './settings/preview';
import { toPageProblem } from './settings/hints';
import { visible } from './visible';

/** `stopping`: the source has ended, and what is in flight is being finished. */
export type Phase = 'idle' | 'running' | 'paused' | 'stopping';

/** The current metrics of a run. */
export interface CurrentMetrics {
  metrics: Metrics;
  /**
   * The metrics of a second before, on the run's clock; undefined once it has ended, when figures are about the whole
   * run.
   */
  before: Metrics | undefined;
  /** The size of the engine's memory in bytes. */
  memory: number;
}

/** The input of a run: the user's files, or none if records are generated. */
export interface RunInput {
  files: readonly File[];
  /** How many records there will be, if known. */
  records: number | null;
}

/** How many of the chosen files are inspected before a run, and how many refusals are listed. */
const [MAX_INSPECTED, MAX_REFUSALS] = [100, 5];

/** How long it is said that a log is on screen, in milliseconds. */
const SAID_IN_PASSING = 10_000;

/** How much of a file is inspected, in bytes. */
const INSPECTED_BYTES = 64 * 1024;

/** About how many records are traced per second at most: what the page can easily keep up with. */
const MAX_TRACE_RATE = 2500;

/** An inspection of files that takes longer than this is announced, in milliseconds. */
const QUICK_INSPECTION = 300;

/** If no event has arrived for this long after a pause, none is on its way, in milliseconds. */
const SETTLED = 200;

/** How many paths are listed that have no control. */
const MAX_LISTED = 5;

/** Says what of a log's settings a run on this page wouldn't have; empty if it would have all of them. */
function withoutControls(paths: readonly string[]): string {
  if (paths.length === 0) return '';
  const names = paths.slice(0, MAX_LISTED).map(visible);
  if (paths.length > MAX_LISTED) names.push(`${paths.length - MAX_LISTED} more`);
  return ` A run here would go differently: the page has no control for ${listed(names)}.`;
}

/** Moves the focus to the problems, once they are displayed. */
async function focusProblems(): Promise<void> {
  await tick();
  document.getElementById('problems')?.focus();
}

export class Session {
  readonly engine: Engine;
  /** The running engine; null while it is starting. */
  info = $state.raw<EngineInfo | null>(null);
  /** Why there is no engine. */
  engineError = $state.raw<EngineFailure | null>(null);
  /** What happened to the previous engine, unless the failure of a run already explains it. */
  engineNotice = $state.raw<EngineFailure | null>(null);

  settings = $state(openingRun());
  /** The user's files, in the order in which they are read. */
  files = $state.raw<readonly File[]>([]);
  /** The start of each file, once it has been inspected. */
  starts = $state.raw<readonly (FileHead | null)[]>([]);
  /** The index of the file whose first records are previewed. */
  inspectedIndex = $state(0);
  /** The mapping that was guessed for it. */
  guess = $state('');
  /** The fields of that mapping whose column was recognised by its values alone. */
  guessedByValues = $state.raw<readonly Field[]>([]);
  problems = $state.raw<Problem[]>([]);
  /** Whether a run was asked for since the log on screen was opened. */
  #isRunAskedFor = $state(true);

  phase = $state<Phase>('idle');
  /** Whether a benchmark or a simulation is using the engine, which does nothing else in the meantime. */
  measuring = $state(false);
  /** Whether that is the benchmark, which takes long enough to be told. */
  isBenchOn = $state(false);
  /** Whether a run was requested before the engine could begin it. It begins as soon as possible. */
  isQueued = $state(false);
  input = $state.raw<RunInput | null>(null);
  currentMetrics = $state.raw<CurrentMetrics | null>(null);
  result = $state.raw<RunResult | null>(null);
  /** How many runs have had a result. */
  runs = $state(0);
  failure = $state.raw<Failure | null>(null);
  /** A message about an opened event log or refused files. */
  notice = $state<string | null>(null);
  /** A message while chosen files are being inspected, if that takes a while. */
  inspecting = $state<string | null>(null);
  /** The last run as displayed. */
  readonly screen = new Screen();
  /** The run on this page before the one on screen. */
  previous = $state.raw<Recording | null>(null);
  /** The settings with which the last run on this page began. */
  #begunSettings = $state.raw<Settings | null>(null);
  /** The settings of the log on screen, and what of its configuration isn't in them. */
  #logged = $state.raw<FromConfig | null>(null);
  /** The record that is followed. */
  readonly followed = new FollowedRecord(this);

  #run: RunHandle | undefined;
  /** Whether the next run on a virtual clock isn't held to the speed on screen. */
  #isAtOnce = false;
  /** The latest progress of the run. */
  #progress: Progress | null = null;
  /** The live settings last sent to the run. */
  #lastSentConfig = '';
  /** The problems of the last run's input, and a key of what was run. */
  #inputProblems: { what: string; problems: Problem[] } | null = null;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when the run is over. */
  #runEnded: Promise<unknown> = Promise.resolve();
  #preview: Promise<unknown> = Promise.resolve();
  #checks = 0;
  /** The latest check whose answer has come. */
  #answeredCheck = 0;
  /** Counts choices of what to run; the last one counts. */
  #runChoices = 0;
  /** Counts choices of files, or of settings without files; the last one counts. */
  #sourceChoices = 0;
  /** Counts inspections of the files; the last answer counts. */
  #inspections = 0;
  /** How the files were read when they were inspected. */
  #reading = '';
  /** Files whose inspection ended the engine, and which were inspected again. */
  readonly #retried = new WeakSet<Blob>();
  /** Second inspections run one after the other. */
  #retries: Promise<unknown> = Promise.resolve();

  constructor(host: EngineHost) {
    this.engine = new Engine(host);
    this.engine.onstarted = (info) => {
      this.info = info;
      this.engineError = null;
      this.#beginQueued();
    };
    this.engine.onbroken = (failure) => {
      this.info = null;
      this.engineNotice = failure;
    };
    this.engine.onfailed = (failure) => {
      this.info = null;
      this.engineError = failure;
      this.isQueued = false;
    };
    void this.engine.start().catch(() => undefined);
  }

  /** What happened to an engine that failed. */
  get engineStopped(): string {
    if (this.engineError !== null) return 'The engine stopped.';
    return this.info === null
      ? 'The engine stopped and is being started again.'
      : 'The engine stopped and has been started again.';
  }

  get isRunning(): boolean {
    return this.phase !== 'idle';
  }

  /** Whether what is on screen, if anything, is a run with the present settings. */
  get isOnScreen(): boolean {
    if (this.screen.recording === null) return true;
    const settings = this.settingsOnScreen;
    return settings ? same(settings, $state.snapshot(this.settings)) : false;
  }

  /** The settings of what is on screen; null if there is nothing. */
  get settingsOnScreen(): Settings | null {
    const { recording } = this.screen;
    if (recording === null) return null;
    return recording.origin === 'file' ? (this.#logged?.settings ?? null) : this.#begunSettings;
  }

  /** Whether a run with these settings is on screen that has ended; it may have begun with others. */
  get isFinishedOnScreen(): boolean {
    const { recording } = this.screen;
    if (recording === null || recording.origin === 'live') return false;
    if (this.isOnScreen) return true;
    const begun = this.#begunSettings;
    if (recording.origin !== 'over' || recording.changes.length === 0 || !begun) return false;
    const settings = $state.snapshot(this.settings);
    const isOfLast = JSON.stringify(liveConfig(settings)) === this.#lastSentConfig;
    return isOfLast && same(withLiveOf(begun, settings), settings);
  }

  /** Whether what is on screen is a run that these settings bring back, event for event. */
  get isReproducible(): boolean {
    const { runtime, source } = this.settings;
    const isWhole = !this.areOfLog || this.#logged?.leftOut.length === 0;
    // Settings that were changed on the way are another run from the beginning, and the settings don't say that it was
    // stopped.
    const { changes = [], finalMetrics } = this.screen.recording ?? {};
    const isSteady = changes.length === 0 && !finalMetrics?.stopped;
    return (
      this.isOnScreen && runtime === 'virtual' && source === 'generator' && isWhole && isSteady
    );
  }

  /** Whether the present settings are those of the event log on screen. */
  get areOfLog(): boolean {
    return this.screen.recording?.origin === 'file' && this.isOnScreen;
  }

  /** Checks the settings. If called repeatedly, an answer counts until that of a later call. */
  async check(): Promise<Problem[]> {
    this.#checks += 1;
    const check = this.#checks;
    const { config, problems } = this.#configOf($state.snapshot(this.settings));
    // If there is no engine, the page already says so.
    const found = await this.engine.check(config).catch(() => []);
    const all = [...problems, ...this.#missingProblems, ...found.map(toPageProblem)].sort(
      (a, b) => positionOf(a.path) - positionOf(b.path),
    );
    if (check > this.#answeredCheck) {
      this.#answeredCheck = check;
      // Problems that the last run found in the input hold until the input or a setting changes.
      const isSame = this.#inputProblems?.what === this.#runKey();
      this.problems = isSame ? [...all, ...(this.#inputProblems?.problems ?? [])] : all;
    }
    return all;
  }

  /** The fields that the table doesn't provide yet. */
  get missing(): Field[] {
    const { settings } = this;
    if (settings.source !== 'file') return [];
    const missing = this.#tables.flatMap(({ header }) => missingFields(settings.mapping, header));
    return FIELDS.filter((field) => missing.includes(field));
  }

  get #missingProblems(): Problem[] {
    const { missing } = this;
    if (missing.length === 0) return [];
    const text = `without an origin: ${listed(missing)}; choose a column for ${missing.length > 1 ? 'each' : 'it'}, or the same for all`;
    return [{ path: 'input.fields', text }];
  }

  /** Identifies what a run would process, to detect changes. */
  #runKey(): string {
    const files = this.files.map(({ name, lastModified }) => [name, lastModified]);
    return JSON.stringify([this.settings, files]);
  }

  #configOf(settings: Settings) {
    const { files } = this;
    return toConfig(settings, files[0]?.name ?? null, this.#delimiter, files.length > 1);
  }

  /** The delimiter of all tables: there is a single setting for them. */
  get #delimiter(): string | undefined {
    const [first, ...others] = this.#tables.map(({ delimiter }) => delimiter);
    return others.every((other) => other === first) ? first : undefined;
  }

  /** The inspected file. */
  get file(): File | null {
    return this.files[this.inspectedIndex] ?? null;
  }

  /** The start of the inspected file. */
  get start(): FileHead | null {
    return this.starts[this.inspectedIndex] ?? null;
  }

  get #tables(): TableStart[] {
    return this.starts.flatMap((start) => start?.table ?? []);
  }

  /** The table that a mapping is made for: the inspected file, or the first file that is a table. */
  get table(): TableStart | null {
    return this.start?.table ?? this.#tables[0] ?? null;
  }

  /** The problems to tell. That the user's file isn't there concerns nobody who only looks at a log. */
  get toldProblems(): Problem[] {
    if (!this.areOfLog || this.#isRunAskedFor) return this.problems;
    return this.problems.filter(({ path }) => path !== 'input.file');
  }

  problemsAt(path: string): Problem[] {
    return this.problems.filter((problem) => problem.path === path);
  }

  /** Takes the user's files as the source and inspects them. If called repeatedly, the last choice counts. */
  async choose(chosen: readonly File[]): Promise<void> {
    const isLast = this.#nextChoice();
    this.notice = null;
    // The engine may be starting or running a benchmark.
    const timer = setTimeout(() => {
      if (isLast()) this.inspecting = `Looking at the ${chosen.length > 1 ? 'files' : 'file'}…`;
    }, QUICK_INSPECTION);
    try {
      await this.#choose(chosen, isLast);
    } finally {
      clearTimeout(timer);
      if (isLast()) this.inspecting = null;
    }
  }

  /** Cancels a pending choice. Returns a function that tells whether the new choice is still the last one. */
  #nextChoice(): () => boolean {
    this.#sourceChoices += 1;
    const choice = this.#sourceChoices;
    this.inspecting = null;
    return () => choice === this.#sourceChoices;
  }

  async #choose(chosen: readonly File[], isLast: () => boolean): Promise<void> {
    const [first, ...more] = chosen;
    if (first && more.length === 0 && (await isLogFile(first).catch(() => false))) {
      const name = visible(first.name);
      const done = `${name}: an event log, recorded elsewhere, is on screen, with its settings.`;
      try {
        await this.#openLog(first, { done }, isLast);
      } catch (error) {
        if (!(error instanceof LogNotOpened)) throw error;
        this.notice = `${name} can’t be read: ${error.message}.`;
      }
      return;
    }
    // The mapping and the encoding from a link belong to the files that are chosen first.
    const isAwaited = this.files.length === 0 && this.settings.source === 'file';
    const encoding = isAwaited ? this.settings.encoding : 'auto';
    const reading = { ...this.#currentReading, encoding };
    const known: (FileHead | null)[] = [];
    const files: File[] = [];
    const refusals: string[] = [];
    for (const file of chosen) {
      const found = await checkFile(file, reading, this.#readHead);
      if (!isLast()) return;
      if ('refusal' in found) {
        refusals.push(found.refusal);
        continue;
      }
      files.push(file);
      if (files.length <= MAX_INSPECTED) known.push(found.head);
    }
    if (refusals.length > 0) {
      const more = refusals.length - MAX_REFUSALS;
      const named = refusals.slice(0, MAX_REFUSALS).map(visible).join(' ');
      this.notice = more > 0 ? `${named} And ${more} more could not be taken.` : named;
    }
    // Keep what was chosen before.
    if (files.length === 0) return;
    this.files = files;
    this.starts = [];
    this.inspectedIndex = 0;
    this.settings.source = 'file';
    this.settings.encoding = encoding;
    if (!isAwaited) this.settings.mapping = '';
    this.guess = '';
    await this.#inspectFiles(known, JSON.stringify(reading));
  }

  /**
   * Shows the event log of a link. A run in progress is aborted first, without results. Returns whether it is on screen:
   * if something else is chosen or begun meanwhile, that counts.
   *
   * @param unpack returns the log; what it throws is thrown
   * @param mostEvents a log with more isn't read
   * @throws LogNotOpened if it can't be read
   */
  async openLinked(unpack: () => Promise<Blob>, mostEvents: number): Promise<boolean> {
    this.#runChoices += 1;
    const choice = this.#runChoices;
    const isNewest = this.#nextChoice();
    const isLast = () => isNewest() && choice === this.#runChoices;
    const linked = $state.snapshot(this.settings);
    const log = await unpack();
    if (!isLast()) return false;
    this.isQueued = false;
    this.notice = null;
    const ended = this.isRunning ? ' The run that went on was aborted.' : '';
    this.#run?.abort();
    await this.#runEnded;
    const done = `The run is on screen as it was recorded: the link has its events.${ended}`;
    if (!(await this.#openLog(log, { done, mostEvents }, isLast))) return false;
    const { recording } = this.screen;
    if (this.#logged && recording && recording.config.input.file !== null) {
      // What was detected of the files is in the log, and not in the link, which stays as it is.
      this.settings = linked;
      this.#logged = { ...this.#logged, settings: linked };
    }
    return true;
  }

  /**
   * Shows an event log that was recorded elsewhere, perhaps natively. Returns whether it is on screen.
   *
   * @param done what is said then, if nothing is wrong with it
   * @throws LogNotOpened if it can't be read
   */
  async #openLog(
    file: Blob,
    { done, mostEvents = Infinity }: { done: string; mostEvents?: number },
    isLast: () => boolean,
  ): Promise<boolean> {
    if (this.isRunning || !isLast()) return false;
    // What is chosen or started in the meantime takes precedence.
    const isWanted = () => this.phase === 'idle' && isLast();
    try {
      const opened = await openLog(await this.engine.openLog(file), isWanted, mostEvents);
      if (!opened || !isWanted()) return false;
      const { recording, marks, warning } = opened;
      this.currentMetrics = null;
      this.result = null;
      this.failure = null;
      this.screen.open(recording);
      this.screen.marks = marks;
      const logged = fromConfig(recording.config);
      this.#logged = logged;
      this.#isRunAskedFor = false;
      this.settings = structuredClone(logged.settings);
      const differs = withoutControls(logged.leftOut);
      if (warning === null && differs === '') this.#sayInPassing(done);
      else this.notice = warning ?? `${done}${differs}`;
      return true;
    } catch (error) {
      if (!isWanted()) return false;
      throw LogNotOpened.because(error);
    }
  }

  /** Says something that nobody has to react to. */
  #sayInPassing(text: string): void {
    this.notice = text;
    setTimeout(() => {
      if (this.notice === text) this.notice = null;
    }, SAID_IN_PASSING);
  }

  /** If the engine ends during the inspection, another engine tries again: a different file may have been the cause. */
  readonly #readHead: ReadHead = async (file, reading) => {
    const read = async () => {
      const head = await this.engine.readHead(file, INSPECTED_BYTES, reading);
      this.#retried.delete(file);
      return head;
    };
    try {
      return await read();
    } catch (error) {
      const isAgain = error instanceof EngineEnded && this.engineError === null;
      if (!isAgain || this.#retried.has(file)) throw error;
      this.#retried.add(file);
      const again = this.#retries.then(() => {
        if (this.engineError !== null) throw error;
        return read();
      });
      this.#retries = again.catch(() => undefined);
      return await again;
    }
  };

  /** Removes a file again. */
  async remove(file: File): Promise<void> {
    const at = this.files.indexOf(file);
    this.files = this.files.filter((other) => other !== file);
    this.starts = this.starts.filter((_, other) => other !== at);
    this.inspectedIndex = Math.max(0, Math.min(this.inspectedIndex, this.files.length - 1));
    await this.inspectFiles();
  }

  /** How the settings say that files are to be read. */
  get #currentReading(): ReadOptions {
    const { format, encoding, delimiter } = this.settings;
    return { format, encoding, delimiter };
  }

  /** Inspects the starts of the files with the current settings. Keeps the user's mapping. */
  inspectFiles(): Promise<void> {
    return this.#inspectFiles(this.starts, this.#reading);
  }

  /**
   * @param known starts that are known already; null if one can't be known
   * @param reading how these were read, as JSON
   */
  async #inspectFiles(known: readonly (FileHead | null)[], reading: string): Promise<void> {
    this.#inspections += 1;
    const inspection = this.#inspections;
    const { files } = this;
    const current = this.#currentReading;
    const isSame = JSON.stringify(current) === reading;
    const starts = await Promise.all(
      files.slice(0, MAX_INSPECTED).map(async (file, at) => {
        const head = isSame ? known[at] : undefined;
        // A file that can't be read is reported by the run.
        return head === undefined ? await this.#readHead(file, current).catch(() => null) : head;
      }),
    );
    if (this.files !== files || inspection !== this.#inspections) return;
    this.starts = starts;
    this.#reading = JSON.stringify(current);
    const isGuess = this.settings.mapping === this.guess;
    const guess = this.#tables[0]?.guess ?? [];
    this.guess = guessText(guess);
    this.guessedByValues = guess.filter(({ by_values }) => by_values).map(({ field }) => field);
    if (isGuess) this.settings.mapping = this.guess;
  }

  /** Previews the first records of the file; null while that isn't possible. */
  async preview(): Promise<PreviewResult | null> {
    const { start } = this;
    const settings = $state.snapshot(this.settings);
    // Even if there are several files, one is previewed on its own, in the format that its name implies.
    const { config, problems } = toConfig(settings, this.file?.name ?? null, this.#delimiter);
    if (!start || this.isRunning || this.measuring || problems.length > 0) return null;
    // One after the other: the engine does one thing at a time.
    const preview = this.#preview.then(() =>
      previewRecords(
        this.engine,
        config,
        start,
        () => !this.isRunning && !this.measuring && this.start === start,
      ),
    );
    this.#preview = preview.catch(() => undefined);
    return preview;
  }

  /**
   * Begins a run, or reports what is wrong with the settings. While the engine is starting or running a benchmark, the
   * run is queued; a second call cancels it.
   */
  begin(): void {
    if (this.isRunning) return;
    if (this.info === null || this.measuring) {
      this.isQueued = !this.isQueued && this.engineError === null;
      if (!this.isQueued) this.#isAtOnce = false;
      return;
    }
    void this.run().then((ran) => (ran ? undefined : focusProblems()));
  }

  #beginQueued(): void {
    if (!this.isQueued || this.isRunning) return;
    this.isQueued = false;
    this.begin();
  }

  /**
   * Begins a run with other settings. A run in progress is aborted first, without results.
   *
   * @param isAtOnce whether a virtual clock isn't held to the speed on screen
   */
  async beginWith(settings: Settings, isAtOnce = false): Promise<void> {
    this.#runChoices += 1;
    const choice = this.#runChoices;
    this.#nextChoice();
    this.settings = settings;
    this.#run?.abort();
    await this.#runEnded;
    // If others were chosen in the meantime, the last one counts.
    if (choice !== this.#runChoices) return;
    this.isQueued = false;
    this.#isAtOnce = isAtOnce;
    this.begin();
  }

  /** Runs the pipeline unless something is wrong with the settings. Returns whether it did. */
  run(): Promise<boolean> {
    if (this.isRunning || this.measuring) return Promise.resolve(false);
    const run = this.#runOnce();
    this.#runEnded = run;
    return run;
  }

  /**
   * Reserves the engine for a benchmark or for simulations. Does nothing during a run.
   *
   * @param isBench whether the page says that a benchmark has the engine
   */
  async measure(work: (engine: Engine) => Promise<void>, isBench = false): Promise<void> {
    if (this.isRunning || this.measuring) return;
    this.measuring = true;
    this.isBenchOn = isBench;
    try {
      await this.#preview;
      await work(this.engine);
    } finally {
      this.measuring = false;
      this.#beginQueued();
    }
  }

  async #runOnce(): Promise<boolean> {
    this.#isRunAskedFor = true;
    const what = this.#runKey();
    const choice = this.#runChoices;
    const settings = $state.snapshot(this.settings);
    const files = settings.source === 'file' ? this.files : [];
    const isAtOnce = this.#isAtOnce;
    this.#isAtOnce = false;
    this.phase = 'running';
    this.engineNotice = null;
    if ((await this.check()).length > 0) {
      this.phase = 'idle';
      return false;
    }

    await this.#preview;
    if (choice !== this.#runChoices) {
      // Other settings were chosen before it could begin.
      this.phase = 'idle';
      return true;
    }
    const { config } = this.#configOf(settings);
    config.trace = { enabled: true, rate: MAX_TRACE_RATE };
    this.input = { files, records: files.length > 0 ? null : (settings.records ?? 50) };
    this.currentMetrics = null;
    this.result = null;
    this.failure = null;
    this.notice = null;
    this.#progress = null;
    this.#lastSentConfig = JSON.stringify(liveConfig(settings));
    const defaults = this.info?.defaults ?? (await this.engine.start().catch(() => null))?.defaults;
    if (!defaults) {
      // The status of the engine explains why.
      this.phase = 'idle';
      return true;
    }
    const known = withDefaults(config, defaults);
    const names = files.map(({ name }) => name);
    const full = {
      ...known,
      input: { ...known.input, file: names.length > 0 ? names : null },
    };
    const { recording: before } = this.screen;
    if (before?.origin === 'over') this.previous = before;
    const recording = this.screen.begin(full, () => this.#runTime());
    this.#begunSettings = settings;
    this.#run = this.engine.run(config, {
      inputs: files.map((file) => ({ name: file.name, blob: file })),
      onprogress: (progress) => {
        const { metrics, memory } = progress;
        this.#progress = progress;
        recording.addSnapshot(metrics);
        this.currentMetrics = { metrics, memory, before: recording.secondBefore(metrics) };
      },
      onevents: (words) => {
        recording.log.add(words, this.#logTime());
        this.screen.follow();
        // It is called on each frame, mostly without events.
        if (this.phase === 'paused' && words.length > 0) this.#settleSoon();
      },
      onids: (ids) => {
        recording.ids.add(ids);
      },
      onnotadjusted: (problems) => {
        // The run continues unchanged.
        recording.retract();
        this.problems = problems.map(toPageProblem);
      },
    });
    if (this.#isVirtual) this.#run.pace(isAtOnce || settings.pace === 'at-once' ? 0 : 1);
    // Forward what was pressed before there was a run.
    this.#repeat(this.phase);
    try {
      const result = await this.#run.finished;
      this.screen.end(result.metrics);
      this.currentMetrics = { metrics: result.metrics, memory: result.memory, before: undefined };
      this.result = result;
      this.runs += 1;
    } catch (error) {
      this.screen.end(null);
      this.failure =
        error instanceof RunFailed
          ? error.failure
          : { reason: 'engine', ...internalError(rawText(error)) };
      // The failure of the run already explains it. If another engine fails later, that is reported
      // too.
      if (this.failure.reason === 'engine') this.engineNotice = null;
      if (this.failure.reason === 'config') {
        const problems = this.failure.problems.map(toPageProblem);
        this.#inputProblems = { what, problems };
        this.problems = problems;
      }
    } finally {
      this.phase = 'idle';
      this.#run = undefined;
    }
    return true;
  }

  get #isVirtual(): boolean {
    return this.screen.recording?.isVirtual ?? false;
  }

  /** Returns how far the run is, in nanoseconds; null if it is paused, over, or hasn't reported yet. */
  #runTime(): number | null {
    const progress = this.#progress;
    if (!progress || !this.#run || this.phase === 'paused') return null;
    const since = performance.timeOrigin + performance.now() - progress.at;
    return (progress.elapsed + Math.min(since, 1000) / 1000) * 1e9;
  }

  /** Forwards a phase that the page already shows to the run. */
  #repeat(phase: Phase): void {
    if (phase === 'paused') this.#run?.pause();
    if (phase === 'stopping') this.#run?.stop();
  }

  /** The time up to which all events must have been delivered, in nanoseconds. While paused, there are no new ones. */
  #logTime(): number {
    return this.#runTime() ?? (this.#progress?.elapsed ?? 0) * 1e9;
  }

  /** A little after a pause or a step, no more events are on their way. */
  #settleSoon(): void {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => {
      if (this.phase === 'paused') this.screen.recording?.log.finish();
    }, SETTLED);
  }

  /** Sends changed live settings to the run. */
  adjust(): void {
    const { recording } = this.screen;
    if (!this.#run || !recording) return;
    const config = liveConfig($state.snapshot(this.settings));
    const text = JSON.stringify(config);
    if (text === this.#lastSentConfig) return;
    this.#lastSentConfig = text;
    this.#run.adjust(config);
    recording.adjust(recording.duration, withDefaults(config, withoutLive(recording.config)));
  }

  /** Lets a paused run continue until one more record is finished. */
  step(): void {
    if (this.phase === 'paused') this.#run?.step();
  }

  /** Aborts the run and begins a new one with the current settings. */
  async restart(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    // Don't give up a run for one that can't begin.
    if ((await this.check()).length > 0) {
      await focusProblems();
      return;
    }
    run.abort();
    await this.#runEnded;
    await this.run();
  }

  pause(): void {
    this.#run?.pause();
    this.phase = 'paused';
    this.#settleSoon();
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

  /** Aborts a run, also one that hasn't begun yet, and waits until that is over. */
  async giveUp(): Promise<void> {
    this.#runChoices += 1;
    this.isQueued = false;
    this.#run?.abort();
    await this.#runEnded;
  }
}
