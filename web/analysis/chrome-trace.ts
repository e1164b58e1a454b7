// Exports a recording as a trace for Perfetto (https://ui.perfetto.dev) and Chrome's about:tracing: a track for each
// worker and for each thread, and a counter for each channel. The format is JSON, the "Trace Event Format".

import { NONE } from '../recording/event-log';
import { CHANNELS, FIRST_CHANNEL, KIND, OUTSIDE, STAGES } from '../recording/events';
import type { Recording } from '../recording/recording';
import { RecordIndex } from './record-index';
import { WorkerStateMachine, workerOf } from './worker-state-machine';
import type { WorkerState } from '../engine/generated/WorkerState';

/** Groups of tracks, which the format calls processes. */
const [WORKERS, THREADS, CHANNEL_COUNTERS] = [1, 2, 3];

/** How many events are joined into one string. */
const EACH = 4096;

interface Slice {
  since: number;
  state: WorkerState;
  record: number;
}

export function toChromeTrace(recording: Recording): Blob {
  const { log, topology } = recording;
  const out = new Writer();
  const recordIndex = new RecordIndex(log);
  const workers = new Map<number, { machine: WorkerStateMachine; slice: Slice | null }>();
  const running = new Map<number, { since: number; name: string }>();
  const depths = CHANNELS.map(() => 0);

  out.nameGroup(WORKERS, 'Workers');
  out.nameGroup(THREADS, 'Threads');
  out.nameGroup(CHANNEL_COUNTERS, 'Channels');

  for (let index = log.begin; index < log.end; index += 1) {
    recordIndex.add(index);
    const [time, kind, place] = [log.time(index), log.kind(index), log.place(index)];

    const channel = place - FIRST_CHANNEL;
    if ((kind === KIND.arrive || kind === KIND.depart) && CHANNELS[channel]) {
      const change = kind === KIND.arrive ? 1 : -1;
      // If the log has dropped the beginning, earlier departures are unknown.
      depths[channel] = Math.max(0, (depths[channel] ?? 0) + change);
      out.count(CHANNELS[channel], time, depths[channel]);
    }

    const worker = workerOf(recording, recordIndex, index);
    const stage = Math.floor(worker / 65536);
    if (worker === NONE || STAGES[stage] === undefined) continue;
    let found = workers.get(worker);
    if (!found) {
      found = { machine: new WorkerStateMachine(stage, recording), slice: null };
      workers.set(worker, found);
      out.nameTrack(WORKERS, worker, topology.workerName(stage, worker % 65536));
    }
    const { machine } = found;
    machine.apply(kind, place, log.record(index));
    const { state, record } = machine;
    if (!found.slice || found.slice.state !== state || found.slice.record !== record) {
      out.slice(WORKERS, worker, found.slice, time);
      found.slice = { since: time, state, record };
    }

    const thread = log.thread(index);
    if (kind === KIND.runStart) {
      if (!running.has(thread)) {
        out.nameTrack(THREADS, thread, thread === OUTSIDE ? 'outside' : `thread ${thread + 1}`);
      }
      running.set(thread, { since: time, name: topology.workerName(stage, worker % 65536) });
    } else if (kind === KIND.runEnd) {
      const run = running.get(thread);
      if (run?.name) out.complete(THREADS, thread, run.name, run.since, time);
      running.set(thread, { since: time, name: '' });
    }
  }
  for (const [worker, { slice }] of workers) out.slice(WORKERS, worker, slice, log.lastTime);
  return out.finish();
}

/** Collects events as text: there may be a million. */
class Writer {
  readonly #parts: string[] = [];
  #events: string[] = [];

  nameGroup(group: number, name: string): void {
    this.#add({ ph: 'M', name: 'process_name', pid: group, args: { name } });
  }

  nameTrack(group: number, track: number, name: string): void {
    this.#add({ ph: 'M', name: 'thread_name', pid: group, tid: track, args: { name } });
    // Sort tracks in the order of the pipeline.
    this.#add({
      ph: 'M',
      name: 'thread_sort_index',
      pid: group,
      tid: track,
      args: { sort_index: track },
    });
  }

  count(name: string, time: number, records: number): void {
    this.#add({ ph: 'C', name, pid: CHANNEL_COUNTERS, ts: time / 1000, args: { records } });
  }

  /** Writes what a worker did, unless it waited. */
  slice(group: number, track: number, slice: Slice | null, end: number): void {
    if (!slice || slice.state === 'waiting' || end <= slice.since) return;
    const { state, record, since } = slice;
    const about = record === NONE ? '' : `record ${record}`;
    const name = state === 'busy' ? about || 'busy' : state;
    this.complete(group, track, name, since, end, about ? { record } : undefined);
  }

  complete(
    group: number,
    track: number,
    name: string,
    from: number,
    to: number,
    args?: Record<string, number>,
  ): void {
    const [ts, dur] = [from / 1000, (to - from) / 1000];
    this.#add({ ph: 'X', name, pid: group, tid: track, ts, dur, ...(args && { args }) });
  }

  finish(): Blob {
    this.#join();
    const events = this.#parts.flatMap((part, at) => (at === 0 ? [part] : [',\n', part]));
    return new Blob(['{"displayTimeUnit":"ms","traceEvents":[\n', ...events, '\n]}\n'], {
      type: 'application/json',
    });
  }

  #add(event: object): void {
    this.#events.push(JSON.stringify(event));
    if (this.#events.length >= EACH) this.#join();
  }

  #join(): void {
    if (this.#events.length > 0) this.#parts.push(this.#events.join(',\n'));
    this.#events = [];
  }
}
