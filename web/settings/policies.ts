// How queues, locks, sends and tries behave otherwise than usual: settings of which most runs have none. They are kept as
// in a link, by their paths in the configuration.

import type { PartialConfig } from '../engine/partial';
import { INJECTION, SERVICE_TIME, choiceOf, numberConstraint, oneOf } from './constraints';
import type { Constraint } from './constraints';
import { ungrouped } from './grouped';
import { SETTINGS } from './registry';

/** The kinds of these settings. */
type Kind = 'time' | 'injection' | 'choice' | 'switch' | 'number';

const KINDS = {
  'queues.sharing': 'choice',
  'queues.when_full': 'choice',
  'locks.validator': 'time',
  'locks.transformer': 'time',
  'queues.send_cost': 'time',
  'faults.transient': 'injection',
  'retry.tries': 'number',
  'retry.timeout': 'time',
  'breaker.failures': 'number',
  'breaker.pause': 'time',
  'faults.unbounded_channel': 'switch',
  'faults.leaked_worker': 'switch',
} as const satisfies Partial<Record<keyof typeof SETTINGS, Kind>>;

export type PolicyPath = keyof typeof KINDS;

/** The values, as text. A number may be empty, which stands for none. */
export type Policies = Record<PolicyPath, string>;

export const POLICY_PATHS = Object.keys(KINDS) as readonly PolicyPath[];

/** Everything as usual. */
export const USUAL_POLICIES: Readonly<Policies> = {
  'queues.sharing': 'shared',
  'queues.when_full': 'block',
  'locks.validator': 'off',
  'locks.transformer': 'off',
  'queues.send_cost': 'off',
  'faults.transient': 'off',
  'retry.tries': '1',
  'retry.timeout': 'off',
  'breaker.failures': '',
  'breaker.pause': '1s',
  'faults.unbounded_channel': 'no',
  'faults.leaked_worker': 'no',
};

/** The values of choices, in words. */
export const CHOICE_NAMES: Readonly<Record<string, string>> = {
  shared: 'one for all workers',
  per_worker: 'one for each worker',
  stealing: 'one each, with stealing',
  block: 'the Producer waits',
  drop_newest: 'drop the newest',
  drop_oldest: 'drop the oldest',
};

export const kindOf = (path: PolicyPath): Kind => KINDS[path];

export function isPolicy(path: string): path is PolicyPath {
  return Object.hasOwn(KINDS, path);
}

/** Returns what a value must be. */
export function constraintOfPolicy(path: PolicyPath): Constraint<string> {
  switch (kindOf(path)) {
    case 'time':
      return SERVICE_TIME;
    case 'injection':
      return INJECTION;
    case 'choice':
      return choiceOf(path);
    case 'switch':
      return oneOf(['yes', 'no']);
    case 'number': {
      const { description, accepts } = numberConstraint(path);
      return {
        description,
        accepts: (text) => text.trim() === '' || accepts(Number(ungrouped(text.trim()))),
      };
    }
  }
}

/** Returns the text of a value in a configuration. */
export function textOfPolicy(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Returns the parts of a configuration that differ from the usual. */
export function policiesConfig(policies: Policies): PartialConfig {
  const config: Record<string, Record<string, unknown>> = {};
  for (const path of POLICY_PATHS) {
    const text = ungrouped(policies[path].trim());
    if (text === USUAL_POLICIES[path] || text === '') continue;
    const [table = '', name = ''] = path.split('.');
    const kind = kindOf(path);
    const value = kind === 'switch' ? text === 'yes' : kind === 'number' ? Number(text) : text;
    (config[table] ??= {})[name] = value;
  }
  return config;
}
