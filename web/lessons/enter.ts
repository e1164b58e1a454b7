// What the page loads when somebody wants to learn: the lessons, and what shows them.

import type { Session } from '../session.svelte';
import { Learn } from './learn.svelte';
import type { Lesson } from './lesson';
import lessons from './generated/lessons.json';

export { STEPS } from './learn.svelte';
export { default as LessonPanel } from './LessonPanel.svelte';
export { default as LessonSelect } from './LessonSelect.svelte';

export function enter(session: Session): Learn {
  // The types that TypeScript finds in the file are too exact.
  return new Learn(lessons as unknown as readonly Lesson[], session);
}
