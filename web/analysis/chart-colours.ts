// The style of charts: the page's colours, which a canvas doesn't inherit, and dashes, which distinguish lines without
// colours.

/** By line: lengths of dashes and gaps in pixels. */
const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [4, 4],
  [12, 4],
  [1, 4],
];

/**
 * Returns the index of a line's colour, and its dashes: once all colours are used, they are
 * repeated with other dashes.
 */
export function styleOf(line: number): { colour: number; dash: readonly number[] } {
  const { length } = DASHES;
  return { colour: line % length, dash: DASHES[(line + Math.floor(line / length)) % length] ?? [] };
}

export interface ChartColours {
  ink: string;
  rule: string;
  /** One for each line, as in [`styleOf`]. */
  series: string[];
}

export function readColours(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: token('--ink-soft'),
    rule: token('--rule'),
    series: DASHES.map((_, line) => token(`--series-${line + 1}`)),
  };
}

/** Calls back when the colours change, through the system or the user. Returns a function that unsubscribes. */
export function onColoursChanged(changed: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true });
  return () => {
    dark.removeEventListener('change', changed);
    observer.disconnect();
  };
}
