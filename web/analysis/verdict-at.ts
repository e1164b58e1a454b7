// The verdict at the time on screen: a diagnosis of the right window, with what the channels say of it.

import type { Recording } from '../recording/recording';
import { flowsBetween } from './flow';
import type { Flow } from './flow';
import { headlineOf } from './headline';
import type { Headline } from './headline';
import { limitAt } from './limit-at';
import type { LimitAt } from './limit-at';
import { pressureAt } from './pressure';
import { settingChanges } from './setting-changes';
import type { SettingChange } from './setting-changes';
import { settlingOf } from './settling';
import type { Draining } from './settling';
import { sharesBetween } from './time-shares';

export interface Verdict {
  headline: Headline;
  found: LimitAt;
}

/** A change is measured for this long before anything is said of what limits with it, in nanoseconds. */
const MEASURED = 4e9;

/** For this long after a change a queue that shrinks is put down to it. */
const AFTERMATH = 45e9;

/** How far back one looks for a queue that shrinks. */
const LOOKBACK = 12e9;
const MOMENTS = 40;

/** A channel that is full to this share is as good as full. */
const FULL = 0.9;

/** A stage that is busy or ready for this share of its time is catching up, rather than starving. */
const BUSY = 0.8;

/** Without a change, a queue must have lost so many records, and more than chance makes of so many moves. */
const LOST = 3;
const CHANCE = 0.45;

/** Returns null if nothing is known of that time. */
export function verdictAt(recording: Recording, time: number, cores: number): Verdict | null {
  const found = limitAt(recording, time, cores);
  if (!found) return null;
  const { topology } = recording;
  const stage = topology.stages.find(({ id }) => id === found.diagnosis.stage);
  const input = stage && topology.inputsOf(stage.node)[0];
  const isPast = found.scope === 'run' || found.scope === 'since-change';
  const last = isPast ? undefined : settingChanges(recording, time).at(-1);
  const about = {
    ...found,
    topology,
    pressure: input === undefined ? null : pressureAt(recording, input, found.window.to),
    canApply: recording.origin !== 'file',
  };
  const draining = isPast ? null : drainingAt(recording, time, found, last ?? null);
  if (!draining && last && time - last.time < MEASURED) {
    const diagnosis = { ...found.diagnosis, limit: 'too-early' as const, stage: null, changes: [] };
    return { found, headline: headlineOf({ ...about, diagnosis, changed: last.text }) };
  }
  return { found, headline: headlineOf({ ...about, draining }) };
}

/**
 * Returns the verdict for the time on screen. At the moment that matters, that is the verdict on the run: the moment is when
 * what it says began, and often too early for a verdict of its own.
 *
 * @param stands whether the time on screen stands still
 * @param moment the moment that matters, in nanoseconds; null if none is known
 */
export function verdictOnScreen(
  recording: Recording,
  time: number,
  cores: number,
  { stands, moment }: { readonly stands: boolean; readonly moment: number | null },
): Verdict | null {
  const { duration } = recording;
  // What is said of other settings isn't true of it.
  const isMoment =
    stands && moment === time && recording.configAt(time) === recording.configAt(duration);
  return verdictAt(recording, isMoment ? duration : time, cores);
}

/** Returns the channel that drains because the stage behind it takes more than arrives; null if none does. */
function drainingAt(
  recording: Recording,
  time: number,
  { now, before }: LimitAt,
  last: SettingChange | null,
): Draining | null {
  const isAftermath = last !== null && time - last.time < AFTERMATH;
  const begin = isAftermath ? last.time : Math.max(recording.unchangedSince(time), time - LOOKBACK);
  const end = Math.min(time, recording.duration);
  const flows = flowsBetween(recording, begin, end, MOMENTS);
  const { draining } = settlingOf(recording, flows);
  // One that is full again doesn't drain: others before it may.
  if (!draining || draining.depth >= FULL * draining.capacity) return null;
  const receiver = recording.topology.receiverOf(draining.channel);
  if (receiver === undefined) return null;
  const shares = sharesBetween(recording.topology.idOf(receiver), now, before);
  if (!shares || shares.busy + shares.ready < BUSY) return null;
  return isAftermath || isNoChance(flows, draining) ? draining : null;
}

/** Whether a queue has lost more than it would now and then. */
function isNoChance(flows: readonly Flow[], { channel, depth }: Draining): boolean {
  const [first, last] = [flows[0], flows.at(-1)];
  if (!first || !last) return false;
  const moves = 2 * (last.finished - first.finished);
  return (first.depths.get(channel) ?? 0) - depth >= Math.max(LOST, CHANCE * Math.sqrt(moves));
}
