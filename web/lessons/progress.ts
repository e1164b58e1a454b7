// What a learner has done. It stays on this machine, and nobody's name is in it.

import type { Lesson } from './lesson';

/** What was done in a lesson. */
export interface LessonProgress {
  /** The chosen answer of each question, by its index; null where none was given. */
  bets: (number | null)[];
  /** Whether the goal of its challenge was reached. */
  isReached: boolean;
  /** The settings that reached it at the least cost so far, as text. */
  best: string | null;
  /** When it was finished for the last time, in milliseconds since 1970; null if it wasn't. */
  finished: number | null;
  /** How often a question of this lesson has come back, and was answered rightly. */
  reviews: { asked: number; right: number };
}

export type Progress = Readonly<Record<string, LessonProgress>>;

const KEY = 'clearpipe.lessons';

/** The version of what is kept. Another one is ignored. */
const VERSION = 1;

export const NO_PROGRESS: LessonProgress = {
  ...{ bets: [], isReached: false, best: null, finished: null },
  reviews: { asked: 0, right: 0 },
};

/** Reads the progress. What can't be read counts as none. */
export function readProgress(storage: Pick<Storage, 'getItem'>): Progress {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? '{}') as {
      version?: unknown;
      lessons?: unknown;
    } | null;
    if (kept?.version !== VERSION || typeof kept.lessons !== 'object' || kept.lessons === null) {
      return {};
    }
    const entries = Object.entries(kept.lessons as Record<string, unknown>);
    return Object.fromEntries(entries.map(([id, lesson]) => [id, sane(lesson)]));
  } catch {
    return {};
  }
}

/** Keeps the progress. Returns whether that was possible: some browsers keep nothing. */
export function keepProgress(storage: Pick<Storage, 'setItem'>, progress: Progress): boolean {
  try {
    storage.setItem(KEY, JSON.stringify({ version: VERSION, lessons: progress }));
    return true;
  } catch {
    return false;
  }
}

/** What is kept may have been changed by hand. */
function sane(kept: unknown): LessonProgress {
  if (typeof kept !== 'object' || kept === null) return NO_PROGRESS;
  const { bets, isReached, best, finished, reviews } = kept as Record<string, unknown>;
  const { asked, right } = (reviews ?? {}) as Record<string, unknown>;
  const whole = (value: unknown) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  return {
    bets: Array.isArray(bets) ? bets.slice(0, 10).map(whole) : [],
    isReached: isReached === true,
    best: typeof best === 'string' ? best.slice(0, 200) : null,
    finished: dateOf(whole(finished)),
    reviews: { asked: whole(asked) ?? 0, right: whole(right) ?? 0 },
  };
}

/** The last time that a date can be. */
const LAST_DATE = 8.64e15;

const dateOf = (time: number | null) => (time !== null && time <= LAST_DATE ? time : null);

/** The file that a learner can take along. */
export function progressFile(progress: Progress, lessons: readonly Lesson[]): string {
  const done = lessons.flatMap(({ id, title, ask }) => {
    const lesson = progress[id];
    if (!lesson) return [];
    const bets = ask.map(({ choices }, at) => {
      const bet = lesson.bets[at] ?? null;
      const choice = bet === null ? undefined : choices[bet];
      return { bet: choice?.label ?? null, right: choice ? choice.is_answer : null };
    });
    const { isReached, best, finished, reviews } = lesson;
    const at = finished === null ? null : new Date(finished).toISOString();
    return [{ id, title, bets, goal_reached: isReached, best, finished: at, reviews }];
  });
  return `${JSON.stringify({ clearpipe_lessons: VERSION, lessons: done }, null, 2)}\n`;
}
