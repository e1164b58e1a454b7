// The configuration in the first line of an event log: whether a run can have had it. A log is a file from anywhere, and
// the picture makes room for as many workers as it names. The engine has the same rules in
// `crates/core/src/config/logged.rs`; both are tested with `tests/vectors/logged-configs.json`.

import { CHANNELS, SERVED_STAGES } from '../settings/parts';

/** What a setting must be. */
interface Rule {
  path: string;
  isRight: (value: unknown) => boolean;
  /** What that is, in words. */
  must: string;
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As JSON may have it where a setting has no value. */
const isNone = (value: unknown): boolean => value === null || value === undefined;

function whole(path: string, least: number, most = Infinity): Rule {
  const isRight = (value: unknown): boolean =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
  const range =
    most === Infinity ? `, at least ${least}` : ` from ${least} to ${most.toLocaleString('en')}`;
  return { path, isRight, must: `a whole number${range}` };
}

/** The same, or none. */
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

/** Each is looked at only if the table that it is in is one. */
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

/** The first thing about it that no run can have had, as a sentence without its full stop; null if there is none. */
export function problemOfLogged(config: unknown): string | null {
  if (!isTable(config)) return 'it is no table';
  for (const { path, isRight, must } of RULES) {
    const value = at(config, path);
    if (!isRight(value)) return `${path} is ${described(value)}; it must be ${must}`;
  }
  return null;
}

function at(config: Record<string, unknown>, path: string): unknown {
  let value: unknown = config;
  for (const key of path.split('.')) {
    // Not what every object has by itself.
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
