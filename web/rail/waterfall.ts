// The rows of a record's waterfall: where it stayed, in the order of its path, and for how long.

import type { Journey, Span, SpanKind } from '../analysis/journey';
import { isChannel } from '../recording/topology';
import type { Topology } from '../recording/topology';

export interface Row {
  key: string;
  name: string;
  isChannel: boolean;
  kind: SpanKind;
  from: number;
  /** Up to the time on screen or the end of what is known, if the record is still there. */
  to: number;
  isOpen: boolean;
  /** Whether it is a copy that the record's file doesn't need: the fan-out gives each record to every consumer. */
  isCopy: boolean;
  thread: number;
}

const WHAT: Readonly<Record<SpanKind, string>> = {
  channel: '',
  work: '',
  blocked: ', blocked',
  held: ', held',
};

/** @param until up to when what is still going on has lasted, in nanoseconds */
export function waterfall(journey: Journey, topology: Topology, until: number): Row[] {
  const writer = writerOf(journey, topology);
  return journey.spans
    .toSorted((a, b) => a.from - b.from || topology.rankOf(a.node) - topology.rankOf(b.node))
    .map((span) => ({
      key: `${span.node} ${span.kind} ${span.from}`,
      name: `${isChannel(span.node) ? topology.nameOf(span.node) : topology.workerName(span.node, span.worker)}${WHAT[span.kind]}`,
      isChannel: isChannel(span.node),
      kind: span.kind,
      from: span.from,
      to: Math.max(span.from, span.to ?? until),
      isOpen: span.to === null,
      isCopy: isCopy(span, writer, topology),
      thread: span.thread,
    }));
}

/** Returns the consumer that writes the record: of those, the one whose work on it takes longest; null if none has it. */
function writerOf({ outcome }: Journey, topology: Topology): string | null {
  if (outcome === null) return null;
  const wanted = outcome === 'processed' || outcome === 'anomaly' ? 'loader' : 'error_handler';
  return topology.stages.some(({ id }) => id === wanted) ? wanted : null;
}

function isCopy({ node }: Span, writer: string | null, topology: Topology): boolean {
  if (writer === null) return false;
  const stage = isChannel(node) ? topology.receiverOf(node) : node;
  return stage !== undefined && topology.isSink(stage) && topology.idOf(stage) !== writer;
}

/** Returns the longest stay. */
export function longestOf(rows: readonly Row[]): Row | undefined {
  return rows.reduce<Row | undefined>(
    (longest, row) => (!longest || row.to - row.from > longest.to - longest.from ? row : longest),
    undefined,
  );
}
