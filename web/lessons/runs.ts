// Makes the runs of a lesson.

import { simulate } from '../compare/simulate';
import type { Engine } from '../engine/client';
import type { PartialConfig } from '../engine/partial';
import type { FinishedRun, Runs } from './measured';

/** Runs configurations one after the other, by name. Rejects if one of them fails or can't be recorded whole. */
export async function makeRuns(
  engine: Pick<Engine, 'run'>,
  wanted: readonly (readonly [string | null, PartialConfig])[],
  signal: AbortSignal,
): Promise<Runs> {
  const runs = new Map<string | null, FinishedRun>();
  for (const [name, config] of wanted) {
    const { recording, result } = await simulate(engine, config, signal);
    const { metrics } = result;
    if (metrics.trace_dropped_records > 0 || metrics.trace_dropped_task_events > 0) {
      throw new Error('there are too many events to record all of them');
    }
    const [processed, failed] = await Promise.all([result.processed.text(), result.failed.text()]);
    runs.set(name, { recording, metrics, output: { processed, failed } });
  }
  return runs;
}
