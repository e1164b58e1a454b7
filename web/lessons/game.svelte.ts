// A level of the scheduler game that is being played: where the run stands, what was taken back, and what was found. The
// path of steps says all; the engine executes it.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Goal } from '../engine/generated/Goal';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { Engine } from '../engine/client';
import type { SchedulePosition } from '../engine/protocol';
import { configuredCapacity } from '../analysis/capacity';
import { withDefaults } from '../recording/merge';
import { Screen } from '../screen.svelte';
import { visible } from '../visible';
import { STEP, recordingOf } from './game-recording';
import { goalState, isLost, nextText, taskName } from './game-words';
import { stepsOf } from './level';
import type { Level } from './level';

const REDUCED_MOTION = matchMedia('(prefers-reduced-motion: reduce)');

/** How fast a step is played: it takes half a second. */
const SPEED = 2;

/** Where something stands that a seed has chosen. */
export interface SeedTry {
  seed: number;
  /** The records in the order in which they were written. */
  order: readonly number[];
  isFound: boolean;
}

/** What a level needs of the page. */
export interface GameContext {
  engine: Pick<Engine, 'start' | 'schedule'>;
  /** The level has been done; `steps` if it was played. */
  ondone: (level: Level, steps: number | null) => void;
  /** Goes on to the next level. */
  onnext: () => void;
  hasNext: boolean;
}

export class Game {
  readonly level: Level;
  readonly screen = new Screen();
  /** Where the run stands; null until the engine has answered. */
  position = $state.raw<SchedulePosition | null>(null);
  /** Whether it began with the path of a link. */
  readonly isLinked: boolean;
  /** The steps that were taken back, or that are still to be shown; the next one first. */
  ahead = $state.raw<readonly string[]>([]);
  /** The last path that has reached the goal. */
  reachedBy = $state.raw<readonly string[] | null>(null);
  /** What came of the claim that the goal can't be reached. */
  claim = $state<'right' | 'wrong' | null>(null);
  /** Whether the best path is known to the learner. */
  knowsBest = $state(false);
  /** The chosen records of a prediction, and whether it has been judged. */
  chosen = $state<number[]>([]);
  isAnswered = $state(false);
  /** The seeds that were tried, the last one first. */
  tries = $state.raw<readonly SeedTry[]>([]);
  isBusy = $state(false);
  /** Why something didn't come about; empty if it did. */
  failure = $state('');
  /** What screen readers are told. */
  said = $state('');
  readonly #context: GameContext;
  /** The path that is being shown; null if the learner chooses. */
  #shown: string | null = null;
  /** Settles when everything has been done that was asked for. */
  #work: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(level: Level, context: GameContext, path: readonly string[] = []) {
    this.level = level;
    this.#context = context;
    this.screen.isStepped = true;
    const { task } = level;
    this.isLinked = path.length > 0 && task.kind !== 'predict';
    const start = this.isLinked ? path : this.base;
    void this.#do(async () => {
      await this.#go(start, 'stand');
      // Somebody has reached it, though perhaps not the learner: it isn't noted.
      if (task.kind === 'play' && this.position?.standing.isReached) this.reachedBy = this.path;
    });
  }

  /** Ends the level. */
  close(): void {
    this.#isClosed = true;
    this.screen.playback?.halt();
  }

  /** The goal that the engine is asked about. */
  get goal(): Goal {
    const { task } = this.level;
    return task.kind === 'predict' ? { order: task.first.slice(0, 1) } : task.goal;
  }

  /** The steps with which the level begins. */
  get base(): readonly string[] {
    const { task } = this.level;
    return task.kind === 'predict' ? stepsOf(task.at) : [];
  }

  /** The steps that a link has: those that were chosen. */
  get linkedPath(): readonly string[] {
    const isFixed = this.level.task.kind === 'predict' && !this.isAnswered;
    return isFixed || this.path.length === this.base.length ? [] : this.path;
  }

  get path(): readonly string[] {
    return this.position?.path ?? [];
  }

  /** The best path; null if the goal is impossible, or nobody has searched for one. */
  get best(): readonly string[] | null {
    const { task } = this.level;
    return task.kind === 'play' && task.best !== null ? stepsOf(task.best) : null;
  }

  /** Whether steps can be chosen now. */
  get mayChoose(): boolean {
    const { kind } = this.level.task;
    return kind === 'play' || (kind === 'predict' ? this.isAnswered : this.isDone || this.isLinked);
  }

  /** Whether what is to be done has been done. */
  get isDone(): boolean {
    const { kind } = this.level.task;
    if (kind === 'play') return this.reachedBy !== null || this.claim === 'right';
    return kind === 'predict' ? this.isAnswered : this.tries.some(({ isFound }) => isFound);
  }

  /** Whether a prediction is right. */
  get isRight(): boolean {
    const { task } = this.level;
    if (task.kind !== 'predict') return false;
    return JSON.stringify([...this.chosen].sort((a, b) => a - b)) === JSON.stringify(task.first);
  }

  /** How near the goal is, in words. */
  get state(): string {
    return this.position ? goalState(this.goal, this.position, this.#capacityOf) : '';
  }

  /** Whether one has to go back to reach the goal. */
  get isLost(): boolean {
    return this.position !== null && isLost(this.goal, this.position);
  }

  readonly #capacityOf = (channel: ChannelId): number =>
    configuredCapacity(withDefaults(this.level.config, DEFAULT_CONFIG), channel);

  /** What comes next, in words; null if that isn't up to one button. */
  get mainLabel(): string | null {
    const { task } = this.level;
    if (this.isDone) return this.#context.hasNext ? 'Next level' : 'To the list of lessons';
    if (task.kind === 'predict') return 'Check it';
    return task.kind === 'break' ? `Try seed ${this.nextSeed}` : null;
  }

  /** Does what comes next. */
  async act(): Promise<void> {
    const { kind } = this.level.task;
    if (this.isDone) this.#context.onnext();
    else if (kind === 'predict') this.answer();
    else if (kind === 'break') await this.trySeeds(1);
  }

  /** Takes the step of the nth ready task, from 0. */
  async choose(at: number): Promise<void> {
    await this.#do(async () => {
      const step = this.position?.choices[at];
      if (step !== undefined) await this.#step(step);
    });
  }

  /** Takes a step. */
  async step(step: string): Promise<void> {
    await this.#do(() => this.#step(step));
  }

  async #step(step: string): Promise<void> {
    if (!this.mayChoose || !this.position?.choices.includes(step)) return;
    const next = this.position.ready.find(({ task }) => task === step)?.next;
    const ahead = this.ahead[0] === step ? this.ahead.slice(1) : [];
    await this.#go([...this.path, step], 'play');
    this.ahead = ahead;
    this.#tell(`${taskName(step)} ${next ? nextText(next) : 'moves on'}.`);
    if (this.position.standing.isReached) this.#reached();
  }

  /** Takes back the last step. */
  async undo(): Promise<void> {
    await this.#do(async () => {
      const last = this.path.at(-1);
      if (last === undefined || this.path.length <= this.base.length) return;
      const ahead = [last, ...this.ahead];
      await this.#go(this.path.slice(0, -1), 'stand');
      this.ahead = ahead;
      this.#tell(`Taken back: ${taskName(last)}.`);
    });
  }

  /** Takes the step again that was taken back last, or that is to be shown next. */
  async redo(): Promise<void> {
    await this.#do(async () => {
      const [next] = this.ahead;
      if (next !== undefined) await this.#step(next);
    });
  }

  /** Puts the best path ahead, to be shown step by step. */
  async showBest(): Promise<void> {
    const { best } = this;
    if (!best) return;
    this.#shown = best.join();
    await this.follow(best, 0);
  }

  /** Goes back to the start. */
  async restart(): Promise<void> {
    this.#shown = null;
    await this.#do(() => this.#follow([...this.path, ...this.ahead], this.base.length));
  }

  /** Shows a path after some of its steps; the others lie ahead. */
  async follow(path: readonly string[], at: number): Promise<void> {
    await this.#do(() => this.#follow(path, at));
  }

  async #follow(path: readonly string[], at: number): Promise<void> {
    await this.#go(path.slice(0, at), at > this.path.length ? 'play' : 'stand');
    this.ahead = path.slice(at);
    this.#tell(at <= this.base.length ? 'At the start.' : `After step ${at}.`);
  }

  /** Claims that the goal can't be reached. */
  claimImpossible(): void {
    const { task } = this.level;
    if (task.kind !== 'play') return;
    this.claim = task.best === null ? 'right' : 'wrong';
    if (this.claim === 'right') this.#context.ondone(this.level, null);
    this.said = this.claim === 'right' ? 'Right: it can’t be done.' : 'It can be done.';
  }

  /** Says how short a path can be, or that there is none. */
  tellBest(): void {
    this.knowsBest = true;
    if (this.best === null) this.claim = 'right';
  }

  /** Chooses a record of a prediction, or doesn't any more. */
  toggle(record: number): void {
    if (this.isAnswered) return;
    const without = this.chosen.filter((other) => other !== record);
    this.chosen = without.length < this.chosen.length ? without : [...this.chosen, record];
  }

  /** Judges a prediction. */
  answer(): void {
    if (this.chosen.length === 0) {
      this.failure = 'Choose at least one record: somebody is always the first.';
      return;
    }
    this.failure = '';
    this.isAnswered = true;
    this.said = this.isRight ? 'Right.' : 'Not quite.';
    this.#context.ondone(this.level, null);
  }

  /** The seed that is tried next. */
  get nextSeed(): number {
    return (this.tries[0]?.seed ?? 0) + 1;
  }

  /** Tries seeds until one reaches the goal, at most so many. */
  async trySeeds(most: number): Promise<void> {
    await this.#do(async () => {
      for (let count = 0; count < most && !this.isDone; count += 1) {
        const seed = this.nextSeed;
        const { standing, path } = await this.#ask([], seed);
        this.tries = [
          { seed, order: standing.processed, isFound: standing.isReached },
          ...this.tries,
        ];
        if (standing.isReached) {
          this.reachedBy = path;
          await this.#go([], 'stand');
          this.ahead = path;
          this.#context.ondone(this.level, null);
        } else if (count + 1 === most) await this.#go(path, 'stand');
      }
      const [last] = this.tries;
      if (last) this.said = `Seed ${last.seed}: ${last.isFound ? 'found' : 'not this one'}.`;
    });
  }

  #reached(): void {
    const { kind } = this.level.task;
    if (kind !== 'play') return;
    // What was only shown is nobody's own.
    if (this.path.join() === this.#shown) return;
    this.reachedBy = this.path;
    this.claim = null;
    this.#context.ondone(this.level, this.path.length);
    this.said = `The goal is reached, in ${this.path.length} steps. ${this.said}`;
  }

  #tell(what: string): void {
    const ready = this.position?.ready ?? [];
    const listed = ready.map(
      ({ task, next }, at) => `${at + 1} ${taskName(task)} ${nextText(next)}`,
    );
    const others = listed.length > 0 ? ` Ready: ${listed.join('; ')}.` : ' No task is ready.';
    const state = this.level.task.kind === 'predict' ? '' : ` ${this.state}`;
    this.said = `${what}${state}${others}`;
  }

  #ask(path: readonly string[], seed: number | null): Promise<SchedulePosition> {
    const { config } = this.level;
    return this.#context.engine.schedule({ config, goal: this.goal, path: [...path], seed });
  }

  /** Goes where a path leads, and shows its last step, or only what came of it. */
  async #go(path: readonly string[], how: 'play' | 'stand'): Promise<void> {
    const position = await this.#ask(path, null);
    if (this.#isClosed) return;
    this.position = position;
    this.failure =
      position.refused === null
        ? ''
        : `Step ${position.path.length + 1} of the path, ${visible(position.refused)}, isn’t possible.`;
    const { screen } = this;
    const { chosen } = screen;
    screen.open(recordingOf(this.level.config, position));
    screen.chosen = chosen;
    if (how === 'stand' || REDUCED_MOTION.matches) screen.seekEnd('end');
    else {
      screen.setSpeed(SPEED);
      screen.seek((position.path.length - 1) * STEP);
      screen.play();
    }
  }

  /** Does one thing after the other, so that no key is lost. */
  #do(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      if (this.#isClosed) return;
      this.isBusy = true;
      try {
        await this.#context.engine.start();
        await work();
      } catch (error) {
        this.failure = `The engine stopped: ${visible(error instanceof Error ? error.message : String(error))}`;
      } finally {
        this.isBusy = false;
      }
    });
    this.#work = done;
    return done;
  }
}
