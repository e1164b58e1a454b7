// Validates the configuration in the first line of an event log. A log may come from anywhere, and the picture reserves
// space for as many workers as it claims. The engine has the same rules in `crates/core/src/config/logged.rs`; both are
// tested with `tests/vectors/logged-configs.json`.

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

function ofType(path: string, type: 'string' | 'boolean', must: string): Rule {
  return { path, isRight: (value) => typeof value === type, must };
}

const table = (path: string): Rule => ({ path, isRight: isTable, must: 'a table' });

const WORKERS = 65_535;
const CAPACITY = 16_777_216;
const BATCH = 65_536;

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
  whole('records', 0),
  whole('workers', 1, WORKERS),
  maybe('validator.workers', 1, WORKERS),
  maybe('transformer.workers', 1, WORKERS),
  maybe('channels.capacity', 1, CAPACITY),
  ...CHANNELS.map((channel) => maybe(`channels.${channel}`, 1, CAPACITY)),
  {
    path: 'batch',
    isRight: (value) =>
      value === 'auto' ||
      ((typeof value === 'string' || typeof value === 'number') &&
        Number(value) >= 1 &&
        Number(value) <= BATCH),
    must: `a number from 1 to ${BATCH.toLocaleString('en')}, or auto`,
  },
  maybe('window', 1, 1_073_741_824),
  whole('window_bytes', 1, 1_073_741_824),
  ofType('ordered', 'boolean', 'true or false'),
  {
    path: 'generator.rate_limit',
    isRight: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
    must: 'a number, 0 or more',
  },
  whole('generator.burst', 1, 1_000_000),
  maybe('runtime.threads', 1, 1024),
  whole('runtime.cores', 1, 65_536),
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
    if (!isRight(value)) return `${path} is ${described(value)}; it must be ${must}`;
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
