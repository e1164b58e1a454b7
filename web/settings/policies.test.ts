import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { withDefaults } from '../recording/merge';
import { applyChange } from './apply';
import { toConfig } from './config';
import { fromConfig } from './from-config';
import { fromHash, toHash } from './link';
import { POLICY_PATHS, USUAL_POLICIES, textOfPolicy } from './policies';
import type { Policies } from './policies';
import { openingRun, referenceRun } from './settings';

const OTHERS: Policies = {
  'queues.sharing': 'stealing',
  'queues.when_full': 'drop_oldest',
  'queues.send_cost': '1ms',
  'locks.validator': 'exponential 5ms',
  'locks.transformer': '0-2ms',
  'faults.transient': '5%',
  'retry.tries': '3',
  'retry.timeout': '200ms',
  'breaker.failures': '10',
  'breaker.pause': '300ms',
  'faults.unbounded_channel': 'yes',
  'faults.leaked_worker': 'yes',
};

test('the usual ones are the defaults of the engine', () => {
  const { settings } = fromConfig(DEFAULT_CONFIG);
  expect(settings.policies).toEqual(USUAL_POLICIES);
  expect(Object.keys(toConfig(referenceRun(), null).config)).not.toContain('queues');
});

describe.each(POLICY_PATHS)('%s', (path) => {
  const changed = () => {
    const settings = openingRun();
    settings.policies[path] = OTHERS[path];
    return settings;
  };

  test('travels in a link', () => {
    const read = fromHash(toHash(changed()));
    expect(read?.problems).toEqual([]);
    expect(read?.settings).toEqual(changed());
  });

  test('is in the configuration, and comes back from it', () => {
    const { config, problems } = toConfig(changed(), null);
    expect(problems).toEqual([]);
    const { settings, leftOut } = fromConfig(withDefaults(config, DEFAULT_CONFIG));
    expect(settings.policies).toEqual(changed().policies);
    expect(leftOut).toEqual([]);
  });

  test('is changed by its path', () => {
    const settings = openingRun();
    expect(applyChange(settings, path, OTHERS[path])).toBe(true);
    expect(settings).toEqual(changed());
  });

  test('is refused in a link if it can’t be', () => {
    const key = toHash(changed()).slice('#v1&'.length).split('=')[0] ?? '';
    expect(fromHash(`#v1&${key}=%3F`)?.problems).toHaveLength(1);
  });
});

test('values of a configuration are written as in a link', () => {
  expect([true, false, 3, '5ms', null].map(textOfPolicy)).toEqual(['yes', 'no', '3', '5ms', '']);
});
