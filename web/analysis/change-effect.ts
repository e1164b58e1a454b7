// What a change of settings brought: the rate before, and after. The rate after is final only once the queues have
// settled: while they drain, it is above what the change brings.

import type { Recording } from '../recording/recording';
import { flowAt, flowsBetween } from './flow';
import type { Flow } from './flow';
import { changeOf, estimateRate } from './rate-estimate';
import type { RateEstimate } from './rate-estimate';
import type { SettingChange } from './setting-changes';
import { settlingOf } from './settling';
import type { Draining } from './settling';

export type Effect =
  /** So many nanoseconds more, if nothing happens in between. */
  | { state: 'measuring'; before: RateEstimate | null; left: number }
  | { state: 'draining'; before: RateEstimate | null; now: number; draining: Draining }
  | {
      state: 'final';
      before: RateEstimate | null;
      after: RateEstimate;
      /** How much faster it is, as a share; 0 if no difference can be told from chance. */
      change: number;
    }
  /** It was replaced by the next change, or the run ended, before it could be measured. */
  | { state: 'unknown'; before: RateEstimate | null; isReplaced: boolean };

/** For how long is measured at least, and within what limits: the time of so many records, in nanoseconds. */
const ENOUGH = 150;
const [SHORTEST, LONGEST] = [1e9, 4e9];

/** Of that, the first part is left out: records that were on their way before. */
const ON_THEIR_WAY = 0.25;

/** A rate that isn't known this well is measured for longer, up to so many times as long. */
const PRECISION = 0.06;
const PATIENCE = 4;

/** Of a longer time only the last part before a change counts, and only the first part after it. */
const MEMORY = 30e9;

/** How many moments are looked at. */
const MOMENTS = 60;

/**
 * Returns what a change has brought up to a time.
 *
 * @param previous when the change before it was made; 0 if there was none
 * @param next when the change after it was made; null if there is none up to that time
 */
export function effectOf(
  recording: Recording,
  change: SettingChange,
  time: number,
  { previous = 0, next = null }: { previous?: number; next?: number | null } = {},
): Effect {
  const before = rateBefore(recording, previous, change.from);
  const until = Math.min(time, next ?? Infinity, recording.duration);
  const begin = change.time;
  const stop = productionEnd(recording, begin, until);
  const end = stop ?? until;
  const isOver = next !== null || stop !== null || recording.isOverAt(time);
  const flows = flowsBetween(recording, begin, end, MOMENTS);
  const needed = neededTime(before, flows);
  const unknown = { state: 'unknown', before, isReplaced: next !== null } as const;
  const measuring = (left: number) =>
    isOver ? unknown : ({ state: 'measuring', before, left: Math.max(0, left) } as const);

  if (end - begin < needed) return measuring(begin + needed - end);
  const { draining, since } = settlingOf(recording, flows);
  if (draining) {
    if (isOver) return unknown;
    const lately = estimateRate(flowsBetween(recording, Math.max(begin, end - LONGEST), end, 12));
    return { state: 'draining', before, now: lately?.rate ?? 0, draining };
  }
  const from = Math.max(since, begin + ON_THEIR_WAY * needed);
  const left = from + (1 - ON_THEIR_WAY) * needed - end;
  if (left > 1e6) return measuring(left);
  const after = estimateRate(flowsBetween(recording, from, Math.min(end, from + MEMORY), MOMENTS));
  if (!after) return measuring(0);
  // Until it is known better, or for as long as it pays to wait.
  const measured = after.to - after.from;
  const precise =
    after.rate > 0 ? measured * (after.error / after.rate / PRECISION) ** 2 : Infinity;
  const wanted = Math.min(precise, PATIENCE * needed);
  if (measured < wanted && !isOver) return measuring(wanted - measured);
  return { state: 'final', before, after, change: before ? changeOf(before, after) : 0 };
}

/** Returns for how long to measure, in nanoseconds. */
function neededTime(before: RateEstimate | null, flows: readonly Flow[]): number {
  const [first, last] = [flows[0], flows.at(-1)];
  const seconds = first && last ? (last.time - first.time) / 1e9 : 0;
  const now = first && last && seconds > 0 ? (last.finished - first.finished) / seconds : 0;
  const rate = Math.max(before?.rate ?? 0, now);
  return rate > 0 ? Math.min(LONGEST, Math.max(SHORTEST, (ENOUGH / rate) * 1e9)) : LONGEST;
}

/** Returns the rate up to a change, since the queues had settled after the one before it. */
function rateBefore(recording: Recording, previous: number, end: number): RateEstimate | null {
  const begin = previous > 0 ? previous : firstFinished(recording, end);
  if (begin === null) return null;
  const { since } = settlingOf(recording, flowsBetween(recording, begin, end, MOMENTS));
  const length = end - begin;
  // What was on its way when it began; and of what drained to the end, the last half is the best there is.
  const from = Math.max(
    begin + ON_THEIR_WAY * Math.min(length, LONGEST),
    Math.min(since, end - length / 2),
  );
  const found = estimateRate(flowsBetween(recording, Math.max(from, end - MEMORY), end, MOMENTS));
  return found && found.records >= FEW ? found : null;
}

/** Of fewer records no rate is told. */
const FEW = 4;

/** Returns when the first record was finished, up to a time; null if none was. */
function firstFinished(recording: Recording, until: number): number | null {
  const last = flowAt(recording, until);
  if (!last || last.finished < 1) return null;
  let [low, high] = [0, until];
  for (let halvings = 0; halvings < 30 && high - low > 1e6; halvings += 1) {
    const middle = (low + high) / 2;
    const finished = flowAt(recording, middle)?.finished ?? 0;
    if (finished >= 1) high = middle;
    else low = middle;
  }
  return high;
}

/** A Producer that has made nothing for so many times its usual interval has stopped. */
const STOPPED = 6;

/** Returns when the Producer stopped between two times; null if it hasn't. What comes after is only the rest. */
function productionEnd(recording: Recording, from: number, to: number): number | null {
  const [first, last] = [flowAt(recording, from), flowAt(recording, to)];
  if (!first || !last) return null;
  const made = last.produced - first.produced;
  let [low, high] = [from, to];
  for (let halvings = 0; halvings < 30 && high - low > 1e6; halvings += 1) {
    const middle = (low + high) / 2;
    const produced = flowAt(recording, middle)?.produced ?? 0;
    if (produced >= last.produced) high = middle;
    else low = middle;
  }
  const interval = made > 0 ? (high - from) / made : Infinity;
  // A measurement is no more exact than this.
  return to - high > Math.max(STOPPED * interval, 0.3e9) ? high : null;
}
