import { expect, test } from 'vitest';
import { RecordIds } from './ids';

test('a record has its id, and an id its record', () => {
  const ids = new RecordIds();
  ids.add([0, 'a', 7, '12', 3, 'a']);
  expect([0, 3, 7, 1].map((record) => ids.idOf(record))).toEqual(['a', 'a', '12', null]);
  expect(ids.numberOf('12')).toBe(7);
  expect(ids.numberOf('7')).toBeNull();
  expect(ids.numberOf('a')).toBe(0);
  expect(ids.isRepeated('a')).toBe(true);
  expect(ids.isRepeated('12')).toBe(false);
});

test('memory is bounded: the oldest are forgotten', () => {
  const ids = new RecordIds();
  const many = Array.from({ length: 2 ** 17 + 10 }, (_, number) => [number, `id ${number}`]);
  ids.add(many.flat());
  expect(ids.idOf(9)).toBeNull();
  expect(ids.numberOf('id 9')).toBeNull();
  expect(ids.idOf(10)).toBe('id 10');
});
