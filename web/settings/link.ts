// The settings in the hash of the page's address, for links: `#v1&workers=5&validator.wait=0-20ms`. Settings that are
// the same as in the opening run are omitted. The version changes if a key changes its meaning, not if keys are added.

import { listed } from '../format';
import { visible } from '../visible';
import { ENCODINGS } from './encodings';
import { LABELS } from './labels';
import { CHANNELS, SERVED_STAGES } from './parts';
import {
  BATCH,
  DELIMITER,
  INJECTION,
  MAPPING,
  SERVICE_TIME,
  TIME,
  numberConstraint,
  oneOf,
} from './constraints';
import type { Constraint } from './constraints';
import { openingRun } from './settings';
import type { Settings } from './settings';

const VERSION = 1;

/** A longer hash isn't settings. */
const LONGEST = 100_000;

/** How many unknown keys a problem lists. */
const MAX_NAMES = 5;

/** A setting in a link. */
interface Entry {
  key: string;
  read: (settings: Settings) => string;
  /** The constraint on its value, in words. */
  description: string;
  /** Sets the value, or leaves the setting alone if the text isn't valid. Returns whether it was set. */
  write: (settings: Settings, text: string) => boolean;
}

type KeysOf<V> = { [K in keyof Settings]: Settings[K] extends V ? K : never }[keyof Settings];

function number(
  key: string,
  get: (settings: Settings) => number | null,
  set: (settings: Settings, value: number | null) => void,
): Entry {
  const { description, accepts } = numberConstraint(PATHS[key] ?? key);
  return {
    ...{ key, description },
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

function numberOf(key: string, name: KeysOf<number | null>): Entry {
  return number(
    key,
    (settings) => settings[name],
    (settings, value) => {
      settings[name] = value;
    },
  );
}

function text(
  key: string,
  { description, accepts }: Constraint<string>,
  get: (settings: Settings) => string,
  set: (settings: Settings, value: string) => void,
): Entry {
  return {
    ...{ key, description },
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
  | 'clock';

function textOf(key: string, name: TextName, constraint: Constraint<string>): Entry {
  return text(
    key,
    constraint,
    (settings) => settings[name],
    (settings, value) => {
      // For settings with a few values, only known ones get here.
      (settings as Record<TextName, string>)[name] = value;
    },
  );
}

/** The paths in the configuration of keys that differ from them. */
const PATHS: Readonly<Record<string, string>> = {
  rate: 'generator.rate_limit',
  burst: 'generator.burst',
  'invalid-values': 'generator.invalid_value',
  'invalid-units': 'generator.invalid_unit',
  anomalies: 'transformer.threshold',
  format: 'input.format',
  encoding: 'input.encoding',
  delimiter: 'input.delimiter',
  mapping: 'input.map',
  validators: 'validator.workers',
  transformers: 'transformer.workers',
  buffer: 'channels.capacity',
  ...Object.fromEntries(CHANNELS.map((channel) => [`buffer.${channel}`, `channels.${channel}`])),
  'runs-on': 'runtime.kind',
  threads: 'runtime.threads',
  cores: 'runtime.cores',
  time: 'clock',
  ...Object.fromEntries(
    SERVED_STAGES.flatMap((stage) =>
      ['wait', 'compute'].map((kind) => [`${stage}.${kind}`, `service.${stage}.${kind}`]),
    ),
  ),
};

const ENTRIES: readonly Entry[] = [
  textOf('source', 'source', oneOf(['generator', 'file'])),
  numberOf('records', 'records'),
  numberOf('seed', 'seed'),
  numberOf('rate', 'rate'),
  numberOf('burst', 'burst'),
  textOf('invalid-values', 'invalidValue', INJECTION),
  textOf('invalid-units', 'invalidUnit', INJECTION),
  numberOf('anomalies', 'anomalies'),
  textOf('format', 'format', oneOf(['auto', 'jsonl', 'csv', 'tsv'])),
  textOf('encoding', 'encoding', oneOf(ENCODINGS.map(({ value }) => value))),
  textOf('delimiter', 'delimiter', DELIMITER),
  textOf('mapping', 'mapping', MAPPING),
  numberOf('workers', 'workers'),
  numberOf('validators', 'validators'),
  numberOf('transformers', 'transformers'),
  numberOf('buffer', 'buffer'),
  ...CHANNELS.map((channel) =>
    number(
      `buffer.${channel}`,
      ({ buffers }) => buffers[channel],
      ({ buffers }, value) => {
        buffers[channel] = value;
      },
    ),
  ),
  textOf('batch', 'batch', BATCH),
  textOf('runs-on', 'runtime', oneOf(['pool', 'local', 'virtual'])),
  numberOf('threads', 'threads'),
  numberOf('cores', 'cores'),
  text(
    'ordered',
    oneOf(['yes', 'no']),
    ({ ordered }) => (ordered ? 'yes' : 'no'),
    (settings, value) => {
      settings.ordered = value === 'yes';
    },
  ),
  textOf('clock', 'clock', oneOf(['system', 'fixed'])),
  textOf('time', 'fixedTime', TIME),
  ...SERVED_STAGES.flatMap((stage) =>
    (['wait', 'compute'] as const).map((kind) =>
      text(
        `${stage}.${kind}`,
        SERVICE_TIME,
        ({ service }) => service[stage][kind],
        ({ service }, value) => {
          service[stage][kind] = value;
        },
      ),
    ),
  ),
];

/**
 * Returns the hash with its `#`; empty for the opening run.
 *
 * @param wrong the paths of invalid settings, which a link doesn't pass on
 */
export function toHash(settings: Settings, wrong: readonly string[] = []): string {
  const usual = openingRun();
  const parts = ENTRIES.filter(
    ({ key, read }) => read(settings) !== read(usual) && !wrong.includes(PATHS[key] ?? key),
  ).map(({ key, read }) => `${key}=${encode(read(settings))}`);
  return parts.length > 0 ? `#v${VERSION}&${parts.join('&')}` : '';
}

/** Keeps what is readable, where addresses allow it. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%3D', '=');
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

export interface FromHash {
  settings: Settings;
  /** What could not be applied, a sentence each. */
  problems: string[];
}

/** Returns the settings of a link, all of them valid; null if the hash isn't one of a link. */
export function fromHash(hash: string): FromHash | null {
  if (!/^#?v\d+(&|$)/.test(hash)) return null;
  const settings = openingRun();
  if (hash.length > LONGEST) {
    const [present, most] = [hash.length, LONGEST].map((length) => length.toLocaleString('en'));
    const problem = `The link is too long: it has ${present} characters, and at most ${most} can be read. It was ignored.`;
    return { settings, problems: [problem] };
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
  for (const part of parts.filter((part) => part !== '')) {
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    const entry = ENTRIES.find((entry) => entry.key === key);
    if (!entry) unknown.add(shortened(key));
    else if (at < 0) refused.set(key, `“${key}” has no value; it was ignored.`);
    else {
      const problem = take(entry, settings, part.slice(at + 1));
      if (problem !== null) refused.set(key, problem);
    }
  }
  problems.push(...refused.values());
  if (unknown.size > 0) {
    const names = [...unknown].slice(0, MAX_NAMES).map((key) => `“${key}”`);
    if (unknown.size > MAX_NAMES) names.push(`${unknown.size - MAX_NAMES} more`);
    problems.push(
      unknown.size === 1
        ? `There is no setting ${listed(names)}; it was ignored.`
        : `There are no settings ${listed(names)}; they were ignored.`,
    );
  }
  return { settings, problems };
}

/** Applies a value. Returns what is wrong with it, or null. */
function take(
  { key, description, write }: Entry,
  settings: Settings,
  encoded: string,
): string | null {
  let text;
  try {
    text = decode(encoded);
  } catch {
    return `The value of “${key}” is damaged; it was ignored.`;
  }
  if (write(settings, text)) return null;
  const label = LABELS[PATHS[key] ?? key] ?? key;
  return `“${key}=${shortened(text)}” was ignored: ${label} must be ${description}.`;
}

function shortened(text: string): string {
  return visible(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
