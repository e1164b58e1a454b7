// The settings as the end of the page's address, for a link: `#v1&workers=5&validator.wait=0-20ms`. What is as in the
// opening run is left out. The version changes when a key changes its meaning; new keys are no new version.

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

/** A longer one is nobody's settings. */
const LONGEST = 100_000;

/** So many names are told at most. */
const MAX_NAMES = 5;

/** A setting in the link. */
interface Entry {
  key: string;
  read: (settings: Settings) => string;
  /** What its value must be. */
  description: string;
  /** Takes the text, or leaves the setting as it is if that can't be its value. Whether it was taken. */
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
      // There is a −0.
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
      // Of a setting with few values only those that are known come here.
      (settings as Record<TextName, string>)[name] = value;
    },
  );
}

/** Where the key is not the path in the configuration. */
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
 * The end of the address, with its `#`; empty for the opening run.
 *
 * @param wrong the paths of settings that have to be mended: a link does not pass them on
 */
export function toHash(settings: Settings, wrong: readonly string[] = []): string {
  const usual = openingRun();
  const parts = ENTRIES.filter(
    ({ key, read }) => read(settings) !== read(usual) && !wrong.includes(PATHS[key] ?? key),
  ).map(({ key, read }) => `${key}=${encode(read(settings))}`);
  return parts.length > 0 ? `#v${VERSION}&${parts.join('&')}` : '';
}

/** Readable, where an address allows it. */
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
  /** What could not be taken from the link, one sentence each. */
  problems: string[];
}

/** The settings of a link, all of them valid. Null if the address has none: its end may be something else. */
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
  /** What is wrong with a value, by its key. */
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

/** What is wrong with the value, if it was not taken. */
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
