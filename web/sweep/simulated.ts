// The run that is simulated in place of the real one, or why there can be none that would be true of it.

import { hasService } from '../analysis/service';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import type { EngineInfo } from '../engine/protocol';
import { count } from '../format';
import { withDefaults } from '../recording/merge';
import { toConfig } from '../settings/config';
import { SETTINGS } from '../settings/registry';
import type { Settings } from '../settings/settings';

export interface SimulatedRun {
  config: PartialConfig;
  records: number;
  cores: number;
}

/** The machine that runs the pipeline. */
export interface Machine {
  engine: Pick<EngineInfo, 'kind' | 'threads'> | null;
  /** How many threads it can run at a time. */
  processors: number;
}

/** As many records are enough for a curve, if each goes its own way. */
const RECORDS = 200;

/** Records that go together count as one; as many of them at most. */
const MAX_TOGETHER = 64;

/**
 * Returns the run to simulate for these settings, or a sentence that says why there is none.
 *
 * @param most how many records it has at most, if each goes its own way
 */
export function simulatedRun(
  settings: Settings,
  machine: Machine,
  most = RECORDS,
): SimulatedRun | string {
  if (settings.source === 'file') {
    return 'A simulation generates its records, so it can’t tell how those of a file would fare.';
  }
  const { config, problems } = toConfig(settings, null);
  if (problems.length > 0)
    return 'The settings have a problem. Once it is fixed, this can be simulated.';
  const batch = Number(settings.batch) || 1;
  const burst = (settings.rate ?? 0) > 0 ? (settings.burst ?? 1) : 1;
  // A simulated run has 200 batches, or five bursts.
  const together = Math.max(batch, Math.ceil((5 * burst) / RECORDS));
  if (together > MAX_TOGETHER) {
    const what = batch === together ? `batches of ${count(batch)}` : `bursts of ${count(burst)}`;
    return `Records come in ${what}: a simulated run would be too short to tell.`;
  }
  const records = Math.min(settings.records ?? SETTINGS.records.default, most * together);
  const cores = coresOf(settings, machine);
  const seed = settings.runtime === 'virtual' ? config.runtime?.seed : undefined;
  return {
    config: { ...config, records, runtime: { kind: 'virtual', cores, seed } },
    ...{ records, cores },
  };
}

/** How many workers can compute at a time. */
function coresOf({ runtime, cores, threads }: Settings, { engine, processors }: Machine): number {
  if (runtime === 'virtual') return cores ?? SETTINGS['runtime.cores'].default;
  if (runtime === 'local' || engine?.kind === 'single') return 1;
  return Math.max(1, Math.min(threads ?? engine?.threads ?? processors, processors));
}

/** Whether anything takes time on the virtual clock. Where nothing does, there are no rates or latencies to compare. */
export function takesTime(config: PartialConfig): boolean {
  return hasService(withDefaults(config, DEFAULT_CONFIG));
}
