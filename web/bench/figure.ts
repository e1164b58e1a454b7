// Summarizes several rounds, as `crates/bench/src/figure.rs` does.

export interface Figure {
  median: number;
  low: number;
  high: number;
  /** In order. */
  rounds: number[];
}

export function figureOf(rounds: readonly number[]): Figure {
  const sorted = rounds.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const half = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2,
    low: at(0),
    high: at(sorted.length - 1),
    rounds: [...rounds],
  };
}

/** Divides round by round: whatever slowed both down in a round cancels out. */
export function over(one: Figure, other: Figure): Figure {
  return figureOf(one.rounds.map((value, round) => value / (other.rounds[round] ?? NaN)));
}

/** Returns the round closest to the median. */
export function middleRound({ rounds, median }: Figure): number {
  const distance = (round: number) => Math.abs((rounds[round] ?? NaN) - median);
  return rounds.reduce((best, _, round) => (distance(round) < distance(best) ? round : best), 0);
}
