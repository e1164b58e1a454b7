// What a worker has just done, at a time: a function of the log and that time.

import { ledgerOf } from '../analysis/ledger';
import { workerKey, workerOf } from '../analysis/worker-state-machine';
import type { LoggedEvent } from '../recording/event-log';
import { KIND } from '../recording/events';
import { RECORD_STATE } from '../recording/residencies';
import type { RecordState } from '../recording/residencies';
import type { Recording } from '../recording/recording';

/** How many events to look at. A worker that has done nothing for longer is taken to have no current event. */
const MAX_EVENTS = 2 ** 20;

/** A worker of a stage; without one, the worker of the stage that did something last. */
export interface Whose {
  readonly stage: number;
  readonly worker: number | null;
}

/**
 * Returns whether an event, by its index, is one of a worker, or of a stage.
 *
 * The ledger has to have read the log up to it: at a channel to which several stages send, the events of the record
 * before tell which of them it was.
 */
export function isOf(recording: Recording, { stage, worker }: Whose): (index: number) => boolean {
  const { log } = recording;
  const ledger = ledgerOf(recording);
  return (index) => {
    if (index >= ledger.end) return false;
    if (worker !== null && log.worker(index) !== worker) return false;
    return workerOf(recording, ledger.recordIndex, index) === workerKey(stage, log.worker(index));
  };
}

/**
 * Returns the last events of a worker up to a time: the current one is the last of them, and those before it happened at
 * the same time. None if it has done nothing so far.
 *
 * @param isWanted which events count, of those of the worker
 */
export function currentEvents(
  recording: Recording,
  whose: Whose,
  time: number,
  isWanted: (event: LoggedEvent) => boolean,
): LoggedEvent[] {
  const { log } = recording;
  const end = log.indexAfter(time);
  const first = Math.max(log.begin, end - MAX_EVENTS);
  const found: LoggedEvent[] = [];
  let isOfWorker = isOf(recording, whose);
  for (let index = end - 1; index >= first; index -= 1) {
    const [last] = found;
    if (last && log.time(index) < last.time) break;
    if (!isOfWorker(index)) continue;
    const event = log.at(index);
    if (!event || !isWanted(event)) continue;
    // From here on it is about the worker that did something last.
    if (!last) isOfWorker = isOf(recording, { ...whose, worker: event.worker });
    found.unshift(event);
  }
  return found;
}

const STATES: Readonly<Record<number, RecordState>> = {
  [KIND.valid]: RECORD_STATE.valid,
  [KIND.invalid]: RECORD_STATE.failed,
  [KIND.processed]: RECORD_STATE.processed,
  [KIND.anomaly]: RECORD_STATE.anomaly,
  [KIND.transformationError]: RECORD_STATE.failed,
};

/** Returns what is known of the record of an event then: the picture's dot has the colour of it. */
export function stateAfter(recording: Recording, event: LoggedEvent): RecordState {
  const { recordIndex } = ledgerOf(recording);
  const { log } = recording;
  for (let index = event.index; index >= log.begin; index = recordIndex.previous(index)) {
    const state = STATES[log.kind(index)];
    if (state !== undefined) return state;
  }
  return RECORD_STATE.raw;
}
