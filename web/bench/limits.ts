// Determines what limited a whole run by the rule of `crates/bench/src/bottleneck.rs`, so that
// results of the page and native ones are comparable: `tests/vectors/verdicts.json` holds both to
// the same verdicts. The diagnosis above the picture is more detailed, and is about a run that is
// being watched.

import { hasService, serviceOf } from '../analysis/service';
import { sharesBetween } from '../analysis/time-shares';
import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import { percent } from '../format';
import { countOf, workersOf } from '../recording/worker-aggregate';
import { NODE, STAGES, STAGE_NAMES } from '../recording/events';
import { STANDARD } from '../recording/topology';

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
/** A rate limit counts as reached from this share of it on. */
const REACHED = 0.95;
/** Below this share, no stage is held up. */
const FREE = 0.1;
/** A stage that works for less than this share of its time isn't the limit. */
const HALF = 0.5;
/** Channels of up to this capacity may be too small to even out variations. */
const SMALL = 16;
/** In batches smaller than this, handing over costs about as much as the work. */
const SMALL_BATCH = 32;
/** Below this many records there is no answer: their times are little more than chance. */
const FEW = 10;

/** Determines what limited a finished run. */
export function limitOf(
  metrics: Metrics,
  config: Pick<Config, 'generator' | 'service' | 'locks'>,
): Bottleneck {
  const shares = STAGES.flatMap((stage) => {
    const spent = sharesBetween(stage, metrics);
    return spent ? [{ stage, workers: countOf(workersOf(metrics, stage)), ...spent }] : [];
  });
  const top = mostBy(shares, loadOf);
  const keeper = mostBy(shares, workOf)?.stage ?? null;
  const found = (limit: Bottleneck['limit'], stage: Stage | null) => ({ limit, stage, shares });
  if (metrics.processed + metrics.failed < FEW) return found('unknown', null);
  const { rate_limit: rateLimit } = config.generator;
  if (rateLimit > 0 && metrics.produced >= REACHED * rateLimit * metrics.elapsed_seconds) {
    return found('rate', 'producer');
  }
  if (top && loadOf(top) >= AT_LIMIT) {
    const isWithoutThread = top.ready >= WITHOUT_THREAD * loadOf(top);
    return isWithoutThread ? found('threads', keeper) : found('stage', top.stage);
  }
  // A stage that waits for its service time is busy without a thread.
  const computing = shares
    .filter(({ stage }) => (serviceOf(config, stage)?.wait ?? 'off') === 'off')
    .reduce((sum, stage) => sum + workOf(stage), 0);
  if (computing >= ALL_BUSY * metrics.threads) return found('threads', keeper);
  // At any time, a worker is waiting for a thread.
  const ready = shares.reduce((sum, stage) => sum + stage.ready * stage.workers, 0);
  if (ready >= 1) return found('threads', keeper);
  // Without service times, handing over a few records at a time is most of the work.
  if (metrics.batch < SMALL_BATCH && !hasService(config)) return found('batch', null);
  if (isSourceSlow(shares, metrics)) return found('stage', 'producer');
  const pressed = mostBy(shares, ({ blocked }) => blocked);
  if (pressed && pressed.blocked >= PRESSED) {
    return found(isByWindow(pressed, metrics) ? 'window' : 'channels', pressed.stage);
  }
  const starved = shares.find((stage) => lacksRoom(stage, shares, metrics));
  return starved ? found('channels', starved.stage) : found('none', null);
}

/** Describes a bottleneck and the stage it refers to. */
export function wordsOf({ limit, stage, shares }: Bottleneck): string {
  const named = shares.find((other) => other.stage === stage) ?? mostBy(shares, workOf);
  if (!named) return 'not known';
  const name = STAGE_NAMES[named.stage];
  const busy = `${name} ${percent(named.busy)} busy`;
  const blocked = `${name} ${percent(named.blocked)} blocked`;
  return {
    threads: `threads, needed most by the ${name} (${percent(named.busy)} busy)`,
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
  // The last of several, like the command.
  return shares.toSorted((a, b) => figure(a) - figure(b)).at(-1);
}

/**
 * Whether no stage holds the Producer up, and it spends most of its time making records or waiting
 * for the input.
 */
function isSourceSlow(shares: readonly StageShares[], { input_bytes }: Metrics): boolean {
  const producer = shares.find(({ stage }) => stage === 'producer');
  if (!producer || producer.blocked >= FREE) return false;
  return loadOf(producer) >= HALF || (input_bytes > 0 && producer.waiting >= HALF);
}

/**
 * Whether a stage is sometimes idle, although its senders are blocked: the channel between is too
 * small.
 */
function lacksRoom(
  { stage, waiting }: StageShares,
  shares: readonly StageShares[],
  metrics: Metrics,
): boolean {
  const node = STANDARD.inputsOf(NODE[stage])[0];
  if (node === undefined || waiting < FREE) return false;
  const channel = metrics.channels.find((other) => NODE[other.channel] === node);
  if (!channel || channel.capacity > SMALL) return false;
  const sender = shares.find((other) => NODE[other.stage] === STANDARD.sendersOf(node)[0]);
  return channel.blocked_seconds / metrics.elapsed_seconds / (sender?.workers ?? 1) >= FREE;
}

/** Whether the stage is the Producer, and waits mostly for something other than its channel. */
function isByWindow({ stage, blocked }: StageShares, metrics: Metrics): boolean {
  const own = metrics.channels.find(({ channel }) => channel === 'dataCh')?.blocked_seconds ?? 0;
  return stage === 'producer' && own / metrics.elapsed_seconds < blocked / 2;
}
