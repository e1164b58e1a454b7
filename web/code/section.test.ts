import sections from 'virtual:clearpipe/code';
import { expect, test } from 'vitest';
import { KIND, NODE } from '../recording/events';
import { STANDARD } from '../recording/topology';
import { LANGUAGES, lineOf, textOf } from './section';
import type { Section } from './section';
import { tokens } from './tokens';

const SECTION: Section = {
  stages: ['validator'],
  file: 'a.rs',
  parts: [
    { first: 10, lines: ['loop {', null, '    take();', '}'] },
    { first: 40, lines: ['send();'] },
  ],
  events: { depart: 12, arrive: 40, 'arrive@errorCh': 13 },
};

const line = (kind: number, node: number) => lineOf(SECTION, { kind, node }, STANDARD);

test('an event belongs to the line that is marked with it, or with it at its channel', () => {
  expect(line(KIND.depart, NODE.dataCh)).toBe(12);
  expect(line(KIND.arrive, NODE.validCh)).toBe(40);
  expect(line(KIND.arrive, NODE.errorCh)).toBe(13);
  expect(line(KIND.workEnd, NODE.validator)).toBeNull();
  expect(line(200, NODE.validator)).toBeNull();
});

test('a line has its number in the file', () => {
  expect(textOf(SECTION, 12)).toBe('take();');
  expect(textOf(SECTION, 40)).toBe('send();');
  expect([11, 14, 9].map((number) => textOf(SECTION, number))).toEqual(['', '', '']);
});

test('keywords, texts and comments are set apart, and nothing is lost', () => {
  const set = (text: string, language: 'rust' | 'go') =>
    tokens(text, language).flatMap(({ kind, text }) => (kind ? [[kind, text]] : []));
  expect(set('let a: &\'static str = "if // \\" no"; // let \'x', 'rust')).toEqual([
    ['keyword', 'let'],
    ['text', '"if // \\" no"'],
    ['comment', "// let 'x"],
  ]);
  expect(set("case c <- '\\'': return 0.5", 'go')).toEqual([
    ['keyword', 'case'],
    ['text', "'\\''"],
    ['keyword', 'return'],
    ['text', '0.5'],
  ]);
  // Parts of words are no keywords, and those of another language neither.
  expect(set('letter.await_all(); func', 'rust')).toEqual([]);
  for (const { id } of LANGUAGES) {
    for (const text of sections[id].flatMap(({ parts }) => parts.flatMap(({ lines }) => lines))) {
      if (text !== null)
        expect(
          tokens(text, id)
            .map(({ text }) => text)
            .join(''),
        ).toBe(text);
    }
  }
});
