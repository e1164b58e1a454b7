// Builds a trace for Perfetto from events, piece by piece: there may be millions.

import { isEngineError } from '../engine-failure';
import type { TraceRequest } from '../protocol';
import type { EngineModule } from './module';

/** How many bytes of events are added in one step: 65,536 events. */
const PIECE = 2 ** 20;

export async function makeTrace(
  module: Pick<EngineModule, 'ChromeTrace'>,
  { topology, sample, events }: TraceRequest,
): Promise<Blob> {
  const trace = new module.ChromeTrace(JSON.stringify(topology), sample);
  const parts: BlobPart[] = [];
  try {
    for (let from = 0; from < events.size; from += PIECE) {
      const piece = await events.slice(from, from + PIECE).arrayBuffer();
      // Appended continuously, so that the browser can put it on disk.
      parts.push(new Blob([trace.add(new Uint8Array(piece))]));
    }
    parts.push(trace.finish());
  } catch (error) {
    // After a trap, `free` would throw another error, which hides it.
    if (!isEngineError(error)) trace.free();
    throw error;
  }
  trace.free();
  return new Blob(parts, { type: 'application/json' });
}
