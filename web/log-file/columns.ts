// The events of a block of an event log as columns. `crates/core/src/trace/columns.rs` describes them, and reads them.

import type { EventLog } from '../recording/event-log';
import { Bytes } from './bytes';

/** What is expected of the next event of a kind and a node. */
interface Pair {
  code: number;
  record: number;
  worker: number;
}

/** Returns the columns of the events from an index of a log up to another one. */
export function columnsOf(log: EventLog, from: number, to: number): Uint8Array<ArrayBuffer> {
  const pairs = new Map<number, Pair>();
  const [codes, times, records, workers, threads] = [0, 1, 2, 3, 4].map(() => new Bytes()) as [
    Bytes,
    Bytes,
    Bytes,
    Bytes,
    Bytes,
  ];
  let time = log.time(from);
  // The record's number plus one; 0 for none.
  let record = 0;
  let run = { thread: log.thread(from), events: 0 };
  const endRun = () => {
    threads.byte(run.thread);
    threads.number(run.events);
  };
  for (let index = from; index < to; index += 1) {
    const what = (log.kind(index) << 8) | log.node(index);
    let pair = pairs.get(what);
    if (!pair) {
      pair = { code: pairs.size, record, worker: 0 };
      pairs.set(what, pair);
    }
    codes.number(pair.code);
    times.number(log.time(index) - time);
    time = log.time(index);
    record = log.record(index) + 1;
    records.change(record, pair.record);
    pair.record = record;
    workers.change(log.worker(index), pair.worker);
    pair.worker = log.worker(index);
    if (log.thread(index) !== run.thread) {
      endRun();
      run = { thread: log.thread(index), events: 0 };
    }
    run.events += 1;
  }
  endRun();
  const columns = new Bytes();
  columns.number(pairs.size);
  for (const what of pairs.keys()) {
    columns.byte(what >>> 8);
    columns.byte(what & 0xff);
  }
  for (const column of [codes, times, records, workers, threads]) columns.bytes(column.written);
  return columns.written;
}
