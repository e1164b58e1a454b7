// The flags on top of the timeline: what the run has reached, and what the user has done.

import { noticeableIn } from '../analysis/moments';
import type { Config } from '../engine/generated/Config';
import { configuredWorkers } from '../recording/recording';
import { LABELS } from '../settings/labels';
import { LIVE_PATHS } from '../settings/live';
import { visible } from '../visible';
import type { TimelineData } from './timeline-data';

export interface Mark {
  /** In nanoseconds of the run. */
  time: number;
  text: string;
  /** `pressure`: reached by the run, `user`: done by the user. */
  kind: 'pressure' | 'user';
  /** Whether it is the moment that matters, whose text has precedence over those of others that the run has reached. */
  isMoment?: boolean;
  /** On which side of the flag the text is, if it is to be on a certain one. */
  side?: 'left' | 'right';
}

/** Returns the flag of a mark that the user has set. Its text may be anybody's. */
export function userMark({ time, text }: { time: number; text: string }): Mark {
  return { time, text: visible(text), kind: 'user' };
}

/** Returns the flags that a run on screen has besides those that are found in its events: the moment that matters, and marks. */
export function givenMarks({
  moment,
  marks,
}: {
  readonly moment: { readonly time: number; readonly title: string } | null;
  readonly marks: readonly { readonly time: number; readonly text: string }[];
}): Mark[] {
  const matters: Mark[] = moment
    ? [{ time: moment.time, text: moment.title, kind: 'pressure', isMoment: true }]
    : [];
  return [...matters, ...marks.map(userMark)];
}

/**
 * Returns when each channel was full for a noticeable time for the first time.
 *
 * @param until how far the run is known, in nanoseconds
 */
export function pressureMarks(data: TimelineData, until: number): Mark[] {
  const { topology } = data.recording;
  const now = Math.min(until, data.exactUntil);
  const length = noticeableIn(now);
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

/** The user's marks closer than this, in nanoseconds, are about the same moment: those given replace those found. */
const SAME = 2e6;

/** Returns all marks in the order of time. */
export function allMarks(data: TimelineData, given: readonly Mark[], until: number): Mark[] {
  const isGiven = (found: Mark) =>
    given.some(({ kind, time, text }) =>
      // What the run has reached is told once, and by the moment that matters if that is about it.
      found.kind === 'pressure'
        ? kind === 'pressure' && text === found.text
        : kind === 'user' && Math.abs(time - found.time) < SAME,
    );
  const found = [...pressureMarks(data, until), ...changeMarks(data)].filter(
    (mark) => !isGiven(mark),
  );
  return [...found, ...given].sort((a, b) => a.time - b.time);
}

/** A mark and where it is. */
export interface Flag extends Mark {
  x: number;
  /** Null if there is no space for the text. */
  shownSide: 'left' | 'right' | null;
}

/** About how wide a character is, how far the text is from the flag, and half the width of a flag, in CSS pixels. */
const [CHARACTER, DISTANCE, HALF] = [6.3, 9, 6];

/** How far a text may reach beyond the plot, to the left and to the right, in CSS pixels. */
const [BEYOND_LEFT, BEYOND_RIGHT] = [60, 46];

interface Interval {
  from: number;
  to: number;
}

/**
 * Places the texts of marks so that they overlap nothing: to the right, else to the left, else not at all. Where there
 * isn't enough space, the user's own texts come first, then that of the moment that matters, and then the earlier ones.
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
    .map((mark): Flag => ({ ...mark, x: x(mark.time), shownSide: null }))
    .filter(({ x }) => x >= 0 && x <= width);
  const flagsOf = (kind: Mark['kind']) =>
    shown
      .filter((flag) => flag.kind === kind)
      .map(({ x }): Interval => ({ from: x - HALF, to: x + HALF }));
  // A text of the user's may cover a flag of the run, which is often just where the user has set a mark. So may that of
  // the moment.
  const taken = flagsOf('user');
  const isFree = ({ from, to }: Interval) =>
    from >= -BEYOND_LEFT &&
    to <= width + BEYOND_RIGHT &&
    taken.every((other) => to <= other.from || from >= other.to);
  const place = (flag: Flag) => {
    const length = (flag.text.length * CHARACTER + DISTANCE) * scale;
    const sides =
      flag.side === 'left' ? (['left', 'right'] as const) : (['right', 'left'] as const);
    const side = sides.find((side) => isFree(reach(flag.x, side, length)));
    if (side === undefined || flag.text === '') return;
    flag.shownSide = side;
    taken.push(reach(flag.x, side, length));
  };
  shown.filter(({ kind }) => kind === 'user').forEach(place);
  shown.filter(({ isMoment }) => isMoment).forEach(place);
  taken.push(...flagsOf('pressure'));
  shown.filter(({ kind, isMoment }) => kind === 'pressure' && !isMoment).forEach(place);
  return shown;
}

/** What a text on one side of a flag covers. */
function reach(x: number, side: 'left' | 'right', length: number): Interval {
  return side === 'right' ? { from: x + HALF, to: x + length } : { from: x - length, to: x - HALF };
}
