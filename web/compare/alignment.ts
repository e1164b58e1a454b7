// Which time of one run belongs to a time of another one.

import type { TimelineData } from '../timeline/timeline-data';

/**
 * What two runs have in common at each moment on screen: the time since their beginning, the number of records that have
 * ended, or the share of the run that has passed.
 */
export const ALIGNMENTS = ['time', 'records', 'share'] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

export const ALIGNMENT_NAMES: Readonly<Record<Alignment, string>> = {
  time: 'time',
  records: 'records',
  share: 'share',
};

/** A time of the second run, and how many of its nanoseconds pass in one of the first. */
export interface Partner {
  time: number;
  pace: number;
}

/** Over how many records the pace is taken where runs are aligned by records. */
const NEIGHBOURS = 8;

/** Returns the time of the run of `b` that belongs to a time of the run of `a`, in nanoseconds. */
export function partnerOf(
  alignment: Alignment,
  a: TimelineData,
  b: TimelineData,
  time: number,
): Partner {
  const [lengthA, lengthB] = [a.recording.duration, b.recording.duration];
  if (alignment === 'time') return { time, pace: 1 };
  if (alignment === 'share') {
    const pace = lengthA > 0 ? lengthB / lengthA : 1;
    return { time: time * pace, pace };
  }
  const done = a.ends.after(time) - a.ends.begin;
  const [fromA, toA] = between(a, done, time);
  const [fromB, toB] = between(b, done, Math.min(time, lengthB));
  const share = toA > fromA ? Math.min(1, Math.max(0, (time - fromA) / (toA - fromA))) : 0;
  return { time: fromB + share * (toB - fromB), pace: paceAt(a, b, done) };
}

/** When the last of so many records ended, and when the next one does; at the ends of the run, those. */
function between({ ends, recording }: TimelineData, done: number, time: number): [number, number] {
  const last = ends.begin + done - 1;
  if (last >= ends.end) return [recording.duration, recording.duration];
  const from = done === 0 ? 0 : ends.time(last);
  const to = last + 1 < ends.end ? ends.time(last + 1) : recording.duration;
  // Where nothing ever ended, only the time is left.
  return ends.length === 0 ? [time, time] : [from, to];
}

function paceAt(a: TimelineData, b: TimelineData, done: number): number {
  const span = ({ ends }: TimelineData) => {
    const clamped = (at: number) => Math.min(ends.end - 1, Math.max(ends.begin, ends.begin + at));
    if (ends.length === 0) return 0;
    return ends.time(clamped(done + NEIGHBOURS)) - ends.time(clamped(done - NEIGHBOURS));
  };
  const [one, other] = [span(a), span(b)];
  return one > 0 && other > 0 ? other / one : 1;
}
