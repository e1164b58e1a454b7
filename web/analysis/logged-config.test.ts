import { describe, expect, test } from 'vitest';
import text from '../../tests/vectors/logged-configs.json?raw';
import type { Config } from '../engine/generated/Config';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { withDefaults } from '../recording/merge';
import { readLogFile } from './log-file';
import { problemOfLogged } from './logged-config';
import { testConfig } from './testing';

/** The engine's test reads the same vectors. */
const vectors = JSON.parse(text) as { config: Partial<Config>; problem: string | null }[];

describe('a configuration that', () => {
  test.each(vectors)('%j', async ({ config, problem }) => {
    const whole = withDefaults(config, testConfig());
    if (problem === null) expect(problemOfLogged(whole)).toBeNull();
    else expect(problemOfLogged(whole)).toContain(problem);
    const file = new Blob([`{"clearpipe_events":1,"config":${JSON.stringify(whole)}}\n`]);
    if (problem === null) await expect(readLogFile(file)).resolves.toBeDefined();
    else await expect(readLogFile(file)).rejects.toThrow(`no run can have: \`${problem}\` is `);
  });
});

test('a log without settings of newer versions has their defaults', async () => {
  const logged = { workers: 7, service: { loader: { wait: '5ms' } }, trace: { sample: 3 } };
  const file = new Blob([`{"clearpipe_events":1,"config":${JSON.stringify(logged)}}\n`]);
  const { config } = (await readLogFile(file)).recording;
  expect(config).toEqual(withDefaults(logged, DEFAULT_CONFIG));
  expect([config.workers, config.transformer.threshold]).toEqual([7, 8]);
});

test('a part that is missing is found, and so is what only objects have', () => {
  for (const part of ['generator', 'channels', 'service', 'runtime', 'trace', 'workers'] as const) {
    expect(problemOfLogged({ ...testConfig(), [part]: undefined })).toContain(
      `\`${part}\` is missing`,
    );
  }
  const inherited = Object.create({ workers: 3 }) as object;
  const config = Object.assign(inherited, testConfig()) as Partial<Config>;
  delete config.workers;
  expect(problemOfLogged(config)).toContain('`workers` is missing');
  expect(problemOfLogged(null)).toBe('it is not a table');
});
