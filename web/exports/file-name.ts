// The names of exported files.

/** Says a time of a run, in nanoseconds, so that it can be part of a file name: `1.24s`, `12.3ms`, `4us`. */
export function timeName(nanoseconds: number): string {
  const round = (value: number) => String(Number(value.toFixed(value < 100 ? 2 : 1)));
  if (nanoseconds >= 1e9 || nanoseconds <= 0) return `${round(Math.max(0, nanoseconds) / 1e9)}s`;
  if (nanoseconds >= 1e6) return `${round(nanoseconds / 1e6)}ms`;
  return `${round(nanoseconds / 1e3)}us`;
}

/**
 * Names a file: `clearpipe-1.24s.svg`, `clearpipe-timeline-1.24s.png`.
 *
 * @param words what it is, where that isn't plain
 */
export function fileName(time: number, words: readonly string[], extension: string): string {
  return [...['clearpipe', ...words, timeName(time)].filter(Boolean)].join('-') + `.${extension}`;
}
