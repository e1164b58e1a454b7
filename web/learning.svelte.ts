// Whether lessons are being taken. What they need is loaded when somebody wants to learn.

import type { Learn, Step } from './lessons/learn.svelte';
import type { Session } from './session.svelte';
import type { LinkedLesson, LinkedLevel, LinkedView } from './settings/link-view';

type Entered = typeof import('./lessons/enter');

export class Learning {
  /** The lessons; null if none are being taken. */
  current = $state.raw<Learn | null>(null);
  /** What shows them, once it is loaded. */
  parts = $state.raw<Pick<Entered, 'LessonPanel' | 'LessonSelect' | 'TaskCards'> | null>(null);
  /** Why a lesson isn't shown; empty if nothing is wrong. */
  failure = $state('');
  readonly #session: Session;
  /** Counts requests for lessons, and those to end them. */
  #requests = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Shows a lesson, or the list of all. A run in progress is aborted first, without results. */
  async open(linked: LinkedLesson | null): Promise<void> {
    const entered = await this.#enter();
    const { current } = this;
    if (!entered || !current) return;
    const lesson = current.lessons.find(({ id }) => id === linked?.id) ?? null;
    if (linked && !lesson)
      this.failure = `There is no lesson “${linked.id}”. Here are all of them.`;
    const step: Step = entered.STEPS[(linked?.step ?? 1) - 1] ?? 'bet';
    current.open(lesson, step);
  }

  /** Shows a level of the scheduler game. A run in progress is aborted first, without results. */
  async openLevel({ id, path }: LinkedLevel): Promise<void> {
    const entered = await this.#enter();
    const { current } = this;
    if (!entered || !current) return;
    const level = current.levels.find((level) => level.id === id);
    if (level) current.openLevel(level, path);
    else {
      this.failure = `There is no level “${id}”. Here are all of them.`;
      current.open(null);
    }
  }

  /** Loads what lessons need. Returns null if that failed, or if something else was asked for meanwhile. */
  async #enter(): Promise<Entered | null> {
    this.failure = '';
    this.#requests += 1;
    const request = this.#requests;
    let entered: Entered;
    try {
      entered = await import('./lessons/enter');
    } catch {
      this.failure = 'The lessons could not be loaded. Reload the page to try again.';
      return null;
    }
    await this.#session.giveUp();
    // The last request counts.
    if (request !== this.#requests) return null;
    this.parts = entered;
    this.current ??= entered.enter(this.#session);
    return entered;
  }

  /** What of it a link has; null if neither a lesson nor a level is on screen. */
  get linked(): Pick<LinkedView, 'lesson' | 'level'> | null {
    const { lesson, game, stepNumber } = this.current ?? {};
    if (game) return { lesson: null, level: { id: game.level.id, path: game.linkedPath } };
    return lesson ? { lesson: { id: lesson.id, step: stepNumber ?? 1 }, level: null } : null;
  }

  /** Goes back to the settings from before the lessons. */
  leave(): void {
    this.#requests += 1;
    this.current?.leave();
    this.current = null;
    this.failure = '';
  }

  /** Something else is on screen now, with settings of its own. */
  drop(): void {
    this.#requests += 1;
    this.current?.stop();
    this.current = null;
    this.failure = '';
  }
}
