// Which questions of earlier lessons come back.

import type { Lesson } from './lesson';
import type { Progress } from './progress';

/** Questions come back before each lesson whose number is one above a multiple of this, and so many of them. */
const [LESSONS_BETWEEN, QUESTIONS] = [3, 3];

/**
 * Returns the questions to ask before a lesson, each from another lesson: first those whose lessons have been asked about
 * least, and of these the ones that were answered wrongly. The lesson just before doesn't count, since it is fresh.
 */
export function reviewOf(
  lessons: readonly Lesson[],
  progress: Progress,
  next: Lesson,
): { lesson: Lesson; at: number }[] {
  if (next.number <= QUESTIONS || (next.number - 1) % LESSONS_BETWEEN !== 0) return [];
  const done = lessons.flatMap((lesson) => {
    const kept = progress[lesson.id];
    if (!kept || kept.finished === null || lesson.number >= next.number - 1) return [];
    const wrong = lesson.ask.findIndex(({ choices }, at) => {
      const bet = kept.bets[at] ?? null;
      return bet !== null && choices[bet]?.is_answer !== true;
    });
    return [{ lesson, at: Math.max(0, wrong), asked: kept.reviews.asked, isWrong: wrong >= 0 }];
  });
  done.sort((a, b) => a.asked - b.asked || Number(b.isWrong) - Number(a.isWrong));
  return done.slice(0, QUESTIONS).map(({ lesson, at }) => ({ lesson, at }));
}
