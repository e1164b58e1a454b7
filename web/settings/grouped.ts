// Numbers whose thousands are separated, in settings that are written as a text. The engine reads them
// (`crates/core/src/config/number.rs`); what the page works out by itself needs them plain.

const GROUPED = /(?<![\d.,_])[1-9]\d{0,2}([,_])\d{3}(?:\1\d{3})*(?![\d,_])/g;

/** The text with `1000` for `1,000` and `1_000`. A decimal comma stays, for the engine to refuse it. */
export function ungrouped(text: string): string {
  return text.replace(GROUPED, (number) => number.replace(/[,_]/g, ''));
}
