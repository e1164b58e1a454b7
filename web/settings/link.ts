// The settings as the end of the page's address, for a link: `#v1&workers=5&validator.wait=0-20ms`. What is as in the
// opening run is left out. The version changes when a key changes its meaning; new keys are no new version.

import { CHANNELS, SERVED_STAGES } from './parts';
import { openingRun } from './settings';
import type { Settings } from './settings';

const VERSION = 1;

/** A setting in the link. */
interface Entry {
  key: string;
  read: (settings: Settings) => string;
  /** Whether the text could be taken. */
  write: (settings: Settings, text: string) => boolean;
}

type KeysOf<V> = { [K in keyof Settings]: Settings[K] extends V ? K : never }[keyof Settings];

function number(
  key: string,
  get: (settings: Settings) => number | null,
  set: (settings: Settings, value: number | null) => void,
): Entry {
  return {
    key,
    read: (settings) => String(get(settings) ?? ''),
    write: (settings, text) => {
      const value = text.trim() === '' ? null : Number(text);
      if (value !== null && !Number.isFinite(value)) return false;
      set(settings, value);
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

function words(
  key: string,
  get: (settings: Settings) => string,
  set: (settings: Settings, value: string) => void,
  known?: readonly string[],
): Entry {
  return {
    key,
    read: get,
    write: (settings, text) => {
      if (known && !known.includes(text)) return false;
      set(settings, text);
      return true;
    },
  };
}

type TextName =
  | 'invalidValue'
  | 'invalidUnit'
  | 'delimiter'
  | 'mapping'
  | 'batch'
  | 'fixedTime'
  | 'source'
  | 'format'
  | 'runtime'
  | 'clock';

function textOf(key: string, name: TextName, known?: readonly string[]): Entry {
  return words(
    key,
    (settings) => settings[name],
    (settings, value) => {
      // Of a setting with few values only those that are known come here.
      (settings as Record<TextName, string>)[name] = value;
    },
    known,
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
  textOf('source', 'source', ['generator', 'file']),
  numberOf('records', 'records'),
  numberOf('seed', 'seed'),
  numberOf('rate', 'rate'),
  numberOf('burst', 'burst'),
  textOf('invalid-values', 'invalidValue'),
  textOf('invalid-units', 'invalidUnit'),
  numberOf('anomalies', 'anomalies'),
  textOf('format', 'format', ['auto', 'jsonl', 'csv', 'tsv']),
  textOf('delimiter', 'delimiter'),
  textOf('mapping', 'mapping'),
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
  textOf('batch', 'batch'),
  textOf('runs-on', 'runtime', ['pool', 'local', 'virtual']),
  numberOf('threads', 'threads'),
  numberOf('cores', 'cores'),
  words(
    'ordered',
    ({ ordered }) => (ordered ? 'yes' : 'no'),
    (settings, value) => {
      settings.ordered = value === 'yes';
    },
    ['yes', 'no'],
  ),
  textOf('clock', 'clock', ['system', 'fixed']),
  textOf('time', 'fixedTime'),
  ...SERVED_STAGES.flatMap((stage) =>
    (['wait', 'compute'] as const).map((kind) =>
      words(
        `${stage}.${kind}`,
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

/** The settings of a link. Null if the address has none: its end may be something else. */
export function fromHash(hash: string): FromHash | null {
  const [first = '', ...parts] = hash.replace(/^#/, '').split('&');
  const version = /^v(\d+)$/.exec(first)?.[1];
  if (version === undefined) return null;
  const settings = openingRun();
  const problems: string[] = [];
  const newer = Number(version) > VERSION;
  if (newer) {
    problems.push(
      `It was made by a newer Clearpipe (version ${version} of its links; this page knows ${VERSION}). ` +
        'What this page understands of it was taken.',
    );
  }
  const unknown: string[] = [];
  for (const part of parts.filter((part) => part !== '')) {
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    const entry = ENTRIES.find((entry) => entry.key === key);
    if (!entry) unknown.push(shortened(key));
    else if (at < 0) problems.push(`“${key}” has no value.`);
    else problems.push(...take(entry, settings, part.slice(at + 1)));
  }
  if (unknown.length > 0) {
    const names = unknown.map((key) => `“${key}”`).join(', ');
    problems.push(
      unknown.length === 1
        ? `There is no setting ${names}; it was left out.`
        : `There are no settings ${names}; they were left out.`,
    );
  }
  return { settings, problems };
}

function take({ key, write }: Entry, settings: Settings, encoded: string): string[] {
  let text;
  try {
    text = decode(encoded);
  } catch {
    return [`The value of “${key}” is damaged; it was left as it is.`];
  }
  if (write(settings, text)) return [];
  return [`“${shortened(text)}” is no value for “${key}”; it was left as it is.`];
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
