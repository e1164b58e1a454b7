// The settings of the picture that can show what other values would bring, by their path in the configuration. They are
// changed as their controls change them.

import { settingOfId } from '../analysis/capacity';
import { counted, perSecond } from '../format';
import type { SettingValue } from '../engine/sweep';
import type { CountControl, PictureControls, RateControl, TimeRange } from '../picture/controls';
import { STANDARD } from '../recording/topology';
import { spoken, textOfTimes, timesIn } from '../settings/on-picture';
import { SERVED_STAGES } from '../settings/parts';
import { STAGE_WORKERS } from '../settings/pool-settings';
import { countsAround, factors, spread } from './values';

/** A value that is tried. */
export interface Candidate {
  /** As in the configuration. */
  value: SettingValue;
  /** Its place on the axis; null if it has none, as no limit has. It is beside the axis then. */
  place: number | null;
  /** What would be, to begin a sentence: `6 Transformers`. */
  words: string;
}

/** What the candidates depend on besides the setting itself. */
export interface About {
  /** How many records a run has. */
  records: number;
  /** Records per second if they aren't held back; null while that isn't known. */
  unlimited: number | null;
}

export interface Sweepable {
  path: string;
  /** The stage or channel. */
  node: number;
  /** `Number of Transformers`. */
  title: string;
  /** As an action: `What would more Transformers bring?` */
  question: string;
  /** When a change takes effect. */
  when: string;
  /** What the axis counts: `workers`. Empty if its texts say it. */
  unit: string;
  /** Whether the values are whole numbers. */
  isCounted: boolean;
  /** The text of a place on the axis. */
  textOf: (place: number) => string;
  /** The value that has no place on the axis: on which side it is, and its text. */
  beside: { side: 'left' | 'right'; text: string } | null;
  own: Candidate;
  /** Whether a candidate that nothing limits has to be worked out before the others are known. */
  needsUnlimited: boolean;
  /** The candidates along the axis; one's own is among them. */
  candidates: (about: About) => Candidate[];
  choose: (candidate: Candidate) => void;
}

/** The paths of all of them, in the order of the pipeline. */
export const SWEEPABLE_PATHS: readonly string[] = [
  'generator.rate_limit',
  ...Object.values(STAGE_WORKERS).map(({ path }) => path),
  ...STANDARD.channels.flatMap(({ id }) => {
    const channel = settingOfId(id);
    return channel === undefined ? [] : [`channels.${channel}`];
  }),
  ...SERVED_STAGES.flatMap((stage) => [`service.${stage}.wait`, `service.${stage}.compute`]),
];

/** Returns a setting with the values that can be tried; null if the picture has no control for it. */
export function sweepableAt(path: string, controls: PictureControls): Sweepable | null {
  for (const { id, node } of STANDARD.stages) {
    if (STAGE_WORKERS[id]?.path === path) {
      const control = controls.workers(id);
      return control && workers(path, node, control);
    }
    if (path === 'generator.rate_limit' && STANDARD.isSource(node)) {
      const control = controls.rate(id);
      return control && rate(path, node, control);
    }
    if (path === `service.${id}.wait`) return time(path, node, id, 'waits', controls);
    if (path === `service.${id}.compute`) return time(path, node, id, 'computes', controls);
  }
  for (const { id, node } of STANDARD.channels) {
    if (path !== `channels.${settingOfId(id) ?? ''}`) continue;
    const control = controls.capacity(id);
    return control && capacity(path, node, control);
  }
  return null;
}

/** Returns the settings of a stage or channel that can be tried and are in use. */
export function sweepablesOf(node: number, controls: PictureControls): Sweepable[] {
  return SWEEPABLE_PATHS.flatMap((path) => {
    const found = sweepableAt(path, controls);
    const isUsed = found?.node === node && (found.own.place !== null || found.needsUnlimited);
    return isUsed ? [found] : [];
  });
}

const number = (value: SettingValue): number => (typeof value === 'number' ? value : 0);

function workers(path: string, node: number, control: CountControl): Sweepable {
  const name = STANDARD.nameOf(node);
  const candidate = (value: number): Candidate => ({
    ...{ value, place: value },
    words: counted(value, name),
  });
  return {
    ...{ path, node, title: `Number of ${name}s`, question: `What would more ${name}s bring?` },
    ...{ when: control.when, unit: 'workers', isCounted: true, textOf: shortCount, beside: null },
    own: candidate(control.value),
    needsUnlimited: false,
    candidates: ({ records }) =>
      countsAround(control.value, records, { ...control, usual: 32, each: 16 }).map(candidate),
    choose: ({ value }) => {
      control.set(number(value));
    },
  };
}

function capacity(path: string, node: number, control: CountControl): Sweepable {
  const name = STANDARD.nameOf(node);
  const candidate = (value: number): Candidate => ({
    ...{ value, place: value },
    words: `${name} with ${counted(value, 'place')}`,
  });
  return {
    ...{
      path,
      node,
      title: `Capacity of ${name}`,
      question: `What would more room in ${name} bring?`,
    },
    ...{ when: control.when, unit: 'places', isCounted: true, textOf: shortCount, beside: null },
    own: candidate(control.value),
    needsUnlimited: false,
    candidates: ({ records }) =>
      countsAround(control.value, records, { ...control, usual: 64, each: 8 }).map(candidate),
    choose: ({ value }) => {
      control.set(number(value));
    },
  };
}

function rate(path: string, node: number, control: RateControl): Sweepable {
  const candidate = (value: number): Candidate =>
    value > 0
      ? { value, place: value, words: `${perSecond(value)} a second at most` }
      : { value: 0, place: null, words: 'Without a limit' };
  return {
    ...{ path, node, title: `Rate of the ${STANDARD.nameOf(node)}` },
    ...{ question: 'What would another rate bring?', when: control.when, unit: 'a second' },
    ...{ isCounted: false, textOf: shortCount, beside: { side: 'right', text: 'no limit' } },
    own: candidate(control.value),
    needsUnlimited: true,
    candidates: ({ unlimited }) => {
      const ends = [control.value, unlimited ?? 0].filter((one) => one > 0);
      const values =
        unlimited === null || ends.length === 0
          ? []
          : spread(Math.min(...ends) / 8, 2 * Math.max(...ends));
      const all = new Set([...values, control.value].filter((one) => one > 0));
      return [...[...all].sort((a, b) => a - b), 0].map(candidate);
    },
    choose: ({ value }) => {
      control.set(number(value));
    },
  };
}

/** The service times that are tried, in milliseconds: from a microsecond to an hour, which is the longest. */
const [SHORTEST, LONGEST] = [1e-3, 3_600_000];

/** A service time of a stage that has none is compared with a tenth of a second, if no stage has any. */
const USUAL = 100;

function time(
  path: string,
  node: number,
  id: string,
  kind: 'waits' | 'computes',
  controls: PictureControls,
): Sweepable | null {
  const control = controls.time(id);
  if (!control) return null;
  const name = STANDARD.nameOf(node);
  const own = control[kind];
  const candidate = (range: TimeRange | null): Candidate => {
    const value = textOfTimes(range);
    const exact = timesIn(value);
    return {
      ...{ value, place: exact?.to ?? null },
      words: exact ? `${name} ${kind} ${spoken(exact)}` : `${name} ${kind} not at all`,
    };
  };
  const [noun, doing] = kind === 'waits' ? ['Waiting', 'waiting'] : ['Computing', 'computing'];
  return {
    ...{ path, node, title: `${noun} time of ${STANDARD.isPool(node) ? 'a' : 'the'} ${name}` },
    question: `What would less ${doing} in ${STANDARD.isPool(node) ? `${name}s` : `the ${name}`} bring?`,
    ...{ when: control.when, unit: '', isCounted: false },
    textOf: (place) => spoken({ from: place, to: place }),
    beside: { side: 'left', text: 'none' },
    own: candidate(own),
    needsUnlimited: false,
    candidates: () => {
      const scaled = own
        ? factors().map((factor) => (factor === 1 ? own : scale(own, factor)))
        : around(longestOf(controls)).map((one) => ({ from: one, to: one }));
      const allowed = scaled.filter((one) => one === own || isAllowed(one));
      return [null, ...allowed].map(candidate);
    },
    choose: ({ value }) => {
      control.set(kind, timesIn(String(value)));
    },
  };
}

const isAllowed = ({ to }: TimeRange): boolean => to >= SHORTEST && to <= LONGEST;

function scale({ from, to }: TimeRange, factor: number): TimeRange {
  const round = (value: number) => {
    const scaled = Number((value * factor).toPrecision(3));
    return scaled < SHORTEST / 1000 ? 0 : scaled;
  };
  return { from: round(from), to: round(to) };
}

const around = (longest: number): number[] => spread(longest / 50, 2 * longest);

/** The longest time that a stage takes for a record, in milliseconds. */
function longestOf(controls: PictureControls): number {
  const times = SERVED_STAGES.flatMap((stage) => {
    const own = controls.time(stage);
    return [own?.waits?.to ?? 0, own?.computes?.to ?? 0];
  });
  return Math.max(...times) || USUAL;
}

/** A number on an axis. */
function shortCount(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
