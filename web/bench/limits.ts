// Determines what limited a point of the sweep by the rule of `crates/bench/src/bottleneck.rs`, so that results of the
// page and native ones are comparable. The diagnosis above the picture says more, but it is about a run that is being
// watched, with service times. Here all stages compete for the threads.

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

/** A stage that is busy or ready for this share of its time is at its limit. */
const AT_LIMIT = 0.85;
/** If a stage is ready for this share of its working time, it lacks threads. */
const WITHOUT_THREAD = 0.2;
/** The share of threads that compute when all count as busy. */
const ALL_BUSY = 0.9;
/** A stage that is blocked for this share of its time, while none is at its limit, lacks space to send to. */
const PRESSED = 0.3;
/** In batches smaller than this, handing over costs about as much as the work. */
const SMALL_BATCH = 32;
/** Below this many records there is no answer: their times are little more than chance. */
const FEW = 10;

/** Determines what limited a finished run. */
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
  // At any time, a worker is waiting for a thread.
  const ready = shares.reduce((sum, stage) => sum + stage.ready * stage.workers, 0);
  if (ready >= 1) return found('threads', keeper);
  // The sweep has no service times, so handing over a few records at a time is most of the work.
  if (metrics.batch < SMALL_BATCH) return found('batch', null);
  const pressed = mostBy(shares, ({ blocked }) => blocked);
  if (!pressed || pressed.blocked < PRESSED) return found('none', null);
  return found(isByWindow(pressed, metrics) ? 'window' : 'channels', pressed.stage);
}

/** Describes a bottleneck and the stage that goes with it. */
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

/** Whether the stage is the Producer, and waits mostly for something other than its channel. */
function isByWindow({ stage, blocked }: StageShares, metrics: Metrics): boolean {
  const own = metrics.channels.find(({ channel }) => channel === 'dataCh')?.blocked_seconds ?? 0;
  return stage === 'producer' && own / metrics.elapsed_seconds < blocked / 2;
}
