// Validates the configuration in the first line of an event log. A log may come from anywhere, and the picture reserves
// space for as many workers as it claims. The engine has the same rules in `crates/core/src/config/logged.rs`; both are
// tested with `tests/vectors/logged-configs.json`.

import { SETTINGS } from '../engine/generated/settings';
import type { SettingInfo } from '../engine/generated/settings';
import { CHANNELS, SERVED_STAGES } from '../settings/parts';

/** A constraint on a setting. */
interface Rule {
  path: string;
  isRight: (value: unknown) => boolean;
  /** The constraint in words. */
  must: string;
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON has either for a setting without a value. */
const isNone = (value: unknown): boolean => value === null || value === undefined;

function whole(path: string, least: number, most = Infinity): Rule {
  const isRight = (value: unknown): boolean =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
  const range =
    most === Infinity ? `, at least ${least}` : ` from ${least} to ${most.toLocaleString('en')}`;
  return { path, isRight, must: `a whole number${range}` };
}

/** Like [`whole`], or without a value. */
function maybe(path: string, least: number, most: number): Rule {
  const rule = whole(path, least, most);
  return { ...rule, isRight: (value) => isNone(value) || rule.isRight(value) };
}

/** A whole number within the range of a setting of the page, or without a value if it has no default. */
function asSetting(path: keyof typeof SETTINGS): Rule {
  const { default: value, min = 0, max = Infinity }: SettingInfo = SETTINGS[path];
  return value === undefined ? maybe(path, min, max) : whole(path, min, max);
}

function ofType(path: string, type: 'string' | 'boolean', must: string): Rule {
  return { path, isRight: (value) => typeof value === type, must };
}

const table = (path: string): Rule => ({ path, isRight: isTable, must: 'a table' });

/** A rule for a setting applies only if the rule for its table holds. */
const RULES: readonly Rule[] = [
  ...[
    'generator',
    'input',
    'validator',
    'transformer',
    'channels',
    'service',
    'runtime',
    'trace',
  ].map(table),
  asSetting('records'),
  asSetting('workers'),
  asSetting('validator.workers'),
  asSetting('transformer.workers'),
  asSetting('channels.capacity'),
  ...CHANNELS.map((channel) => asSetting(`channels.${channel}`)),
  {
    path: 'batch',
    isRight: (value) =>
      value === 'auto' ||
      ((typeof value === 'string' || typeof value === 'number') &&
        Number(value) >= SETTINGS.batch.min &&
        Number(value) <= SETTINGS.batch.max),
    must: `a number from ${SETTINGS.batch.min} to ${SETTINGS.batch.max.toLocaleString('en')}, or auto`,
  },
  maybe('window', 1, 1_073_741_824),
  whole('window_bytes', 1, 1_073_741_824),
  ofType('ordered', 'boolean', 'true or false'),
  {
    path: 'generator.rate_limit',
    isRight: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
    must: 'a number, 0 or more',
  },
  asSetting('generator.burst'),
  asSetting('runtime.threads'),
  asSetting('runtime.cores'),
  ofType('runtime.kind', 'string', 'a text'),
  whole('trace.sample', 1),
  maybe('trace.rate', 1, 1_000_000_000),
  {
    path: 'trace.ring',
    isRight: (value) =>
      typeof value === 'number' &&
      Number.isInteger(Math.log2(value)) &&
      value >= 1024 &&
      value <= 2 ** 20,
    must: 'a power of two from 1,024 to 1,048,576',
  },
  ...SERVED_STAGES.flatMap((stage) => [
    table(`service.${stage}`),
    ofType(`service.${stage}.wait`, 'string', 'a time'),
    ofType(`service.${stage}.compute`, 'string', 'a time'),
  ]),
];

/** Returns the first problem with a configuration, as a sentence without its full stop, or null if there is none. */
export function problemOfLogged(config: unknown): string | null {
  if (!isTable(config)) return 'it is not a table';
  for (const { path, isRight, must } of RULES) {
    const value = at(config, path);
    if (!isRight(value)) return `\`${path}\` is ${described(value)}; it must be ${must}`;
  }
  return null;
}

function at(config: Record<string, unknown>, path: string): unknown {
  let value: unknown = config;
  for (const key of path.split('.')) {
    // Ignore inherited properties.
    value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

function described(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  return isTable(value) ? 'a table' : JSON.stringify(value);
}
