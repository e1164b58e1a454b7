// Marks that the user sets at times of a run, each with a text. They travel in links, so they may be anybody's.

export interface Mark {
  /** Nanoseconds of the run. */
  readonly time: number;
  /** One line; may be empty. What is invisible in it has to be made visible where it is shown. */
  readonly text: string;
}

/** How many marks there can be, and how many characters a text has at most. */
export const MAX_MARKS = 20;
export const MAX_MARK_LENGTH = 80;

/** Returns a text as a mark can have it: on one line, and not too long. */
export function markText(text: string): string {
  const line = text
    .slice(0, 4 * MAX_MARK_LENGTH)
    .replaceAll(/\s+/g, ' ')
    .trim();
  // Halves of a character can't be in a link.
  return line
    .slice(0, MAX_MARK_LENGTH)
    .trim()
    .replaceAll(/\p{Cs}/gu, '\ufffd');
}

/** Returns the marks with another one, in the order of time; at a time with a mark it replaces that. */
export function withMark(marks: readonly Mark[], { time, text }: Mark): readonly Mark[] {
  const others = marks.filter((mark) => mark.time !== time);
  if (others.length >= MAX_MARKS) return marks;
  return [...others, { time, text: markText(text) }].sort((a, b) => a.time - b.time);
}

/** Returns the marks without the one at a time. */
export function withoutMark(marks: readonly Mark[], time: number): readonly Mark[] {
  return marks.filter((mark) => mark.time !== time);
}

/** Returns the nearest mark after (or, with −1, before) a time; null if there is none. */
export function neighbourMark(
  marks: readonly Mark[],
  time: number,
  direction: 1 | -1,
): Mark | null {
  const found =
    direction === 1
      ? marks.find((mark) => mark.time > time)
      : marks.findLast((mark) => mark.time < time);
  return found ?? null;
}
