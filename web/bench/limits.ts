// What limited a point of the sweep: in a word or two for the table, and as the command line writes it.

import { diagnose } from '../analysis/bottleneck';
import type { Limit } from '../analysis/bottleneck';
import { sharesBetween } from '../analysis/spent';
import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import { percent } from '../figures';
import { countOf, workersOf } from '../recording/crowd';
import { STAGES, STAGE_NAMES } from '../recording/events';

export interface StageShares {
  stage: Stage;
  workers: number;
  busy: number;
  ready: number;
  blocked: number;
  waiting: number;
}

/** As `crates/cli/src/bench/bottleneck.rs` describes it. */
export interface Bottleneck {
  limit: 'threads' | 'stage' | 'channels' | 'window' | 'none';
  stage: Stage | null;
  shares: StageShares[];
}

export interface Limited {
  /** For people. */
  words: string;
  bottleneck: Bottleneck;
}

const AS_WRITTEN: Readonly<Record<Limit, Bottleneck['limit']>> = {
  'nothing-measured': 'none',
  paused: 'none',
  over: 'none',
  idle: 'none',
  workers: 'stage',
  cores: 'threads',
  several: 'stage',
  'slow-consumer': 'stage',
  'fan-out': 'stage',
  producer: 'stage',
  'rate-limit': 'none',
  batch: 'stage',
  window: 'window',
  capacity: 'channels',
  none: 'none',
};

/** The run's own diagnosis; where that finds nothing at its limit, the busiest stage. */
export function limitOf(metrics: Metrics, config: Config, cores: number): Limited {
  const shares = STAGES.flatMap((stage) => {
    const spent = sharesBetween(stage, metrics);
    return spent ? [{ stage, workers: countOf(workersOf(metrics, stage)), ...spent }] : [];
  });
  const { limit, stage } = diagnose(metrics, undefined, config, cores);
  const written = AS_WRITTEN[limit];
  const busiest = shares.toSorted((a, b) => b.busy - a.busy)[0];
  const named = shares.find((other) => other.stage === stage) ?? busiest;
  const who = named ? `${STAGE_NAMES[named.stage]}, ${percent(named.busy)} busy` : 'not known';
  const words = {
    threads: `threads (${who})`,
    stage: limit === 'batch' ? `handing over (${who})` : who,
    channels: 'small channels',
    window: 'records in flight',
    none: `nothing at its limit (${who})`,
  }[written];
  return {
    words,
    bottleneck: {
      limit: written,
      stage: written === 'none' ? null : (named?.stage ?? null),
      shares,
    },
  };
}
