import { expect, test } from 'vitest';
import { RecordIds } from './record-ids';

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

test('what a later record has is not forgotten with the oldest', () => {
  const ids = new RecordIds();
  ids.add([0, 'a', 1, 'b', 2, 'a', 3, 'a']);
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => [from + at, `id ${from + at}`]).flat();
  ids.add(many(4, 2 ** 17 - 3));
  expect([ids.idOf(0), ids.numberOf('a'), ids.isRepeated('a')]).toEqual([null, 2, true]);
  expect(ids.numberOf('b')).toBe(1);
  ids.add(many(2 ** 18, 2));
  expect([ids.idOf(2), ids.numberOf('a'), ids.isRepeated('a')]).toEqual([null, 3, false]);
  expect(ids.numberOf('b')).toBeNull();
  ids.add(many(2 ** 19, 1));
  expect(ids.numberOf('a')).toBeNull();
});

test('an empty id is none', () => {
  const ids = new RecordIds();
  ids.add([5, '', 6, '', 7, 'a']);
  expect([ids.idOf(5), ids.numberOf(''), ids.idOf(7)]).toEqual([null, null, 'a']);
  expect(ids.isRepeated('')).toBe(false);
});
