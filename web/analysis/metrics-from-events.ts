// Derives metrics from events: for recorded files, which have no measurements, and for virtual runs, which end before
// two are taken. Only what a diagnosis needs is filled in.

import type { Metrics } from '../engine/generated/Metrics';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';
import { CHANNELS, FIRST_CHANNEL, NODE, STAGES } from '../recording/events';
import type { Recording } from '../recording/recording';
import { capacityAt } from './capacity';
import { ledgerOf } from './ledger';

export function metricsFromEvents(recording: Recording, time: number): Metrics {
  const { config, topology } = recording;
  const senderTo = (channel: number) => topology.sendersOf(FIRST_CHANNEL + channel)[0];
  const totals = ledgerOf(recording).at(time);
  const spent = (node: number, state: 'busy' | 'ready' | 'blocked') =>
    totals.timeIn(node, state) / 1e9;
  const processed = totals.finished('processed');
  const [invalid, error] = [totals.finished('invalid'), totals.finished('transformation_error')];
  const seconds = time / 1e9;
  const isOver = recording.origin !== 'live' && time >= recording.log.lastTime;
  return {
    produced: totals.produced,
    processed,
    failed: invalid + error,
    failed_by_status: { invalid, transformation_error: error },
    reasons: [],
    anomalies: 0,
    total_value: 0,
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
    stages: STAGES.map((stage, node) => {
      const count = workersOf(recording, node, time);
      const worker: WorkerMetrics = {
        records: 0,
        state: isOver ? null : 'waiting',
        busy_seconds: spent(node, 'busy') / count,
        ready_seconds: spent(node, 'ready') / count,
        blocked_seconds: spent(node, 'blocked') / count,
        waiting_seconds: 0,
      };
      return { stage, workers: Array.from({ length: count }, () => worker) };
    }),
    channels: CHANNELS.map((channel, at) => {
      const { arrived, departed } = totals.channel(at);
      // It isn't recorded which of its channels blocked a stage. Nearly everything goes to the first.
      const sender = senderTo(at) ?? NODE.producer;
      const isFirst = CHANNELS.findIndex((_, other) => senderTo(other) === sender) === at;
      return {
        channel,
        capacity: capacityAt(recording, at, time) ?? Infinity,
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

function workersOf(recording: Recording, node: number, time: number): number {
  const [validators = 1, transformers = 1] = recording.workersAt(time) ?? [];
  if (node === NODE.validator) return validators;
  return node === NODE.transformer ? transformers : 1;
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
