// Simulates runs in the engine's worker, a few milliseconds at a time, so that it answers meanwhile.

import { problemsOf } from '../problems';
import type { PartialConfig } from '../partial';
import type { SimulationResult } from '../protocol';
import type { EngineModule } from './module';

/** How long a slice takes, in milliseconds. */
const SLICE = 8;

/** Simulates a run of generated records. Throws the signal's reason once it is aborted. */
export async function simulate(
  module: Pick<EngineModule, 'Simulated'>,
  config: PartialConfig,
  signal: AbortSignal,
): Promise<SimulationResult> {
  signal.throwIfAborted();
  let simulated;
  try {
    simulated = new module.Simulated(config);
  } catch (error) {
    const problems = problemsOf(error);
    if (problems) return { problems };
    throw error;
  }
  // Not freed if it throws: after a trap, nothing can be done with the engine.
  while (!simulated.advance(SLICE)) {
    await nextTurn();
    if (signal.aborted) {
      simulated.free();
      signal.throwIfAborted();
    }
  }
  const metrics = simulated.metrics();
  simulated.free();
  if (!metrics) throw new Error('a simulation that has ended has no metrics');
  return { metrics };
}

/** Lets the messages be handled that have arrived. A timer would wait for 4 ms if it is set again and again. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
