import { expect, test } from 'vitest';
import { score, search } from './search';
import type { Group } from './action';

const entry = (title: string, group: Group = 'View', words = '') => ({ title, group, words });

const ALL = [
  entry('Jump to: validCh full for the first time', 'Jump to'),
  entry('Situation: Full speed', 'Situation', 'two million records'),
  entry('Full screen'),
  entry('Theme: dark', 'View', 'night colours'),
  entry('Transformers: workers', 'Setting'),
  entry('Careful replay', 'Playback'),
];

const titles = (query: string) => search(ALL, query).map(({ title }) => title);

test('nothing typed finds everything, in its own order', () => {
  expect(titles('  ')).toEqual(ALL.map(({ title }) => title));
});

test('the beginning counts more than a word, a word more than what is within', () => {
  expect(titles('full')).toEqual([
    'Full screen',
    'Situation: Full speed',
    'Jump to: validCh full for the first time',
    'Careful replay',
  ]);
});

test('words in any order, and words that aren’t in the title', () => {
  expect(titles('time valid')).toEqual(['Jump to: validCh full for the first time']);
  expect(titles('night')).toEqual(['Theme: dark']);
  expect(titles('million')).toEqual(['Situation: Full speed']);
  expect(titles('setting')).toEqual(['Transformers: workers']);
  expect(titles('full nothing')).toEqual([]);
});

test('letters in order, unless they are far apart', () => {
  expect(titles('trnsf')).toEqual(['Transformers: workers']);
  expect(titles('zzz')).toEqual([]);
  expect(score(entry('a long title with many letters'), 'alngs')).toBe(0);
});

test('accents and case don’t matter', () => {
  expect(titles('THÉME')).toEqual(['Theme: dark']);
});
