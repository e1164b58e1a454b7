// What a run is compared by: the figures of its middle part, which leaves out that the pipeline fills and drains.

import { percentile } from '../analysis/latency';
import { BLOCKED, BUSY } from '../timeline/timeline-data';
import type { TimelineData } from '../timeline/timeline-data';

/** What was measured of a stage or channel. */
export interface NodeFigures {
  node: number;
  value: number;
}

/** Figures of a part of a run, from its events. */
export interface RunFigures {
  /** The part, in nanoseconds. */
  from: number;
  to: number;
  /** How many records ended in it. */
  records: number;
  /** Records per second. */
  rate: number;
  /** From birth to end, in seconds, of the records that ended in it; null if there is none. */
  median: number | null;
  p99: number | null;
  /** Each latency, in seconds, in ascending order. */
  latencies: Float64Array;
  /** Which share of the time the workers of a pool were busy, and blocked. */
  busy: NodeFigures[];
  blocked: NodeFigures[];
  /** How many records were in a channel before a pool at most. */
  longest: NodeFigures[];
  /** How many more records were in flight at the end of the part than at its beginning. */
  growth: number;
}

/** The part that counts, as shares of the records that end. */
const [FIRST, LAST] = [0.1, 0.9];

/** With fewer records, a part tells nothing. */
const FEW = 10;

/** Returns null if too little ended, or if not every event is known. */
export function figuresOf(data: TimelineData): RunFigures | null {
  const { ends, recording } = data;
  const { topology } = recording;
  if (ends.begin > 0 || ends.length < FEW) return null;
  if (!data.isExactAt(0) || !data.isExactAt(recording.duration)) return null;
  const [first, last] = [FIRST, LAST].map((share) => Math.floor(share * (ends.length - 1)));
  const [from, to] = [ends.time(first as number), ends.time(last as number)];
  if (to <= from) return null;
  const [begin, behind] = [ends.after(from), ends.after(to)];
  const records = behind - begin;
  const latencies = Float64Array.from(
    { length: records },
    (_, at) => ends.lengths(begin + at, begin + at + 1) / 1e9,
  ).sort();
  const pools = topology.stages.filter(({ node }) => topology.isPool(node));
  const shareOf = (stage: number, state: number) => {
    // A worker that never got a record has no events, and waited.
    const count = data.workersOf(stage);
    const inState = Array.from({ length: count }, (_, worker) =>
      data.worker(stage, worker)?.sumsBetween(from, to),
    ).reduce((sum, sums) => sum + (sums?.[state] ?? 0), 0);
    return inState / (count * (to - from));
  };
  const shares = (state: number) =>
    pools.map(({ node }) => ({ node, value: shareOf(node, state) }));
  const inFlight = (time: number) => data.inFlight.at(time);
  return {
    ...{ from, to, records, latencies },
    rate: (records / (to - from)) * 1e9,
    median: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    ...{ busy: shares(BUSY), blocked: shares(BLOCKED) },
    longest: pools
      .flatMap(({ node }) => topology.inputsOf(node))
      .map((node) => ({ node, value: longestIn(data, node, from, to) })),
    growth: inFlight(to) - inFlight(from),
  };
}

function longestIn(data: TimelineData, node: number, from: number, to: number): number {
  const depth = data.channel(node)?.depth;
  if (!depth || depth.length === 0) return 0;
  const first = Math.max(depth.begin, depth.indexAt(from));
  return depth.maximum(first, Math.max(first, depth.indexAt(to)) + 1);
}
