// Formats numbers and lists for people.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** Formats a count with its noun: `1 worker`, `3 workers`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Joins words: `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${last}` : last;
}

/** Turns an error message into a sentence. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** Formats with two decimals, without rounding large numbers. Null stands for one beyond the range of numbers. */
export function sum(value: number | null): string {
  if (value === null) return 'too large';
  return new Intl.NumberFormat('en', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(value);
}

export function seconds(value: number): string {
  if (value < 0.001) return `${count(value * 1e6)} µs`;
  if (value < 1) return `${count(value * 1000)} ms`;
  if (value < 100) return `${value.toFixed(2)} s`;
  return `${count(value)} s`;
}

export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let scaled = value;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  if (unit === 0) return counted(value, 'byte');
  return `${scaled < 10 ? scaled.toFixed(2) : scaled < 100 ? scaled.toFixed(1) : count(scaled)}\u00a0${units[unit] ?? ''}`;
}

export function percent(share: number): string {
  // Don't break it across lines.
  return `${count(share * 100)}\u00a0%`;
}

/** Formats records per second with three digits, which are enough to compare. */
export function rate(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}\u00a0M/s`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)}\u00a0k/s`;
  if (value >= 10) return `${count(value)}/s`;
  return `${value.toPrecision(2)}/s`;
}

/** Formats records per second without their unit: `5.5`, `899`, `1.25 M`. */
export function perSecond(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}\u00a0M`;
  return value < 99.95 ? value.toFixed(1) : count(value);
}

/** Formats a change as a share, with its sign: `+18 %`, `−4 %`. */
export function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}
