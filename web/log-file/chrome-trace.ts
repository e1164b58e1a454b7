// The engine's input for a trace for Perfetto (https://ui.perfetto.dev): the command writes the
// same one.

import type { TraceRequest } from '../engine/protocol';
import type { Recording } from '../recording/recording';
import { packedEvents } from './packed-events';

export function traceRequestOf(recording: Recording): TraceRequest {
  return {
    topology: recording.topology.data,
    sample: recording.config.trace.sample,
    events: new Blob(packedEvents(recording)),
  };
}
