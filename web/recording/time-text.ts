// Times of a run as text that can be typed and linked to: `1.24s`, `35.5ms`, `1200ns`.

/** The units by name, in nanoseconds. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
};

/** A later time doesn't occur: it is more than 100 days. */
const MAX_TIME = 2 ** 53 - 1;

/** Formats a time in nanoseconds so that [`parseTime`] returns it, rounded to whole ones. */
export function timeText(time: number): string {
  const whole = Math.round(time);
  const [unit, size] =
    whole === 0 || whole >= 1e6 ? ['s', 1e9] : whole >= 1e3 ? ['us', 1e3] : ['ns', 1];
  // Not by division, which would round.
  const rest = String(whole % size)
    .padStart(String(size).length - 1, '0')
    .replace(/0+$/, '');
  const fraction = size === 1 ? '' : rest;
  return `${Math.floor(whole / size)}${fraction === '' ? '' : `.${fraction}`}${unit}`;
}

/** Parses a time with its unit. Returns whole nanoseconds, or null if it isn't one. */
export function parseTime(text: string): number | null {
  const [, whole = '', fraction = '', unit = ''] =
    /^(\d{1,16})?(?:\.(\d{1,20}))?\s*(ns|us|µs|μs|ms|s)$/.exec(text.trim()) ?? [];
  const size = UNITS[unit];
  if (size === undefined || whole + fraction === '') return null;
  const time = Math.round(Number(whole) * size + Number(`0.${fraction || '0'}`) * size);
  return time <= MAX_TIME ? time : null;
}
