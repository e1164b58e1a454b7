// Little's law, L = λW, for each channel over a window: the mean number of records in it is their throughput times
// their mean wait. It holds for any system over a window in which arrivals equal departures. How well it holds here
// shows how well the three are measured.

import type { Recording } from '../recording/recording';
import { gaugeOf } from '../recording/worker-aggregate';
import { isComplete, ledgerOf } from './ledger';
import type { ChannelTotals } from './ledger';
import type { Origin, TimeWindow } from './series';

export interface LittlesLaw {
  channel: number;
  /** The mean depth; null if unknown. */
  depth: number | null;
  /** The throughput in records per second. */
  rate: number | null;
  /** The mean wait of traced records that departed, in seconds. */
  wait: number | null;
  /** λ·W. */
  product: number | null;
  /** The relative difference of λ·W from L. */
  difference: number | null;
  /** How many traced records departed. */
  records: number;
  /** `measured`: L is the mean of measurements, and λ is counted. Otherwise both are from the events. */
  origin: Origin;
  isTrusted: boolean;
  /** Why it can or can't be trusted. */
  reason: string;
}

/** How many waits make a meaningful mean. */
const ENOUGH = 30;

/** Arrivals and departures may differ by this share of the departures. */
const BALANCE = 0.1;

/** A window shorter than this many waits is dominated by its edges. */
const LONG = 5;

/** How many measurements make a mean depth, and how many records they must see. */
const MEASUREMENTS = 10;
const SEEN = 20;

export function littlesLaw(recording: Recording, window: TimeWindow): LittlesLaw[] {
  const ledger = ledgerOf(recording);
  const [start, end] = [ledger.at(window.from), ledger.at(window.to)];
  return recording.topology.channels.map(({ node }) =>
    ofChannel(recording, window, node, start.channel(node), end.channel(node)),
  );
}

function ofChannel(
  recording: Recording,
  { from, to }: TimeWindow,
  channel: number,
  start: ChannelTotals,
  end: ChannelTotals,
): LittlesLaw {
  const passed = to - from;
  const records = Math.round(end.waitCount - start.waitCount);
  const wait = records > 0 ? (end.waitTime - start.waitTime) / records / 1e9 : null;

  const isExact = isComplete(recording, from, to);
  const flow: Flow = (isExact ? null : measured(recording, from, to, channel)) ?? {
    depth: passed > 0 ? (end.depthIntegral - start.depthIntegral) / passed : null,
    out: end.departed - start.departed,
    growth: end.arrived - end.departed - (start.arrived - start.departed),
    seconds: passed / 1e9,
    origin: isExact ? 'events' : 'sample',
  };
  const rate = flow.seconds > 0 ? flow.out / flow.seconds : null;
  const product = rate !== null && wait !== null ? rate * wait : null;
  const depth = flow.depth;
  const difference = product !== null && depth ? (product - depth) / depth : null;
  const doubt = doubtOf({ records, wait, flow });
  return {
    channel,
    depth,
    rate,
    wait,
    product,
    difference,
    records,
    origin: flow.origin,
    isTrusted: doubt === null,
    reason: doubt ?? `${records.toLocaleString('en')} waits, and as many came in as went out`,
  };
}

interface Flow {
  depth: number | null;
  out: number;
  /** Arrivals minus departures. */
  growth: number;
  seconds: number;
  origin: Origin;
  measurements?: number;
}

/** From the engine's measurements; null if there are none. */
function measured(recording: Recording, from: number, to: number, channel: number): Flow | null {
  const within = recording.snapshots.filter(({ time }) => time >= from && time <= to);
  const [first, last] = [within[0], within.at(-1)];
  if (!first || !last || first === last) return null;
  const id = recording.topology.idOf(channel);
  const of = ({ metrics }: typeof first) => gaugeOf(metrics, id);
  const depths = within.map((snapshot) => of(snapshot)?.depth ?? 0);
  return {
    depth: depths.reduce((sum, depth) => sum + depth, 0) / depths.length,
    out: (of(last)?.passed ?? 0) - (of(first)?.passed ?? 0),
    growth: (of(last)?.depth ?? 0) - (of(first)?.depth ?? 0),
    seconds: (last.time - first.time) / 1e9,
    origin: 'measured',
    measurements: within.length,
  };
}

/** Returns why the result can't be trusted, or null if it can. */
function doubtOf({
  records,
  wait,
  flow,
}: {
  records: number;
  wait: number | null;
  flow: Flow;
}): string | null {
  if (flow.out === 0) return 'nothing passed';
  if (records < ENOUGH || wait === null) {
    return `only ${records} traced ${records === 1 ? 'record' : 'records'}: wait for ${ENOUGH}`;
  }
  if (flow.measurements !== undefined) {
    if (flow.measurements < MEASUREMENTS) {
      return `the depth was measured only ${flow.measurements} times`;
    }
    // The expected number of records seen: if a channel is nearly always empty, its depth is a matter of luck.
    const seen = (flow.out / flow.seconds) * wait * flow.measurements;
    if (seen < SEEN) return 'nearly always empty: too few measurements find a record in it';
  }
  if (Math.abs(flow.growth) > BALANCE * flow.out) {
    return flow.growth > 0
      ? 'it fills: more come in than go out'
      : 'it empties: more go out than come in';
  }
  if (flow.seconds < LONG * wait) return 'the time is short for waits so long';
  return null;
}
