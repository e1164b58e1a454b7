// The engine's input for a trace for Perfetto (https://ui.perfetto.dev): the command writes the
// same one.

import type { TraceRequest } from '../engine/protocol';
import type { Recording } from '../recording/recording';
import { packedEvents } from './log-file';

export function traceRequestOf(recording: Recording): TraceRequest {
  const { topology, config } = recording;
  const { stages, channels } = topology.data;
  const shown = <T extends { readonly node: number }>(part: T) => ({
    ...part,
    name: topology.nameOf(part.node),
  });
  return {
    topology: { stages: stages.map(shown), channels: channels.map(shown) },
    sample: config.trace.sample,
    events: new Blob(packedEvents(recording)),
  };
}
