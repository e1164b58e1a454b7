// The style of charts: the page's colours, which a canvas doesn't inherit, and dashes, which distinguish lines without
// colours.

/** By line: lengths of dashes and gaps in pixels. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [4, 4],
  [12, 4],
  [1, 4],
];

export interface ChartColours {
  ink: string;
  rule: string;
  /** By line. */
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
