import { expect, test } from 'vitest';
import { Steady } from './steady';

const said = (key: string, figure = 0) => ({ key, figure });

test('what is first found is shown at once, and its figures go on', () => {
  const steady = new Steady();
  expect(steady.take(said('a', 1), 0)).toBeNull();
  expect(steady.shown).toEqual(said('a', 1));
  steady.take(said('a', 2), 100);
  expect(steady.shown).toEqual(said('a', 2));
});

test('it is kept for two seconds', () => {
  const steady = new Steady();
  steady.take(said('a'), 0);
  expect(steady.take(said('b'), 500)).toBe(1500);
  expect(steady.take(said('b'), 1900)).toBe(100);
  expect(steady.shown?.key).toBe('a');
  expect(steady.take(said('b'), 2000)).toBeNull();
  expect(steady.shown?.key).toBe('b');
});

test('what flickers never replaces it, however long it has been shown', () => {
  const steady = new Steady();
  steady.take(said('a'), 0);
  for (let now = 100; now < 20_000; now += 250) {
    steady.take(said(now % 500 < 250 ? 'a' : 'b'), now);
    expect(steady.shown?.key).toBe('a');
  }
});

test('of something else it is said at once', () => {
  const steady = new Steady();
  steady.take(said('a'), 0);
  steady.take(said('b'), 100, true);
  expect(steady.shown?.key).toBe('b');
  steady.take(null, 150, true);
  expect(steady.shown).toBeNull();
});
