// Derives metrics from events: for recorded files, which have no measurements, and for virtual runs, which end before
// two are taken. Only what a diagnosis needs is filled in.

import type { Metrics } from '../engine/generated/Metrics';
import type { ChannelId } from '../engine/generated/ChannelId';
import type { Stage } from '../engine/generated/Stage';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';
import type { Recording } from '../recording/recording';
import { capacityAt } from './capacity';
import { ledgerOf } from './ledger';
import { NO_LATENCY } from './no-latency';

export function metricsFromEvents(recording: Recording, time: number): Metrics {
  const { config, topology } = recording;
  const senderTo = (channel: number) => topology.sendersOf(channel)[0];
  const totals = ledgerOf(recording).at(time);
  const spent = (node: number, state: 'busy' | 'ready' | 'blocked') =>
    totals.timeIn(node, state) / 1e9;
  const processed = totals.finished('processed');
  const [invalid, error] = [totals.finished('invalid'), totals.finished('transformation_error')];
  const seconds = time / 1e9;
  const isOver =
    recording.origin !== 'live' && time >= recording.log.lastTime && recording.log.endsWithRun;
  return {
    produced: totals.produced,
    processed,
    failed: invalid + error,
    dropped: totals.dropped,
    sent_back: totals.sentBack,
    failed_by_status: { invalid, transformation_error: error },
    reasons: [],
    anomalies: totals.anomalies,
    total_value: 0,
    latency: NO_LATENCY,
    elapsed_seconds: seconds,
    records_per_second: seconds > 0 ? (processed + invalid + error) / seconds : 0,
    processed_bytes: 0,
    failed_bytes: 0,
    input_bytes: config.input.file === null ? 0 : 1,
    stopped: false,
    replaced_fields: false,
    notices: [],
    paused: false,
    threads: config.runtime.kind === 'virtual' ? config.runtime.cores : threadsOf(recording),
    batch: Number(config.batch) || 1,
    stages: topology.stages.map(({ node, id }) => {
      const count = recording.workersAt(node, time);
      const worker: WorkerMetrics = {
        records: 0,
        state: isOver ? null : 'waiting',
        busy_seconds: spent(node, 'busy') / count,
        ready_seconds: spent(node, 'ready') / count,
        blocked_seconds: spent(node, 'blocked') / count,
        waiting_seconds: 0,
      };
      // A log may have other stages than this page's engine.
      return { stage: id as Stage, workers: Array.from({ length: count }, () => worker) };
    }),
    channels: topology.channels.map(({ node, id }) => {
      const { arrived, departed } = totals.channel(node);
      // It isn't recorded which of its channels blocked a stage. Nearly everything goes to the first.
      const sender = senderTo(node) ?? -1;
      const isFirst =
        topology.outputsOf(sender).find((other) => senderTo(other) === sender) === node;
      return {
        channel: id as ChannelId,
        capacity: capacityAt(recording, id, time),
        depth: Math.max(0, arrived - departed),
        highest_depth: 0,
        passed: departed,
        blocked_sends: 0,
        blocked_seconds: isFirst ? spent(sender, 'blocked') : 0,
      };
    }),
    trace_dropped_records: 0,
    trace_dropped_task_events: 0,
    trace_sample: config.trace.sample,
  };
}

/** Returns how many threads tasks have run on. */
function threadsOf({ config, log }: Recording): number {
  if (config.runtime.threads) return config.runtime.threads;
  const seen = new Set<number>();
  for (let index = log.begin; index < Math.min(log.end, log.begin + 50_000); index += 1) {
    if (log.thread(index) < 255) seen.add(log.thread(index));
  }
  return Math.max(1, seen.size);
}
