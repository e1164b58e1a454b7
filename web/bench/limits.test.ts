import { expect, test } from 'vitest';
import { testConfig, testMetrics } from '../analysis/testing';
import { limitOf, wordsOf } from './limits';

/** Ten seconds; shares in percent. */
function worker(busy: number, ready = 0, blocked = 0) {
  const state = null;
  return {
    state,
    ...{ busy_seconds: busy / 10, ready_seconds: ready / 10, blocked_seconds: blocked / 10 },
  };
}

test('what limits is named as the command line names it', () => {
  const figures = { elapsed_seconds: 10, threads: 2, processed: 100, batch: 64 };
  const of = (stages: Parameters<typeof testMetrics>[1]) =>
    limitOf(testMetrics(figures, stages), testConfig());
  const alone = of({ producer: [worker(10)], transformer: [worker(95)] });
  expect(alone).toMatchObject({ limit: 'stage', stage: 'transformer' });
  expect(wordsOf(alone)).toBe('Transformer 95\u00a0% busy');
  const short = of({ producer: [worker(20, 70)], transformer: [worker(50, 20)] });
  expect(short).toMatchObject({ limit: 'threads', stage: 'transformer' });
  const small = of({ producer: [worker(20)], validator: [worker(30, 0, 40)] });
  expect(small).toMatchObject({ limit: 'channels', stage: 'validator' });
  expect(of({ producer: [worker(20, 0, 40)] })).toMatchObject({ limit: 'window' });
  const nothing = of({ producer: [worker(20)], validator: [worker(30)] });
  expect(nothing).toMatchObject({ limit: 'none', stage: null });
  expect(wordsOf(nothing)).toContain('Validator 30\u00a0% busy');
  const few = limitOf(
    testMetrics({ ...figures, processed: 3 }, { transformer: [worker(95)] }),
    testConfig(),
  );
  expect(few.limit).toBe('unknown');
  expect(limitOf(testMetrics({ ...figures, batch: 1 }), testConfig()).limit).toBe('batch');
});
