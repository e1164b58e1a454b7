// The settings in the hash of the page's address, for links: `#v1&workers=5&validator.wait=0-20ms`, and what of the
// picture is looked at: `&at=1.24s&sel=record:17`. Settings that are the same as in the opening run are omitted. The
// version changes if a key changes its meaning, not if keys are added.

import { listed } from '../format';
import { visible } from '../visible';
import { ENCODINGS } from './encodings';
import { LABELS } from './labels';
import { CHANNELS, SERVED_STAGES } from './parts';
import { NO_VIEW, VIEW_ENTRIES } from './link-view';
import type { LinkedView } from './link-view';
import { POLICY_PATHS, constraintOfPolicy } from './policies';
import { keyOf } from './registry';
import type { SettingPath } from './registry';
import {
  BATCH,
  DELIMITER,
  INJECTION,
  MAPPING,
  SERVICE_TIME,
  TIME,
  choiceOf,
  numberConstraint,
  oneOf,
} from './constraints';
import type { Constraint } from './constraints';
import { openingRun } from './settings';
import type { Settings } from './settings';

const VERSION = 1;

/** A longer hash isn't settings. */
const MAX_LENGTH = 100_000;

/** How many unknown keys a problem lists. */
const MAX_NAMES = 5;

/** A setting in a link. */
interface Entry {
  key: string;
  /** Its path in the configuration. */
  path: string;
  read: (settings: Settings) => string;
  /** The constraint on its value, in words. */
  description: string;
  /** Sets the value, or leaves the setting alone if the text isn't valid. Returns whether it was set. */
  write: (settings: Settings, text: string) => boolean;
}

type KeysOf<V> = { [K in keyof Settings]: Settings[K] extends V ? K : never }[keyof Settings];

function number(
  path: SettingPath,
  get: (settings: Settings) => number | null,
  set: (settings: Settings, value: number | null) => void,
): Entry {
  const { description, accepts } = numberConstraint(path);
  return {
    ...{ key: keyOf(path), path, description },
    read: (settings) => String(get(settings) ?? ''),
    write: (settings, text) => {
      const value = text.trim() === '' ? null : Number(text);
      if (value !== null && !accepts(value)) return false;
      // Turn −0 into 0.
      set(settings, value === 0 ? 0 : value);
      return true;
    },
  };
}

function numberOf(path: SettingPath, name: KeysOf<number | null>): Entry {
  return number(
    path,
    (settings) => settings[name],
    (settings, value) => {
      settings[name] = value;
    },
  );
}

function text(
  path: SettingPath,
  { description, accepts }: Constraint<string>,
  get: (settings: Settings) => string,
  set: (settings: Settings, value: string) => void,
): Entry {
  return {
    ...{ key: keyOf(path), path, description },
    read: get,
    write: (settings, text) => {
      if (!accepts(text)) return false;
      set(settings, text);
      return true;
    },
  };
}

type TextName =
  | 'invalidValue'
  | 'invalidUnit'
  | 'encoding'
  | 'delimiter'
  | 'mapping'
  | 'batch'
  | 'fixedTime'
  | 'source'
  | 'format'
  | 'runtime'
  | 'pace'
  | 'clock';

function textOf(path: SettingPath, name: TextName, constraint: Constraint<string>): Entry {
  return text(
    path,
    constraint,
    (settings) => settings[name],
    (settings, value) => {
      // For settings with a few values, only known ones get here.
      (settings as Record<TextName, string>)[name] = value;
    },
  );
}

const ENTRIES: readonly Entry[] = [
  // Only the page has this choice.
  {
    ...textOf('input.file', 'source', oneOf(['generator', 'file'])),
    key: 'source',
    path: 'source',
  },
  numberOf('records', 'records'),
  numberOf('seed', 'seed'),
  numberOf('generator.rate_limit', 'rate'),
  numberOf('generator.burst', 'burst'),
  textOf('generator.invalid_value', 'invalidValue', INJECTION),
  textOf('generator.invalid_unit', 'invalidUnit', INJECTION),
  numberOf('transformer.threshold', 'anomalies'),
  textOf('input.format', 'format', choiceOf('input.format')),
  textOf('input.encoding', 'encoding', oneOf(ENCODINGS.map(({ value }) => value))),
  textOf('input.delimiter', 'delimiter', DELIMITER),
  textOf('input.map', 'mapping', MAPPING),
  numberOf('workers', 'workers'),
  numberOf('validator.workers', 'validators'),
  numberOf('transformer.workers', 'transformers'),
  numberOf('channels.capacity', 'buffer'),
  ...CHANNELS.map((channel) =>
    number(
      `channels.${channel}`,
      ({ buffers }) => buffers[channel],
      ({ buffers }, value) => {
        buffers[channel] = value;
      },
    ),
  ),
  textOf('batch', 'batch', BATCH),
  numberOf('window', 'window'),
  textOf('runtime.kind', 'runtime', choiceOf('runtime.kind')),
  numberOf('runtime.threads', 'threads'),
  numberOf('runtime.cores', 'cores'),
  numberOf('runtime.seed', 'scheduleSeed'),
  // Only the page has this choice.
  {
    ...textOf('runtime.kind', 'pace', oneOf(['screen', 'at-once'])),
    key: 'pace',
    path: 'pace',
  },
  text(
    'ordered',
    oneOf(['yes', 'no']),
    ({ ordered }) => (ordered ? 'yes' : 'no'),
    (settings, value) => {
      settings.ordered = value === 'yes';
    },
  ),
  textOf('clock', 'clock', oneOf(['system', 'fixed'])),
  { ...textOf('clock', 'fixedTime', TIME), key: 'time' },
  ...SERVED_STAGES.flatMap((stage) =>
    (['wait', 'compute'] as const).map((kind) =>
      text(
        `service.${stage}.${kind}`,
        SERVICE_TIME,
        ({ service }) => service[stage][kind],
        ({ service }, value) => {
          service[stage][kind] = value;
        },
      ),
    ),
  ),
  ...POLICY_PATHS.map((path) =>
    text(
      path,
      constraintOfPolicy(path),
      ({ policies }) => policies[path],
      ({ policies }, value) => {
        policies[path] = value;
      },
    ),
  ),
];

/** The key of a setting of a second run, which is compared with the first: `vs=buffer:100`. */
const VERSUS = 'vs';

/**
 * Returns the hash with its `#`; empty for the opening run.
 *
 * @param wrong the paths of invalid settings, which a link doesn't pass on
 * @param other the settings of a second run that is compared with one with these
 */
export function toHash(
  settings: Settings,
  wrong: readonly string[] = [],
  view: LinkedView = NO_VIEW,
  other: Settings | null = null,
): string {
  const usual = openingRun();
  const parts = ENTRIES.filter(
    ({ path, read }) => read(settings) !== read(usual) && !wrong.includes(path),
  ).map(({ key, read }) => `${key}=${encode(read(settings))}`);
  for (const { key, read } of VIEW_ENTRIES) {
    parts.push(...read(view).map((text) => `${key}=${encode(text)}`));
  }
  for (const { key, path, read } of ENTRIES) {
    if (!other || read(other) === read(settings) || wrong.includes(path)) continue;
    parts.push(`${VERSUS}=${key}:${encode(read(other))}`);
  }
  return parts.length > 0 ? `#v${VERSION}&${parts.join('&')}` : '';
}

/** Returns the settings in which a second run differs, each with both values as they are in a link. */
export function differingSettings(
  one: Settings,
  other: Settings,
): { path: string; from: string; to: string }[] {
  return ENTRIES.filter(({ read }) => read(one) !== read(other)).map(({ path, read }) => ({
    ...{ path, from: read(one), to: read(other) },
  }));
}

/** Returns the value of a setting as in a link, by its path; undefined if links don't have it. */
export function textOfSetting(settings: Settings, path: string): string | undefined {
  return ENTRIES.find((entry) => entry.path === path)?.read(settings);
}

/** Sets a setting to a value as in a link, by its path. Returns whether there is such a setting and it can have that value. */
export function setText(settings: Settings, path: string, text: string): boolean {
  return ENTRIES.find((entry) => entry.path === path)?.write(settings, text) ?? false;
}

/** Returns what a setting must be, to follow “must be”, by its path; undefined if links don't have it. */
export function constraintOf(path: string): string | undefined {
  return ENTRIES.find((entry) => entry.path === path)?.description;
}

/** Keeps what is readable, where addresses allow it. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%3D', '=')
    .replaceAll('%2F', '/');
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

export interface FromHash {
  settings: Settings;
  view: LinkedView;
  /** The settings of a second run that is to be compared; null for none. */
  other: Settings | null;
  /** What could not be applied, a sentence each. */
  problems: string[];
}

/** Returns the settings of a link, all of them valid; null if the hash isn't one of a link. */
export function fromHash(hash: string): FromHash | null {
  if (!/^#?v\d+(&|$)/.test(hash)) return null;
  const settings = openingRun();
  if (hash.length > MAX_LENGTH) {
    const [present, most] = [hash.length, MAX_LENGTH].map((length) => length.toLocaleString('en'));
    const problem = `The link is too long: it has ${present} characters, and at most ${most} can be read. It was ignored.`;
    return { settings, view: NO_VIEW, other: null, problems: [problem] };
  }
  const [first = '', ...parts] = hash.replace(/^#/, '').split('&');
  const problems: string[] = [];
  if (Number(first.slice(1)) !== VERSION) {
    problems.push(
      `The link was made by another version of Clearpipe: its format is ${shortened(first.slice(1))}, ` +
        `and this page reads ${VERSION}. What this page understands of it was applied.`,
    );
  }
  const unknown = new Set<string>();
  /** Problems with values, by key. */
  const refused = new Map<string, string>();
  let view = NO_VIEW;
  const differing: string[] = [];
  for (const part of parts.filter((part) => part !== '')) {
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    const entry = ENTRIES.find((entry) => entry.key === key);
    const viewEntry = VIEW_ENTRIES.find((entry) => entry.key === key);
    if (key === VERSUS && at >= 0) differing.push(part.slice(at + 1));
    else if (!entry && !viewEntry && key !== VERSUS) unknown.add(shortened(key));
    else if (at < 0) refused.set(key, `“${key}” has no value; it was ignored.`);
    else if (viewEntry) {
      const text = decoded(part.slice(at + 1));
      const changed = text === null ? null : viewEntry.write(view, text);
      const { name, description } = viewEntry;
      if (changed) view = changed;
      else if (text === null) refused.set(key, damaged(key));
      else refused.set(key, ignored(key, text, name, description));
    } else if (entry) {
      const problem = take(entry, settings, part.slice(at + 1));
      if (problem !== null) refused.set(key, problem);
    }
  }
  const other = differing.length > 0 ? structuredClone(settings) : null;
  for (const text of other ? differing : []) {
    const colon = text.indexOf(':');
    const entry = ENTRIES.find(({ key }) => key === text.slice(0, Math.max(0, colon)));
    const problem = entry && other ? take(entry, other, text.slice(colon + 1)) : noSuch(text);
    // One problem for each setting, however often it is there.
    if (problem !== null) refused.set(`${VERSUS}=${entry?.key ?? ''}`, problem);
  }
  // Both runs may have the same problem.
  problems.push(...new Set(refused.values()));
  if (unknown.size > 0) {
    const names = [...unknown].slice(0, MAX_NAMES).map((key) => `“${key}”`);
    if (unknown.size > MAX_NAMES) names.push(`${unknown.size - MAX_NAMES} more`);
    problems.push(
      unknown.size === 1
        ? `There is no setting ${listed(names)}; it was ignored.`
        : `There are no settings ${listed(names)}; they were ignored.`,
    );
  }
  const differs = other && toHash(other) !== toHash(settings);
  return { settings, view, other: differs ? other : null, problems };
}

/** Applies a value. Returns what is wrong with it, or null. */
function take(
  { key, path, description, write }: Entry,
  settings: Settings,
  encoded: string,
): string | null {
  const text = decoded(encoded);
  if (text === null) return damaged(key);
  return write(settings, text) ? null : ignored(key, text, LABELS[path] ?? key, description);
}

/** Returns the text of a value; null if it is damaged. */
function decoded(encoded: string): string | null {
  try {
    return decode(encoded);
  } catch {
    return null;
  }
}

const noSuch = (text: string): string =>
  `“${VERSUS}=${shortened(text)}” was ignored: it must be a setting and its value, such as buffer:100.`;

const damaged = (key: string): string => `The value of “${key}” is damaged; it was ignored.`;

function ignored(key: string, text: string, name: string, description: string): string {
  return `“${key}=${shortened(text)}” was ignored: ${name} must be ${description}.`;
}

function shortened(text: string): string {
  return visible(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
