// What the page loads when somebody wants to learn: the lessons, and what shows them.

import type { Session } from '../session.svelte';
import { Learn } from './learn.svelte';
import type { Lesson } from './lesson';
import type { Level } from './level';
import lessons from './generated/lessons.json';
import levels from './generated/levels.json';

export { STEPS } from './learn.svelte';
export { default as LessonPanel } from './LessonPanel.svelte';
export { default as LessonSelect } from './LessonSelect.svelte';
export { default as TaskCards } from './TaskCards.svelte';

export function enter(session: Session): Learn {
  // The types that TypeScript finds in the files are too exact.
  return new Learn(
    lessons as unknown as readonly Lesson[],
    levels as unknown as readonly Level[],
    session,
  );
}
