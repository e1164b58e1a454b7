// Whether lessons are being taken. What they need is loaded when somebody wants to learn.

import type { Learn, Step } from './lessons/learn.svelte';
import type { Session } from './session.svelte';
import type { LinkedLesson } from './settings/link-view';

type Entered = typeof import('./lessons/enter');

export class Learning {
  /** The lessons; null if none are being taken. */
  current = $state.raw<Learn | null>(null);
  /** What shows them, once it is loaded. */
  parts = $state.raw<Pick<Entered, 'LessonPanel' | 'LessonSelect'> | null>(null);
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
    this.failure = '';
    this.#requests += 1;
    const request = this.#requests;
    let entered: Entered;
    try {
      entered = await import('./lessons/enter');
    } catch {
      this.failure = 'The lessons could not be loaded. Reload the page to try again.';
      return;
    }
    const { enter, STEPS, ...parts } = entered;
    await this.#session.giveUp();
    // The last request counts.
    if (request !== this.#requests) return;
    this.parts = parts;
    this.current ??= enter(this.#session);
    const { lessons } = this.current;
    const lesson = lessons.find(({ id }) => id === linked?.id) ?? null;
    if (linked && !lesson)
      this.failure = `There is no lesson “${linked.id}”. Here are all of them.`;
    const step: Step = STEPS[(linked?.step ?? 1) - 1] ?? 'bet';
    this.current.open(lesson, step);
  }

  /** What of it a link has; null if it isn't a lesson that is on screen. */
  get linked(): LinkedLesson | null {
    const { current } = this;
    return current?.lesson ? { id: current.lesson.id, step: current.stepNumber } : null;
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
