import { describe, expect, test } from 'vitest';
import { findProblems, problemsOf } from './problems';
import type { PartialConfig } from './partial';

/** Stands for the engine: reads service times first, and checks ranges only if it can. */
function check(config: PartialConfig): string[] {
  const problems: string[] = [];
  for (const stage of ['validator', 'loader'] as const) {
    const wait = config.service?.[stage]?.wait;
    if (wait === '5') return ['`5` is no service time'];
  }
  if (config.workers === 0) problems.push('workers is 0; it must be from 1 to 65535');
  if (config.channels?.capacity === 0) problems.push('channels.capacity is 0; it must be more');
  if (config.input?.format === 'jsonl' && config.input.map) problems.push('there is no mapping');
  return problems;
}

describe('findProblems', () => {
  test('nothing is wrong', () => {
    expect(findProblems({ workers: 3, service: {} }, check)).toEqual([]);
  });

  test('each problem is beside its setting, without its name', () => {
    expect(findProblems({ workers: 0, channels: { capacity: 0 } }, check)).toEqual([
      { path: 'workers', text: 'is 0; it must be from 1 to 65535' },
      { path: 'channels.capacity', text: 'is 0; it must be more' },
    ]);
  });

  test('a text that cannot be read hides no other problem, and is told once for each setting', () => {
    const service = { validator: { wait: '5' }, loader: { wait: '5' } };
    expect(findProblems({ service, workers: 0 }, check)).toEqual([
      { path: 'service.validator.wait', text: '`5` is no service time' },
      { path: 'service.loader.wait', text: '`5` is no service time' },
      { path: 'workers', text: 'is 0; it must be from 1 to 65535' },
    ]);
  });

  test('settings that do not go together', () => {
    const input = { format: 'jsonl', map: { value: 'x' } } as const;
    expect(findProblems({ input }, check)).toEqual([{ path: '', text: 'there is no mapping' }]);
  });

  test('what is undefined is not set', () => {
    expect(findProblems({ workers: undefined }, check)).toEqual([]);
  });
});

describe('problemsOf', () => {
  test('an error of the engine', () => {
    const error = Object.assign(new Error('two'), { name: 'ConfigError', problems: ['a', 'b'] });
    expect(problemsOf(error)).toEqual(['a', 'b']);
  });

  test('any other', () => {
    expect(problemsOf(new Error('no'))).toBeUndefined();
    expect(problemsOf('no')).toBeUndefined();
  });
});
