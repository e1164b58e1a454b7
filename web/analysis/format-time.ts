// Formats times given in nanoseconds.

/** Formats a duration with three digits and a fitting unit: `1.25 ms`. */
export function duration(nanoseconds: number): string {
  const [value, unit] = scaled(Math.abs(nanoseconds));
  const sign = nanoseconds < 0 ? '−' : '';
  return `${sign}${digits(value)}\u00a0${unit}`;
}

/**
 * Formats a moment of the run in seconds: `1.250 s`.
 *
 * @param apart how far moments are apart that must be told from each other, in nanoseconds
 */
export function moment(nanoseconds: number, apart = Infinity): string {
  const decimals = nanoseconds < 1e8 ? 6 : 3;
  const needed = Math.min(9, 10 - Math.floor(Math.log10(Math.max(1, apart))));
  return `${(nanoseconds / 1e9).toFixed(Math.max(decimals, needed))}\u00a0s`;
}

/** Formats a part of a run, so that its ends can be told apart: `1.250 s to 1.500 s`. */
export function part({ from, to }: { readonly from: number; readonly to: number }): string {
  const [first, last] = [moment(from, to - from), moment(to, to - from)];
  // The beginning of a long part need not be told to the microsecond.
  const decimals = last.indexOf('\u00a0') - last.indexOf('.') - 1;
  return `${from < 1e8 && to >= 1e8 ? `${(from / 1e9).toFixed(decimals)}\u00a0s` : first} to ${last}`;
}

/** Formats a number with three significant digits. */
export function digits(value: number): string {
  if (value === 0) return '0';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 0.001 ? value.toPrecision(3) : value.toFixed(4);
}

function scaled(nanoseconds: number): [number, string] {
  if (nanoseconds === 0) return [0, 's'];
  // Values that would round to a thousand move to the next unit.
  if (nanoseconds < 999.5) return [nanoseconds, 'ns'];
  if (nanoseconds < 999.5e3) return [nanoseconds / 1e3, 'µs'];
  if (nanoseconds < 999.5e6) return [nanoseconds / 1e6, 'ms'];
  return [nanoseconds / 1e9, 's'];
}
