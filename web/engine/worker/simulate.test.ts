import { expect, test } from 'vitest';
import type { Metrics } from '../generated/Metrics';
import type { EngineModule } from './module';
import { simulate } from './simulate';

/** An engine whose runs end after some slices. */
function engine(slices: number) {
  const seen = { advanced: 0, freed: 0 };
  const metrics = { produced: 7 } as Metrics;
  class Simulated {
    advance() {
      seen.advanced += 1;
      return seen.advanced >= slices;
    }
    metrics() {
      return seen.advanced >= slices ? metrics : null;
    }
    free() {
      seen.freed += 1;
    }
  }
  return { seen, module: { Simulated } satisfies Pick<EngineModule, 'Simulated'> };
}

test('a run is simulated in slices', async () => {
  const { seen, module } = engine(3);
  const result = await simulate(module, {}, new AbortController().signal);
  expect(result).toEqual({ metrics: { produced: 7 } });
  expect(seen).toEqual({ advanced: 3, freed: 1 });
});

test('a run that is not wanted any more ends between two slices', async () => {
  const { seen, module } = engine(Infinity);
  const controller = new AbortController();
  const simulated = simulate(module, {}, controller.signal);
  setTimeout(() => {
    controller.abort(new Error('enough'));
  }, 5);
  await expect(simulated).rejects.toThrow('enough');
  expect(seen.freed).toBe(1);
  const { advanced } = seen;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(seen.advanced).toBe(advanced);
});

test('the problems of a configuration are the result', async () => {
  const problems = [{ kind: 'setting', path: 'workers', text: 'is 0' }];
  class Simulated {
    constructor() {
      throw Object.assign(new Error('invalid'), { name: 'ConfigError', problems });
    }
    advance = () => true;
    metrics = () => null;
    free = () => undefined;
  }
  const result = await simulate({ Simulated }, {}, new AbortController().signal);
  expect(result).toMatchObject({ problems: [{ path: 'workers', text: 'is 0' }] });
});
