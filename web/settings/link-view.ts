// What a link says about the picture beside the settings: the time on screen, the speed, what is chosen, the part of the
// timeline, and marks. Each has a default, which is left out.

import { MAX_MARKS, markText, withMark } from '../marks';
import type { Mark } from '../marks';
import type { Place } from '../recording/takes-record';
import { parseTime, timeText } from '../recording/time-text';
import { STANDARD, isChannel } from '../recording/topology';

/** A record by its number, or a worker or channel by node. */
export type Selection = { readonly record: number } | { readonly place: Place };

export interface LinkedView {
  /** The time on screen, in whole nanoseconds of the run; null if it isn't about one. */
  readonly at: number | null;
  /** Seconds of the run per second on screen; negative backwards. */
  readonly speed: number;
  readonly selection: Selection | null;
  /** The part of the run that the timeline shows, in whole nanoseconds; null for all of it. */
  readonly timeline: { readonly from: number; readonly to: number } | null;
  /** In the order of time. */
  readonly marks: readonly Mark[];
  /** What the run was that the link was made of, to tell whether it has gone the same way again. */
  readonly digest: LinkedDigest | null;
  /** The event log of that run, compressed and in base64; null if the settings bring it back, or if it is long. */
  readonly events: string | null;
  /** The lesson on screen; its settings count, and not those of the link. */
  readonly lesson: LinkedLesson | null;
  /** The level of the scheduler game on screen; the same holds for it. */
  readonly level: LinkedLevel | null;
}

/** A level in a link. */
export interface LinkedLevel {
  readonly id: string;
  /** The steps that were chosen: tasks such as `V1`, and `C` for the clock. */
  readonly path: readonly string[];
}

/** A lesson in a link. */
export interface LinkedLesson {
  readonly id: string;
  /** Where it is, from 1. */
  readonly step: number;
}

export interface LinkedDigest {
  /** The version of Clearpipe. */
  readonly version: string;
  /** A checksum of all its events, in eight hexadecimal digits. */
  readonly digest: string;
}

export const NO_VIEW: LinkedView = {
  ...{ at: null, speed: 1, selection: null, timeline: null, marks: [] },
  ...{ digest: null, events: null, lesson: null, level: null },
};

/** The fastest speed, and the slowest one as a divisor. */
const [FASTEST, SLOWEST] = [10, 1e9];

/** Record numbers have 40 bits, and the number of a worker has 16. */
const [MAX_RECORD, MAX_WORKER] = [2 ** 40 - 2, 2 ** 16];

/** The name of a lesson or a level. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** The most steps of a path. */
const MAX_STEPS = 500;

/** A part of the view in a link. */
interface ViewEntry {
  key: string;
  /** What it is, to begin a sentence that goes on with “must be”. */
  name: string;
  /** The constraint on its value, in words. */
  description: string;
  /** The values to write; none if it is as by default. */
  read: (view: LinkedView) => string[];
  /** Returns the view with a value; null if the text isn't valid. */
  write: (view: LinkedView, text: string) => LinkedView | null;
}

export const VIEW_ENTRIES: readonly ViewEntry[] = [
  {
    ...{ key: 'at', name: 'The time', description: 'a time of the run such as 1.24s' },
    read: ({ at }) => (at === null ? [] : [timeText(at)]),
    write: (view, text) => {
      const at = parseTime(text);
      return at === null ? null : { ...view, at };
    },
  },
  {
    ...{ key: 'speed', name: 'The speed' },
    description: 'a number from 1 to 10 or a fraction such as 1/100, with a minus for backwards',
    read: ({ speed }) => (speed === 1 ? [] : [speedText(speed)]),
    write: (view, text) => {
      const speed = parseSpeed(text);
      return speed === null ? null : { ...view, speed };
    },
  },
  {
    ...{ key: 'sel', name: 'The selection' },
    description: 'such as record:17, worker:transformer.1 or channel:validCh',
    read: ({ selection }) => (selection === null ? [] : [selectionText(selection)]),
    write: (view, text) => {
      const selection = parseSelection(text);
      return selection && { ...view, selection };
    },
  },
  {
    ...{ key: 'view', name: 'The view', description: 'such as timeline:1.1s-1.4s' },
    read: ({ timeline }) =>
      timeline ? [`timeline:${timeText(timeline.from)}-${timeText(timeline.to)}`] : [],
    write: (view, text) => {
      const [, first = '', last = ''] = /^timeline:([^-]+)-([^-]+)$/.exec(text.trim()) ?? [];
      const [from, to] = [parseTime(first), parseTime(last)];
      if (from === null || to === null || from >= to) return null;
      return { ...view, timeline: { from, to } };
    },
  },
  {
    ...{ key: 'mark', name: 'A mark' },
    description: `a time and a text, such as 1.2s:here, at most ${MAX_MARKS} of them`,
    read: ({ marks }) =>
      marks.map(({ time, text }) => `${timeText(time)}${text === '' ? '' : `:${text}`}`),
    write: (view, text) => {
      const at = text.indexOf(':');
      const time = parseTime(at < 0 ? text : text.slice(0, at));
      if (time === null) return null;
      const mark = { time, text: at < 0 ? '' : markText(text.slice(at + 1)) };
      const marks = withMark(view.marks, mark);
      return marks === view.marks ? null : { ...view, marks };
    },
  },
  {
    ...{ key: 'log', name: 'The digest of the run' },
    description: 'a version and eight hexadecimal digits, such as 0.1.0:9f3a5c21',
    read: ({ digest }) => (digest ? [`${digest.version}:${digest.digest}`] : []),
    write: (view, text) => {
      const [, version, digest] = /^([\w.+-]{1,40}):([\da-f]{8})$/.exec(text.trim()) ?? [];
      if (version === undefined || digest === undefined) return null;
      return { ...view, digest: { version, digest } };
    },
  },
  {
    ...{ key: 'events', name: 'The recording' },
    description: 'an event log in base64',
    read: ({ events }) => (events === null ? [] : [events]),
    // Whether it is one shows when it is unpacked.
    write: (view, text) => (text === '' ? null : { ...view, events: text }),
  },
  {
    ...{
      key: 'lesson',
      name: 'The lesson',
      description: 'the name of a lesson such as bottleneck',
    },
    read: ({ lesson }) => (lesson ? [lesson.id] : []),
    write: (view, text) =>
      NAME.test(text) ? { ...view, lesson: { id: text, step: view.lesson?.step ?? 1 } } : null,
  },
  {
    ...{ key: 'step', name: 'The step of the lesson', description: 'a number from 1 to 4' },
    read: ({ lesson }) => (lesson && lesson.step > 1 ? [String(lesson.step)] : []),
    // A step without a lesson has no effect.
    write: (view, text) =>
      /^[1-4]$/.test(text)
        ? { ...view, lesson: view.lesson && { ...view.lesson, step: Number(text) } }
        : null,
  },
  {
    ...{ key: 'level', name: 'The level', description: 'the name of a level such as overtake' },
    read: ({ level }) => (level ? [level.id] : []),
    write: (view, text) =>
      NAME.test(text) ? { ...view, level: { id: text, path: view.level?.path ?? [] } } : null,
  },
  {
    ...{ key: 'path', name: 'The path', description: 'steps such as P.V1.V2' },
    read: ({ level }) => (level && level.path.length > 0 ? [level.path.join('.')] : []),
    // A path without a level has no effect.
    write: (view, text) => {
      const path = text.split('.');
      if (path.length > MAX_STEPS || !path.every((step) => /^([PFLEMC]|[VT]\d{1,2})$/.test(step)))
        return null;
      return { ...view, level: view.level && { ...view.level, path } };
    },
  },
];

/** Formats a speed: `2`, `1/100`, `-1/4`. */
function speedText(speed: number): string {
  const size = Math.abs(speed);
  const text = size >= 1 ? String(Math.round(size)) : `1/${Math.round(1 / size)}`;
  return speed < 0 ? `-${text}` : text;
}

function parseSpeed(text: string): number | null {
  const [, sign, whole, part] = /^(-)?(?:(\d{1,2})|1\/(\d{1,10}))$/.exec(text.trim()) ?? [];
  const size = whole !== undefined ? Number(whole) : 1 / Number(part);
  if (!(size >= 1 / SLOWEST && size <= FASTEST)) return null;
  return sign === undefined ? size : -size;
}

function selectionText(selection: Selection): string {
  if ('record' in selection) return `record:${selection.record}`;
  const { place } = selection;
  if (place.channel !== undefined) return `channel:${STANDARD.idOf(place.channel)}`;
  const id = STANDARD.idOf(place.stage);
  return STANDARD.isPool(place.stage) ? `worker:${id}.${place.worker + 1}` : `worker:${id}`;
}

function parseSelection(text: string): Selection | null {
  const [, kind, name = ''] = /^(record|worker|channel):(.*)$/.exec(text.trim()) ?? [];
  if (kind === 'record') {
    const record = Number(name);
    return /^\d{1,13}$/.test(name) && record <= MAX_RECORD ? { record } : null;
  }
  if (kind === 'channel') {
    const channel = STANDARD.channels.find(({ id }) => id === name)?.node;
    return channel === undefined ? null : { place: { channel } };
  }
  const [, id, number] = /^([a-z_]+)(?:\.(\d{1,5}))?$/.exec(name) ?? [];
  const stage = STANDARD.stages.find((stage) => stage.id === id);
  if (kind !== 'worker' || !stage) return null;
  const worker = number === undefined ? 1 : Number(number);
  if (worker < 1 || worker > (stage.is_pool ? MAX_WORKER : 1)) return null;
  return { place: { stage: stage.node, worker: worker - 1 } };
}

/** Whether a place is one of the pipeline that links are about. */
export function isLinkable(place: Place): boolean {
  const node = place.channel ?? place.stage;
  return STANDARD.has(node) && isChannel(node) === (place.channel !== undefined);
}
