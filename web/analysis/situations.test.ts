// The page's verdicts on the situations in `tests/vectors/situations.json`, from the engine's
// measurements. `crates/bench/src/bottleneck/situations.rs` runs them, and tests the advice by
// applying it.

import { describe, expect, test } from 'vitest';
import measurements from '../../tests/vectors/situations-measured.json?raw';
import table from '../../tests/vectors/situations.json';
import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import { limitOf } from '../bench/limits';
import type { Bottleneck } from '../bench/limits';
import { diagnose } from './bottleneck';
import type { Diagnosis } from './bottleneck';
import { measurementsOf } from './testing';

interface Situation {
  name: string;
  may: string[];
  over: string[];
  must_not?: string[];
  changes: { set: Record<string, unknown>; helps: boolean }[];
  window?: number[];
}

interface Measured {
  config: Config;
  before: Metrics | null;
  now: Metrics | null;
  over: Metrics;
}

const SITUATIONS: readonly Situation[] = table;
const MEASURED = measurementsOf<Measured>(measurements);

/** A number that a machine may have: the pool uses all cores. */
const CORES = 2;

function check(situation: Situation, said: Diagnosis, may: readonly string[]): void {
  const { limit, stage, sentence, changes } = said;
  const names = [limit, `${limit} ${stage ?? ''}`.trim()];
  expect(
    names.some((name) => may.includes(name)),
    `${names.join(' or ')} is among ${may.join(', ')}: ${sentence}`,
  ).toBe(true);
  for (const text of situation.must_not ?? []) expect(sentence).not.toContain(text);
  if (changes.length === 0) return;
  // Advice is only given if it was tried and helped.
  const advice = JSON.stringify(
    Object.fromEntries(changes.map(({ path, value }) => [path, value])),
  );
  const tried = situation.changes.find(({ set }) => JSON.stringify(set) === advice);
  expect(tried?.helps, `${advice} was tried: ${sentence}`).toBe(true);
}

function namesOf({ limit, stage }: Bottleneck): string[] {
  if (limit === 'stage') {
    if (stage === 'producer') return ['producer'];
    if (stage === 'fan_out') return ['fan-out'];
    const isPool = stage === 'validator' || stage === 'transformer';
    return (isPool ? ['workers', 'several'] : ['slow-consumer']).map(
      (name) => `${name} ${stage ?? ''}`,
    );
  }
  const names = {
    ...{ threads: 'cores', channels: 'capacity', window: 'window', batch: 'batch' },
    ...{ rate: 'rate-limit producer', unknown: 'too-early', none: 'none' },
  };
  return [names[limit]];
}

test('there are enough situations', () => {
  expect(SITUATIONS.length).toBeGreaterThanOrEqual(24);
});

describe.each(SITUATIONS)('$name', (situation) => {
  const { config, before, now, over } = MEASURED[situation.name] as Measured;

  test.runIf(situation.window)('in its window', () => {
    if (!now) throw new Error('the run was over by then');
    check(situation, diagnose(now, before ?? undefined, config, CORES), situation.may);
  });

  // In the command's words: `names` in `situations.rs` has the same ones.
  test('by the rule of the bench', () => {
    const names = namesOf(limitOf(over, config));
    expect(
      names.some((name) => situation.over.includes(name)),
      `${names.join(' or ')} is among ${situation.over.join(', ')}`,
    ).toBe(true);
  });

  test('the whole run', () => {
    check(situation, diagnose(over, undefined, config, CORES), situation.over);
  });
});
