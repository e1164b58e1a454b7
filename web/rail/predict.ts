// What advice would bring, where that can be computed: a run of generated records on the virtual clock is simulated with
// and without it.

import type { Change } from '../analysis/bottleneck';
import type { Engine } from '../engine/client';
import { withSetting } from '../engine/sweep';
import type { PartialConfig } from '../engine/partial';
import { toConfig } from '../settings/config';
import type { Settings } from '../settings/settings';

/** Records per second over the whole run, without and with changes. */
export interface Prediction {
  before: number;
  after: number;
}

/** Returns what changes would bring; null if that can't be computed. */
export type Predict = (changes: readonly Change[]) => Promise<Prediction | null>;

/** A simulation of more records takes too long for a hint. */
const MAX_RECORDS = 20_000;

/** Whether a run with these settings can be simulated in no time. */
export function isPredictable({ runtime, source, records }: Settings): boolean {
  return runtime === 'virtual' && source === 'generator' && (records ?? Infinity) <= MAX_RECORDS;
}

/** Simulates a run with these settings, and one with changes. */
export async function predict(
  engine: Pick<Engine, 'simulate'>,
  settings: Settings,
  changes: readonly Change[],
): Promise<Prediction | null> {
  const { config } = toConfig(settings, null);
  const changed = changes.reduce<PartialConfig>(
    (config, { path, value }) => withSetting(config, path, value),
    config,
  );
  const [before, after] = [await engine.simulate(config), await engine.simulate(changed)];
  if (!('metrics' in before) || !('metrics' in after)) return null;
  return {
    before: before.metrics.records_per_second,
    after: after.metrics.records_per_second,
  };
}
