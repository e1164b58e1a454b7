// The flags on top of the timeline: what the run has reached, and what the user has done.

import type { Config } from '../engine/generated/Config';
import { configuredWorkers } from '../recording/recording';
import { LABELS } from '../settings/labels';
import { LIVE_PATHS } from '../settings/live';
import type { TimelineData } from './timeline-data';

export interface Mark {
  /** In nanoseconds of the run. */
  time: number;
  text: string;
  /** `pressure`: reached by the run, `user`: done by the user. */
  kind: 'pressure' | 'user';
  /** On which side of the flag the text is, if it is to be on a certain one. */
  side?: 'left' | 'right';
}

/** A channel is full for a noticeable time if it is so for this long, or for a hundredth of a shorter run, in nanoseconds. */
const NOTICEABLE = 100e6;

/**
 * Returns when each channel was full for a noticeable time for the first time.
 *
 * @param until how far the run is known, in nanoseconds
 */
export function pressureMarks(data: TimelineData, until: number): Mark[] {
  const { topology } = data.recording;
  const now = Math.min(until, data.exactUntil);
  const length = Math.min(NOTICEABLE, now / 100);
  return topology.channels.flatMap(({ node }): Mark[] => {
    const time = data.firstFull(node, length, now);
    return time === null ? [] : [{ time, text: `${topology.nameOf(node)} full`, kind: 'pressure' }];
  });
}

/** How many changes are looked for at most. */
const MOST_CHANGES = 200;

/** Returns when the settings were changed, and to what. */
export function changeMarks({ recording }: TimelineData): Mark[] {
  const marks: Mark[] = [];
  let time = recording.unchangedSince(Infinity);
  while (time > 0 && marks.length < MOST_CHANGES) {
    const before = recording.configAt(time - 1);
    const text = changeText(before, recording.configAt(time), recording.topology.stages);
    if (text !== '') marks.push({ time, text, kind: 'user' });
    const earlier = recording.unchangedSince(time - 1);
    if (earlier >= time) break;
    time = earlier;
  }
  return marks.reverse();
}

/** Describes the difference of two configurations: `Transformers 2 → 3`; empty if there is none. */
export function changeText(
  before: Config,
  after: Config,
  stages: readonly { readonly id: string; readonly name: string; readonly is_pool: boolean }[],
): string {
  const changed: string[] = [];
  for (const { id, name, is_pool: isPool } of stages) {
    if (!isPool) continue;
    const [from, to] = [configuredWorkers(before, id), configuredWorkers(after, id)];
    if (from !== to) changed.push(`${name}s ${from} → ${to}`);
  }
  for (const path of LIVE_PATHS) {
    if (path.endsWith('workers')) continue;
    const [from, to] = [valueAt(before, path), valueAt(after, path)];
    if (from !== to) changed.push(`${LABELS[path] ?? path} ${from} → ${to}`);
  }
  const [first, ...more] = changed;
  return first === undefined ? '' : more.length === 0 ? first : `${first}, and ${more.length} more`;
}

function valueAt(config: Config, path: string): string {
  const value = path
    .split('.')
    .reduce<unknown>(
      (part, key) =>
        typeof part === 'object' && part !== null ? (part as Record<string, unknown>)[key] : null,
      config,
    );
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'off';
}

/** Marks closer than this, in nanoseconds, are about the same moment: those given replace those found. */
const SAME = 2e6;

/** Returns all marks in the order of time. */
export function allMarks(data: TimelineData, given: readonly Mark[], until: number): Mark[] {
  const found = [...pressureMarks(data, until), ...changeMarks(data)].filter(
    (mark) =>
      !given.some(({ kind, time }) => kind === mark.kind && Math.abs(time - mark.time) < SAME),
  );
  return [...found, ...given].sort((a, b) => a.time - b.time);
}

/** A mark and where it is. */
export interface Flag extends Mark {
  x: number;
  /** Null if there is no space for the text. */
  shownSide: 'left' | 'right' | null;
}

/** About how wide a character is, in CSS pixels, and how far the text is from the flag. */
const [CHARACTER, DISTANCE] = [6.3, 9];

/**
 * Places the texts of marks so that they don't overlap: to the right, else to the left, else not at all.
 *
 * @param x the position of a time; marks outside of 0 to `width` aren't shown
 */
export function placeFlags(
  marks: readonly Mark[],
  x: (time: number) => number,
  width: number,
  scale: number,
): Flag[] {
  const shown = marks
    .map((mark) => ({ ...mark, x: x(mark.time) }))
    .filter(({ x }) => x >= 0 && x <= width);
  let taken = -100;
  return shown.map((mark, index) => {
    const length = (mark.text.length * CHARACTER + DISTANCE) * scale;
    const next = shown[index + 1]?.x ?? width + 50;
    const isFreeRight = mark.x >= taken - 12 && mark.x + length <= next - 4;
    const isFreeLeft = mark.x - length >= Math.max(taken, -60);
    const sides: ('left' | 'right')[] =
      mark.side === 'left' ? ['left', 'right'] : ['right', 'left'];
    const shownSide = sides.find((side) => (side === 'right' ? isFreeRight : isFreeLeft)) ?? null;
    taken = shownSide === 'right' ? mark.x + length : mark.x + 6;
    return { ...mark, shownSide };
  });
}
