import { expect, test } from 'vitest';
import { figureOf, middleRound, over } from './figure';
import type { Bottleneck } from './limits';
import { looksLikeReport, measuredOf, nativeRates, readReport, toReport } from './report';
import type { Measurements } from './report';

const bottleneck: Bottleneck = { limit: 'none', stage: null, shares: [] };

function measurements(): Measurements {
  const loop = figureOf([1000, 2000]);
  const point = { batch: 'auto' as const, buffer: 100, workers: 2 };
  const measured = [measuredOf(point, 5000, figureOf([500, 500]), loop, bottleneck)];
  return { version: '0.1.0', cores: 4, threads: 2, records: 5000, loop, measured };
}

test('the median stands between the ends', () => {
  expect(figureOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3, rounds: [3, 1, 2] });
  expect(figureOf([1, 3]).median).toBe(2);
  expect(figureOf([]).median).toBeNaN();
  expect(middleRound(figureOf([3, 1, 2]))).toBe(2);
});

test('a ratio is taken round by round', () => {
  expect(over(figureOf([10, 30]), figureOf([20, 30])).rounds).toEqual([0.5, 1]);
  expect(measurements().measured[0]?.ratio).toMatchObject({ median: 0.375, low: 0.25, high: 0.5 });
});

test('what the page writes is read again, and joined at equal points', () => {
  const text = toReport(measurements());
  expect(looksLikeReport(text)).toBe(true);
  const native = readReport(text);
  expect(native.title).toBe('Clearpipe 0.1.0, browser, wasm32');
  expect(native.threads).toEqual([2]);
  expect([...nativeRates(native, 2)]).toEqual([['auto 100 2', 500]]);
  expect(nativeRates(native, 4).size).toBe(0);
});

test('rows with other work are not equal', () => {
  const report = JSON.parse(toReport(measurements())) as {
    results: { parameters: Record<string, unknown> }[];
  };
  for (const row of report.results) row.parameters.wait = ['validator=1ms'];
  expect(() => readReport(JSON.stringify(report))).toThrow('it has no sweep');
});

test('wrong files are told in words', () => {
  expect(() => readReport('{')).toThrow('it is not JSON');
  for (const other of ['[]', '{"a": 1}', 'null', '3']) {
    expect(() => readReport(other)).toThrow('it was not written by clearpipe bench sweep');
  }
  expect(() => readReport('{"clearpipe_bench": 2}')).toThrow('it has format 2');
  expect(() => readReport('{"clearpipe_bench": 1, "results": [null, 3, {}]}')).toThrow('no sweep');
  expect(looksLikeReport('{"date": 1}')).toBe(false);
});
