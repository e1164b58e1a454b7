// A run on the virtual clock, simulated at once and recorded whole.

import type { Engine } from '../engine/client';
import type { PartialConfig } from '../engine/partial';
import type { RunResult } from '../engine/protocol';
import { withDefaults } from '../recording/merge';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { Recording } from '../recording/recording';

/** More events than a record has, those of tasks and the room that is reserved for it included; and the sizes of rings. */
const [EVENTS_A_RECORD, LEAST_RING, LARGEST_RING] = [128, 2 ** 16, 2 ** 20];

/**
 * Returns a ring for the events of all records: the engine simulates for a while before it delivers any, and what finds no
 * room isn't traced.
 */
function ringFor(records: number): number {
  const needed = 2 ** Math.ceil(Math.log2(Math.max(1, records * EVENTS_A_RECORD)));
  return Math.min(LARGEST_RING, Math.max(LEAST_RING, needed));
}

/** A run that was simulated, with its two files. */
export interface Simulated {
  recording: Recording;
  result: RunResult;
}

/**
 * Simulates a run of generated records, and returns its recording. Rejects with a `RunFailed` if the engine refuses the
 * settings or fails, or if the signal aborts it.
 */
export async function simulateRecording(
  engine: Pick<Engine, 'run'>,
  config: PartialConfig,
  signal: AbortSignal,
): Promise<Recording> {
  return (await simulate(engine, config, signal, { discard: true })).recording;
}

/**
 * The same with the two files, unless they are discarded. Those of the last run on the page remain.
 */
export async function simulate(
  engine: Pick<Engine, 'run'>,
  config: PartialConfig,
  signal: AbortSignal,
  { discard = false } = {},
): Promise<Simulated> {
  signal.throwIfAborted();
  const ring = ringFor(config.records ?? DEFAULT_CONFIG.records);
  const traced: PartialConfig = { ...config, trace: { enabled: true, ring } };
  const recording = new Recording(withDefaults(traced, DEFAULT_CONFIG), 'live');
  const run = engine.run(traced, {
    ...(discard ? { discard } : { preview: true }),
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
    const result = await run.finished;
    recording.end(result.metrics);
    return { recording, result };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
