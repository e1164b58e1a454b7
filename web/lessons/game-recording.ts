// A chosen schedule as a recording, so that the picture shows it like any run. Its events are those of the engine, but where
// nothing takes time all of them happen at once: in the picture each step takes a second.

import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import type { SchedulePosition } from '../engine/protocol';
import { EventLog, MAX_EVENTS } from '../recording/event-log';
import { withDefaults } from '../recording/merge';
import { Recording } from '../recording/recording';

/** How long a step takes in the picture, in nanoseconds. */
export const STEP = 1e9;

/** The part of a step in which its events happen. In the rest, their records arrive where they go. */
const BUSY = 0.5;

/** The lower 16 bits of an event's first word: all but its time. */
const WITHOUT_TIME = 0xffffn;

/** Returns packed events with a time for each that says in which step it happened. */
export function spread(events: BigUint64Array, ends: readonly number[]): BigUint64Array {
  const spread = events.slice();
  let [from, step] = [0, -1];
  for (const end of ends) {
    for (let event = from; event < end; event += 1) {
      // What happened before the first step is there from the beginning.
      const share = step < 0 ? 0 : step + (BUSY * (event - from + 1)) / (end - from + 1);
      const word = (events[2 * event] ?? 0n) & WITHOUT_TIME;
      spread[2 * event] = (BigInt(Math.round(share * STEP)) << 16n) | word;
    }
    [from, step] = [end, step + 1];
  }
  return spread;
}

/** Returns the recording of a schedule up to now. Unless it is over, more would follow. */
export function recordingOf(config: PartialConfig, position: SchedulePosition): Recording {
  const eventsAfter = position.standing.isOver ? 0 : 1;
  const log = new EventLog(MAX_EVENTS, { from: 0, eventsBefore: 0, eventsAfter, halvings: 0 });
  log.add(spread(position.events, position.ends), Infinity);
  const virtual = { ...config, runtime: { ...config.runtime, kind: 'virtual' as const } };
  const recording = new Recording(withDefaults(virtual, DEFAULT_CONFIG), 'live', { log });
  recording.end(null);
  return recording;
}
