// A run on the virtual clock, simulated at once and recorded whole.

import type { Engine } from '../engine/client';
import type { PartialConfig } from '../engine/partial';
import { withDefaults } from '../recording/merge';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { Recording } from '../recording/recording';

/**
 * Simulates a run of generated records, and returns its recording. Rejects with a `RunFailed` if the engine refuses the
 * settings or fails, or if the signal aborts it.
 */
export async function simulateRecording(
  engine: Pick<Engine, 'run'>,
  config: PartialConfig,
  signal: AbortSignal,
): Promise<Recording> {
  signal.throwIfAborted();
  const traced: PartialConfig = { ...config, trace: { enabled: true } };
  const recording = new Recording(withDefaults(traced, DEFAULT_CONFIG), 'live');
  const run = engine.run(traced, {
    discard: true,
    onevents: (words) => {
      recording.log.add(words, Infinity);
    },
  });
  run.pace(0);
  const abort = () => {
    run.abort();
  };
  signal.addEventListener('abort', abort);
  try {
    const { metrics } = await run.finished;
    recording.end(metrics);
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return recording;
}
