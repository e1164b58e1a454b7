// What limited a point of the sweep, by the rule of `crates/bench/src/bottleneck.rs`: so that the page's answer and a
// native one mean the same. The sentence above the picture says more, but it is about a run that one looks at, with
// service times; here all stages compete for the threads.

import { sharesBetween } from '../analysis/time-shares';
import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import { percent } from '../format';
import { countOf, workersOf } from '../recording/worker-aggregate';
import { STAGES, STAGE_NAMES } from '../recording/events';

export interface StageShares {
  stage: Stage;
  workers: number;
  busy: number;
  ready: number;
  blocked: number;
  waiting: number;
}

export interface Bottleneck {
  limit: 'threads' | 'stage' | 'channels' | 'window' | 'batch' | 'rate' | 'unknown' | 'none';
  stage: Stage | null;
  shares: StageShares[];
}

/** Busy or ready for this share of its time, a stage is at its limit. */
const AT_LIMIT = 0.85;
/** If a stage is ready for this share of its work, the threads are what is missing. */
const WITHOUT_THREAD = 0.2;
/** Of the threads, when all are busy. */
const ALL_BUSY = 0.9;
/** Blocked for this share of its time while nobody is at the limit, a stage lacks room to send to. */
const PRESSED = 0.3;
/** In batches of fewer than this, handing over costs about as much as the work. */
const SMALL_BATCH = 32;
/** Of fewer records nothing is said: their times are hardly more than chance. */
const FEW = 10;

/** What limited a run that has ended. */
export function limitOf(metrics: Metrics): Bottleneck {
  const shares = STAGES.flatMap((stage) => {
    const spent = sharesBetween(stage, metrics);
    return spent ? [{ stage, workers: countOf(workersOf(metrics, stage)), ...spent }] : [];
  });
  const top = mostBy(shares, loadOf);
  const keeper = mostBy(shares, workOf)?.stage ?? null;
  const found = (limit: Bottleneck['limit'], stage: Stage | null) => ({ limit, stage, shares });
  if (metrics.processed + metrics.failed < FEW) return found('unknown', null);
  if (top && loadOf(top) >= AT_LIMIT) {
    const isWithoutThread = top.ready >= WITHOUT_THREAD * loadOf(top);
    return isWithoutThread ? found('threads', keeper) : found('stage', top.stage);
  }
  const computing = shares.reduce((sum, stage) => sum + workOf(stage), 0);
  if (computing >= ALL_BUSY * metrics.threads) return found('threads', keeper);
  // There is always somebody who waits for a thread.
  const ready = shares.reduce((sum, stage) => sum + stage.ready * stage.workers, 0);
  if (ready >= 1) return found('threads', keeper);
  // The sweep has no service times: then handing over a few records at a time is most of the work.
  if (metrics.batch < SMALL_BATCH) return found('batch', null);
  const pressed = mostBy(shares, ({ blocked }) => blocked);
  if (!pressed || pressed.blocked < PRESSED) return found('none', null);
  return found(isByWindow(pressed, metrics) ? 'window' : 'channels', pressed.stage);
}

/** For people: what it was, and the stage that goes with it. */
export function wordsOf({ limit, stage, shares }: Bottleneck): string {
  const named = shares.find((other) => other.stage === stage) ?? mostBy(shares, workOf);
  if (!named) return 'not known';
  const name = STAGE_NAMES[named.stage];
  const busy = `${name} ${percent(named.busy)} busy`;
  const blocked = `${name} ${percent(named.blocked)} blocked`;
  return {
    threads: `threads, most for the ${busy}`,
    stage: busy,
    channels: `channels, ${blocked}`,
    window: `records in flight, ${blocked}`,
    batch: 'small batches',
    rate: 'the rate limit',
    unknown: 'too few records',
    none: `nothing; most work: ${busy}`,
  }[limit];
}

const loadOf = ({ busy, ready }: StageShares) => busy + ready;
const workOf = ({ busy, workers }: StageShares) => busy * workers;

function mostBy(
  shares: readonly StageShares[],
  figure: (stage: StageShares) => number,
): StageShares | undefined {
  return shares.toSorted((a, b) => figure(b) - figure(a))[0];
}

/** Whether it is the Producer, and mostly not its channel that it waits for. */
function isByWindow({ stage, blocked }: StageShares, metrics: Metrics): boolean {
  const own = metrics.channels.find(({ channel }) => channel === 'dataCh')?.blocked_seconds ?? 0;
  return stage === 'producer' && own / metrics.elapsed_seconds < blocked / 2;
}
