// Values of a line that no stroke reaches, since the values beside them are unknown: they have to be drawn as points.

/** Returns their indices. */
export function isolated(values: ArrayLike<number | null | undefined>): number[] {
  const isKnown = (at: number) => typeof values[at] === 'number';
  const found: number[] = [];
  for (let at = 0; at < values.length; at += 1) {
    if (isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1)) found.push(at);
  }
  return found;
}
