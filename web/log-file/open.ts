// Makes a recording of an event log, which the engine reads.

import type { LogHandle } from '../engine/client';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartOfRun } from '../engine/protocol';
import { EventLog, MAX_EVENTS } from '../recording/event-log';
import type { LogPart } from '../recording/event-log';
import { withDefaults } from '../recording/merge';
import { Recording } from '../recording/recording';
import { Topology } from '../recording/topology';
import { part as partText } from '../analysis/format-time';
import type { Mark } from '../marks';
import { readTables } from './tables';

/** How many events of a file are kept at most, about 90 MB. */
const MAX_FILE_EVENTS = 4 * MAX_EVENTS;

export interface LoggedRun {
  recording: Recording;
  /** The marks that the file has. */
  marks: readonly Mark[];
  /** A problem with the file that didn't keep it from being read; null if there is none. */
  warning: string | null;
}

/**
 * Reads an event log, and closes it. Stops as soon as it `isWanted` no longer, and returns null.
 *
 * @param mostEvents a log with more isn't read
 * @throws an error with what is wrong with the log, to follow a colon
 */
export async function openLog(
  log: LogHandle,
  isWanted: () => boolean = () => true,
  mostEvents = Infinity,
): Promise<LoggedRun | null> {
  try {
    if (log.contents.events > mostEvents) throw new Error('it has too many events');
    return await readLog(log, isWanted);
  } finally {
    log.close();
  }
}

async function readLog(log: LogHandle, isWanted: () => boolean): Promise<LoggedRun | null> {
  const { config: logged, kinds, topology, capacities, events, part, tables } = log.contents;
  // The picture would invent numbers of workers.
  if (logged?.trace === undefined) {
    throw new Error('its first line has no configuration; record it again');
  }
  let most = MAX_EVENTS;
  while (most < events && most < MAX_FILE_EVENTS) most *= 2;
  // An earlier version has fewer settings.
  const config = withDefaults(logged, DEFAULT_CONFIG);
  const recording = new Recording(config, 'file', {
    log: new EventLog(most, part ? partOf(part) : undefined),
    topology: new Topology(topology),
    kinds,
    capacities,
  });
  for (let words = await log.next(); words !== null; words = await log.next()) {
    recording.log.add(words, Infinity);
    if (!isWanted()) return null;
  }
  recording.log.finish();
  const { changes, metrics, final, records, marks } = readTables(tables);
  for (const { at_ns, config } of changes) {
    recording.adjust(at_ns, withDefaults(config, DEFAULT_CONFIG));
  }
  for (const { at_ns, metrics: measured } of metrics) recording.addSnapshot(measured, at_ns);
  recording.finalMetrics = final;
  recording.ids.add(records.flatMap(([number, id]) => [number, id]));
  for (const [number, , line] of records) {
    if (line !== undefined) recording.lines.set(number, line);
  }

  const warnings = [log.contents.warning].filter((warning) => warning !== null);
  if (part) {
    const times = partText({ from: part.from_ns, to: part.to_ns });
    const before = part.events_before > 0 ? ' The totals of the run aren’t known.' : '';
    warnings.push(`The log has only a part of its run, from ${times}.${before}`);
  }
  if (recording.log.dropped > 0) {
    warnings.push(
      `The log has ${events.toLocaleString('en')} events; the last ${recording.log.length.toLocaleString('en')} are shown. With --trace-sample fewer records are traced, and the whole run fits.`,
    );
  }
  return { recording, marks, warning: warnings.length > 0 ? warnings.join(' ') : null };
}

const partOf = ({ from_ns, events_before, events_after, halvings }: PartOfRun): LogPart => ({
  from: from_ns,
  eventsBefore: events_before,
  eventsAfter: events_after,
  halvings,
});
