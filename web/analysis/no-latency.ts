// The latencies in metrics that nobody measured: those that are derived from events, and those of tests.

import type { Distribution } from '../engine/generated/Distribution';
import type { LatencyByOutcome } from '../engine/generated/LatencyByOutcome';

const NONE: Distribution = {
  count: 0,
  mean_seconds: 0,
  p50_seconds: 0,
  p90_seconds: 0,
  p99_seconds: 0,
  max_seconds: 0,
};

export const NO_LATENCY: LatencyByOutcome = {
  processed: { from_production: NONE, from_due: NONE },
  failed: { from_production: NONE, from_due: NONE },
};
