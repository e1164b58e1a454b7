// Digit grouping in settings that are text. The engine supports it (`crates/core/src/config/number.rs`), but the page's
// own computations need plain numbers.

const GROUPED = /(?<![\d.,_])[1-9]\d{0,2}([,_])\d{3}(?:\1\d{3})*(?![\d,_])/g;

/** Replaces `1,000` and `1_000` by `1000`. Keeps decimal commas, for the engine to reject. */
export function ungrouped(text: string): string {
  return text.replace(GROUPED, (number) => number.replace(/[,_]/g, ''));
}
