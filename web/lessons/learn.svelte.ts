// Taking lessons: which one is on screen, how far it is, and what was measured in its runs.

import type { Comparing } from '../compare/comparison.svelte';
import { Engine, RunFailed } from '../engine/client';
import type { PartialConfig } from '../engine/partial';
import { Screen } from '../screen.svelte';
import type { Session } from '../session.svelte';
import { toConfig } from '../settings/config';
import { LABELS } from '../settings/labels';
import { effectiveText } from '../settings/effective';
import { setText } from '../settings/link';
import { pipelineSize } from '../settings/pipeline-size';
import type { Settings } from '../settings/settings';
import type { RateBet } from '../timeline/rate';
import { visible } from '../visible';
import { Game } from './game.svelte';
import { judge } from './judge';
import type { Try } from './judge';
import { LETTERS } from './lesson';
import type { Lesson, Question, Value } from './lesson';
import type { Level } from './level';
import { measured } from './measured';
import type { FinishedRun, Runs } from './measured';
import { NO_PROGRESS, keepProgress, progressFile, readProgress } from './progress';
import type { LessonProgress, Progress } from './progress';
import { reviewOf } from './review';
import { makeRuns } from './runs';
import { placeOf } from './select';
import { settingsOf } from './settings';

export const STEPS = ['bet', 'result', 'why', 'challenge'] as const;
export type Step = (typeof STEPS)[number];

const REDUCED_MOTION = matchMedia('(prefers-reduced-motion: reduce)');

/** A longer run isn't tried: one would wait too long for it. */
const MAX_RECORDS = 8000;

export class Learn {
  readonly lessons: readonly Lesson[];
  /** The levels of the scheduler game. */
  readonly levels: readonly Level[];
  /** The lesson on screen; null if it is the list or a level. */
  lesson = $state.raw<Lesson | null>(null);
  /** The level on screen; null if it is the list or a lesson. */
  game = $state.raw<Game | null>(null);
  step = $state<Step>('bet');
  /** The question that is being asked. */
  asked = $state(0);
  /** The chosen answer of each question. */
  bets = $state<(number | null)[]>([]);
  /** The runs of the lesson, once they have been made. */
  runs = $state.raw<Runs | null>(null);
  /** The name of the run on screen. */
  shownRun = $state<string | null>(null);
  /** The last run on screen. Each lesson begins with an empty one. */
  screen = $state.raw(new Screen());
  tries = $state.raw<readonly Try[]>([]);
  isBusy = $state(false);
  /** Why the last run didn't come about; empty if it did. */
  failure = $state('');
  progress = $state.raw<Progress>({});
  /** Questions of earlier lessons, to be asked before this lesson begins. */
  review = $state.raw<{ questions: readonly { lesson: Lesson; at: number }[] } | null>(null);
  /** The window with the instructor's notes. */
  notes: Window | null = null;
  /** The settings of the challenge, while another step is on screen. */
  #challengeSettings: Settings | null = null;
  readonly #session: Session;
  readonly #storage: Storage | null;
  /** The settings before the first lesson. */
  readonly #before: Settings;
  /** Started for the first level, if the page has another one. */
  #ownEngine: Engine | null = null;
  #work = new AbortController();
  /** Settles when the last work has ended. */
  #ended: Promise<unknown> = Promise.resolve();

  constructor(lessons: readonly Lesson[], levels: readonly Level[], session: Session) {
    this.lessons = lessons;
    this.levels = levels;
    this.#session = session;
    this.#before = $state.snapshot(session.settings);
    this.#storage = storageOf();
    if (this.#storage) this.progress = readProgress(this.#storage);
  }

  /** Begins a lesson, or shows the list. */
  open(lesson: Lesson | null, step: Step = 'bet'): void {
    this.#reset();
    this.lesson = lesson;
    this.asked = 0;
    this.runs = null;
    this.shownRun = null;
    this.tries = [];
    this.hands = null;
    this.step = 'bet';
    this.#challengeSettings = null;
    if (!lesson) {
      this.#clear(structuredClone(this.#before));
      return;
    }
    // Where one goes on, what was bet still counts.
    const kept = step === 'bet' ? [] : (this.progress[lesson.id]?.bets ?? []);
    this.bets = lesson.ask.map((_, at) => kept[at] ?? null);
    this.#clear(settingsOf(lesson.runs[0]?.config ?? {}));
    void this.goTo(step);
  }

  /** Begins a level, after the steps of a path. */
  openLevel(level: Level, path: readonly string[] = []): void {
    this.#reset();
    this.lesson = null;
    this.#clear(settingsOf(level.config));
    const next = this.levels[this.levels.indexOf(level) + 1];
    const ondone = (done: Level, steps: number | null) => {
      this.#noteLevel(done, steps);
    };
    const onnext = () => {
      if (next) this.openLevel(next);
      else this.open(null);
    };
    const context = { engine: this.#scheduler, ondone, onnext, hasNext: next !== undefined };
    this.game = new Game(level, context, path);
    this.screen = this.game.screen;
  }

  /** The engine of the levels. Only the one for one thread lets steps be chosen. */
  get #scheduler(): Engine {
    const { engine, info } = this.#session;
    if (info?.kind === 'single') return engine;
    return (this.#ownEngine ??= new Engine(engine.host, 'single'));
  }

  /** What was done in a level. */
  doneIn({ id }: Level): LessonProgress | null {
    return this.progress[levelKey(id)] ?? null;
  }

  #noteLevel({ id }: Level, steps: number | null): void {
    const key = levelKey(id);
    const before = Number(this.progress[key]?.best ?? Infinity);
    const best = steps === null ? null : String(Math.min(steps, before));
    this.#note(key, { isReached: true, best, finished: Date.now() });
  }

  /** Ends what is on screen. */
  #reset(): void {
    this.#work.abort();
    this.game?.close();
    this.game = null;
    this.isBusy = false;
    this.failure = '';
    this.review = null;
  }

  /** Gives up what is going on. */
  stop(): void {
    this.#work.abort();
    this.game?.close();
    this.#ownEngine?.close();
    this.screen.playback?.halt();
    this.notes?.close();
  }

  /** Goes back to the settings from before the lessons. */
  leave(): void {
    this.stop();
    this.#session.settings = structuredClone(this.#before);
  }

  /** Ends the lesson and begins the next one, perhaps with questions of earlier ones before it. */
  next(): void {
    const { lesson } = this;
    const next = this.nextLesson;
    if (lesson) this.#note(lesson.id, { finished: Date.now() });
    if (!next) {
      this.open(null);
      return;
    }
    const questions = reviewOf(this.lessons, this.progress, next);
    this.open(next);
    if (questions.length > 0) this.review = { questions };
  }

  /** Counts the answer to a question that came back. */
  reviewed({ id }: Lesson, isRight: boolean): void {
    const { reviews } = this.progress[id] ?? NO_PROGRESS;
    const right = reviews.right + (isRight ? 1 : 0);
    this.#note(id, { reviews: { asked: reviews.asked + 1, right } });
  }

  endReview(): void {
    this.review = null;
  }

  get nextLesson(): Lesson | null {
    return this.lesson ? (this.lessons[this.lessons.indexOf(this.lesson) + 1] ?? null) : null;
  }

  /** Where the lesson is, from 1. */
  get stepNumber(): number {
    return STEPS.indexOf(this.step) + 1;
  }

  /** What comes next, in words; null if that isn't up to one button. */
  get mainLabel(): string | null {
    if (this.game) return this.game.mainLabel;
    const { lesson } = this;
    if (!lesson || this.review) return null;
    if (this.isBusy) return 'Running…';
    const onwards = this.nextLesson ? 'Next lesson' : 'To the list of lessons';
    switch (this.step) {
      case 'bet':
        if (this.asked < lesson.ask.length - 1) return 'Next question';
        return this.bets.some((bet) => bet !== null) ? 'Run it and see' : 'Run it without a bet';
      case 'result':
        return 'Why?';
      case 'why':
        return lesson.goal ? 'To the challenge' : onwards;
      case 'challenge':
        return this.isReached ? onwards : 'Try it';
    }
  }

  /** Does what comes next. */
  async act(): Promise<void> {
    if (this.game) return this.game.act();
    const { lesson } = this;
    if (!lesson || this.review || this.isBusy) return;
    if (this.step === 'bet') {
      if (this.asked < lesson.ask.length - 1) this.asked += 1;
      else await this.run();
    } else if (this.step === 'result') this.why();
    else if (this.step === 'why' && lesson.goal) this.challenge();
    else if (this.step === 'challenge' && !this.isReached) await this.try();
    else this.next();
  }

  /** Goes to any step: nothing is locked. */
  async goTo(step: Step): Promise<void> {
    const { lesson } = this;
    if (!lesson || this.isBusy) return;
    if (step === 'challenge') {
      this.challenge();
      return;
    }
    if (this.step === 'challenge')
      this.#challengeSettings = $state.snapshot(this.#session.settings);
    if (step === 'bet') {
      this.step = 'bet';
      this.asked = 0;
      return;
    }
    if (!this.runs) await this.run();
    else if (this.step === 'challenge') this.show(lesson.look_at.run);
    if (this.runs) this.step = step;
  }

  /** Whether any try has reached the goal. */
  get isReached(): boolean {
    return this.tries.some((found) => found.isReached);
  }

  /** What the lesson asks now. */
  get question(): Question | null {
    return this.lesson?.ask[this.asked] ?? null;
  }

  bet(question: number, choice: number): void {
    this.bets[question] = choice;
  }

  /**
   * The answers as records per second in the run on screen, to be drawn over what was measured; empty if the lesson doesn't
   * ask for its rate.
   */
  get rateBets(): RateBet[] {
    const { lesson, runs, shownRun } = this;
    if (!lesson || !runs || this.step === 'challenge') return [];
    const at = lesson.ask.findIndex(({ measure: { of, over } }) => {
      return of.quantity === 'rate' && of.run === shownRun && (!over || over.quantity === 'rate');
    });
    const question = lesson.ask[at];
    if (!question) return [];
    const { over } = question.measure;
    const unit = over ? measured({ of: over, over: null }, runs) : 1;
    return question.choices.flatMap(({ value, from, to }, index) => {
      const rate = value ?? (from !== null && to !== null ? (from + to) / 2 : null);
      if (rate === null) return [];
      const isChosen = this.bets[at] === index;
      const letter = LETTERS[index] ?? '';
      return [{ rate: rate * unit, label: isChosen ? `${letter} your bet` : letter, isChosen }];
    });
  }

  /** How many hands were raised for each answer of each question, in a room; null if nobody counted. */
  hands = $state<number[][] | null>(null);

  /** Counts the hands for an answer. */
  raise(question: number, choice: number, hands: number): void {
    const counted = this.hands ?? this.lesson?.ask.map(({ choices }) => choices.map(() => 0)) ?? [];
    const own = counted[question];
    if (own) own[choice] = hands;
    this.hands = counted;
  }

  /** Makes all runs of the lesson, and shows the one that it is about. */
  async run(): Promise<void> {
    const { lesson } = this;
    if (!lesson || this.isBusy) return;
    const done = await this.#simulate(lesson.runs.map(({ name, config }) => [name, config]));
    if (!done) return;
    this.runs = done;
    this.step = 'result';
    if (this.bets.some((bet) => bet !== null)) this.#note(lesson.id, { bets: [...this.bets] });
    this.show(lesson.look_at.run);
  }

  /** What was measured for each question; null before the run. */
  readonly found = $derived.by(() => {
    const { lesson, runs } = this;
    return lesson && runs && lesson.ask.map(({ measure }) => measured(measure, runs));
  });

  /** The first and the last run of the lesson, to be shown beside each other; null if there is one. */
  get pair(): Comparing | null {
    const { lesson, runs } = this;
    const [first, last] = [lesson?.runs[0], lesson?.runs.at(-1)];
    const [a, b] = [first, last].map((run) => run && runs?.get(run.name));
    if (!first || !last || !a || !b || a === b) return null;
    return {
      a: { recording: a.recording, title: runTitle(first.name) },
      b: { recording: b.recording, title: runTitle(last.name) },
      ...{ settings: null, simulatedFrom: null, note: '' },
    };
  }

  /** Shows a run of the lesson from its beginning. */
  show(name: string): void {
    const run = this.runs?.get(name);
    if (!run) return;
    this.shownRun = name;
    const { config } = this.lesson?.runs.find((run) => run.name === name) ?? {};
    if (config) this.#session.settings = settingsOf(config);
    this.#show(run);
  }

  /** Stands at the moment that the text is about, with what it is about selected. */
  look(): void {
    const { look_at } = this.lesson ?? {};
    if (!look_at) return;
    if (this.shownRun !== look_at.run) this.show(look_at.run);
    const { screen } = this;
    screen.letGo();
    const place = placeOf(look_at.select);
    if (place && 'record' in place) screen.choose(place.record);
    else if (place) screen.inspect(place.place);
    if (look_at.at_seconds !== null) screen.standAt(look_at.at_seconds * 1e9);
  }

  why(): void {
    if (this.runs) this.step = 'why';
  }

  /** Shows the challenge, with the settings that it begins with. */
  challenge(): void {
    const { goal } = this.lesson ?? {};
    if (!goal || this.step === 'challenge') return;
    this.step = 'challenge';
    this.shownRun = null;
    this.#clear(this.#challengeSettings ?? settingsOf(goal.config));
  }

  /** Returns the present value of a setting as text. */
  textOf(path: string): string {
    return effectiveText(this.#session.settings, path);
  }

  /** Changes a setting to a value that is on offer. */
  change(path: string, value: Value): void {
    setText(this.#session.settings, path, String(value));
  }

  /** Runs the challenge with the present settings. */
  async try(): Promise<void> {
    const { lesson } = this;
    const goal = lesson?.goal;
    if (!goal || this.isBusy) return;
    const settings = $state.snapshot(this.#session.settings);
    const { config, problems } = toConfig({ ...settings, runtime: 'virtual' }, null);
    const [problem] = problems;
    if (problem) {
      this.failure = `${LABELS[problem.path] ?? problem.path} ${problem.text}.`;
      return;
    }
    if ((settings.records ?? 0) > MAX_RECORDS) {
      this.failure = `That is a long run: take at most ${MAX_RECORDS.toLocaleString('en')} records here.`;
      return;
    }
    const named = goal.reach.flatMap(({ measure: { of, over } }) => [of.run, over?.run]);
    const others = lesson.runs.filter(({ name }) => named.includes(name));
    const done = await this.#simulate([
      ...others.map(({ name, config }) => [name, config] as [string, PartialConfig]),
      [null, config],
    ]);
    const run = done?.get(null);
    if (!done || !run) return;
    this.#show(run);
    const found = judge(goal, settings, done);
    this.tries = [found, ...this.tries];
    if (!found.isReached) return;
    const { isReached, best } = this.progress[lesson.id] ?? NO_PROGRESS;
    const isBest = !isReached || found.comparison === 'best' || best === null;
    this.#note(lesson.id, {
      isReached: true,
      best: isBest ? found.settings : best,
      finished: Date.now(),
    });
  }

  /** Returns what a learner can take along. */
  get file(): string {
    return progressFile(this.progress, this.lessons);
  }

  /** Forgets what was done in all lessons. */
  forget(): void {
    this.progress = {};
    if (this.#storage) keepProgress(this.#storage, this.progress);
  }

  /** Runs configurations one after the other. Returns null if that was given up or failed. */
  async #simulate(wanted: [string | null, PartialConfig][]): Promise<Runs | null> {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    this.isBusy = true;
    this.failure = '';
    const { engine } = this.#session;
    try {
      await engine.start();
      const found: Runs[] = [];
      // What was given up may not have ended yet.
      const work = this.#ended.then(async () => {
        if (signal.aborted) return;
        await this.#session.measure(async () => {
          found.push(await makeRuns(engine, wanted, signal));
        });
      });
      this.#ended = work.catch(() => undefined);
      await work;
      if (signal.aborted) return null;
      const [runs = null] = found;
      if (!runs) this.failure = 'The engine is busy. Try again when its run has ended.';
      return runs;
    } catch (error) {
      if (!signal.aborted) this.failure = reasonOf(error);
    } finally {
      if (this.#work.signal === signal) this.isBusy = false;
    }
    return null;
  }

  /** Shows a run from its beginning, or, where nothing is to move by itself, at its end. */
  #show({ recording }: FinishedRun): void {
    this.screen.open(recording);
    if (REDUCED_MOTION.matches) this.screen.standAt(recording.duration);
    else this.screen.replayAll();
    // The lesson says what there is to see.
    this.screen.isAutoReplay = false;
  }

  /** Shows the pipeline of settings, without a run. */
  #clear(settings: Settings): void {
    this.#session.settings = settings;
    this.screen.playback?.halt();
    this.screen = new Screen();
    this.screen.prepare(pipelineSize(settings));
  }

  #note(id: string, change: Partial<LessonProgress>): void {
    const { [id]: present = NO_PROGRESS } = this.progress;
    this.progress = { ...this.progress, [id]: { ...present, ...change } };
    if (this.#storage) keepProgress(this.#storage, this.progress);
  }
}

/** The key of a level in what is kept, where no lesson has one with a colon. */
const levelKey = (id: string): string => `level:${id}`;

/** The name of a run as a title. */
export function runTitle(name: string): string {
  return name.replaceAll('_', ' ');
}

/** Private windows may refuse it; then what was done lasts as long as the page. */
function storageOf(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof RunFailed && error.failure.reason === 'config'
    ? `The settings have a problem: ${visible(error.message)}.`
    : `The run broke off: ${visible(error instanceof Error ? error.message : String(error))}`;
}
