import { expect, test } from 'vitest';
import type { Condition, Goal, Question } from './lesson';
import { scaleOf } from './scale';
import { costOf, fittingChoice, holds, valueText } from './values';

const question = (
  virtual: [number | null, number | null, number | null],
  ...choices: [number | null, number | null, number | null][]
): Question => ({
  text: [],
  measure: { of: { quantity: 'rate', run: 'run' }, over: null },
  unit: 'ratio',
  virtual: { value: virtual[0], from: virtual[1], to: virtual[2] },
  choices: choices.map(([value, from, to], at) => ({
    ...{ label: String(at), feedback: [], is_answer: false },
    ...{ value, from, to },
  })),
});

test.each([
  [0.0604, 'seconds', '60.4\u00a0ms'],
  [2.06, 'seconds', '2.06\u00a0s'],
  [1000, 'seconds', '1,000\u00a0s'],
  [0.8, 'share', '80\u00a0%'],
  [24.75, 'per_second', '24.8\u00a0records/s'],
  [1, 'ratio', '×1.00'],
  [9.43, 'workers', '9.43'],
  [181, 'records', '181'],
  [1, 'yes_no', 'yes'],
  [NaN, 'seconds', 'never'],
] as const)('%d in %s is “%s”', (value, unit, text) => {
  expect(valueText(value, unit)).toBe(text);
});

test('a value fits the answer within the tolerance, or in the range', () => {
  const one = question([1, 0.98, 1.02], [2, 1.98, 2.02], [1, 0.98, 1.02], [null, null, 0.9]);
  expect(fittingChoice(one, 1.01)?.label).toBe('1');
  expect(fittingChoice(one, 0.98)?.label).toBe('1');
  expect(fittingChoice(one, 0.5)?.label).toBe('2');
  expect(fittingChoice(one, 1.5)).toBeUndefined();
  // Two that fit are none.
  const both = question([1, 0.98, 1.02], [1, 0.98, 1.02], [null, 0.9, 1.1]);
  expect(fittingChoice(both, 1)).toBeUndefined();
});

test('what differs in the last digits is equal', () => {
  const condition = (comparison: Condition['comparison'], value: number): Condition => ({
    ...{ measure: { of: { quantity: 'end', run: null }, over: null }, unit: 'seconds' },
    ...{ comparison, value },
  });
  expect(holds(condition('<=', 0.3), 0.1 + 0.2)).toBe(true);
  expect(holds(condition('=', 0.3), 0.1 + 0.2)).toBe(true);
  expect(holds(condition('<', 0.3), 0.1 + 0.2)).toBe(false);
  expect(holds(condition('>=', 0.3), 0.29)).toBe(false);
  expect(holds(condition('<=', 1), NaN)).toBe(false);
});

test('costs are sums; more can be better, and durations count as seconds', () => {
  const goal = (least: string[] | null, most: string[] | null): Goal => ({
    ...{ text: [], config: {}, may_change: [], reach: [], optimum: {} },
    ...{ least, most },
  });
  const values: Record<string, number | string> = { a: 2, b: 8, c: '40ms' };
  const of = (path: string) => values[path] ?? 0;
  expect(costOf(goal(['a', 'b'], null), of)).toBe(10);
  expect(costOf(goal(null, ['c']), of)).toBe(-0.04);
  expect(costOf(goal(null, null), of)).toBeNull();
});

test('a scale holds all answers and what was measured', () => {
  const scale = scaleOf(question([1, 0.98, 1.02], [2, null, null], [1, null, null]), 1);
  expect(scale?.found.at).toBe(0);
  expect(scale?.choices.map(({ at }) => at)).toEqual([1, 0]);
  // Of very different ones, each step is a factor.
  const wide = scaleOf(
    question([1, 0.99, 1.01], [1000, null, null], [10, null, null], [0.1, null, null]),
    1,
  );
  expect(wide?.found.at).toBeCloseTo(0.25);
  expect(wide?.choices.map(({ at }) => at)[1]).toBeCloseTo(0.5);
  expect(scaleOf({ ...question([1, 1, 1], [1, null, null]), unit: 'yes_no' }, 1)).toBeNull();
});
