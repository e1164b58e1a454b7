// Any link, however mutilated, results in valid settings and readable warnings.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONG_TEST_TIME, isLong } from '../long-tests';
import { toConfig } from './config';
import { MAX_MARKS } from '../marks';
import { fromHash, toHash } from './link';
import { NO_VIEW } from './link-view';
import { CHANNELS, SERVED_STAGES } from './parts';
import { PRESETS } from './presets';
import { validSettings } from './testing';

/** Milliseconds for each of the three tests. */
const EACH = isLong ? LONG_TEST_TIME / 3 : 60_000;
const RUNS: fc.Parameters<unknown> = isLong
  ? { numRuns: 1e9, plugins: [fc.interruptAfterTimeLimit(EACH)] }
  : { numRuns: 1000, seed: 24 };

const KEYS = [
  ...['records', 'seed', 'rate', 'burst', 'invalid-values', 'invalid-units', 'anomalies', 'format'],
  ...[
    'encoding',
    'delimiter',
    'mapping',
    'workers',
    'validators',
    'transformers',
    'buffer',
    'batch',
    'source',
  ],
  ...[
    'runs-on',
    'threads',
    'cores',
    'schedule-seed',
    'pace',
    'ordered',
    'clock',
    'time',
    '__proto__',
    'constructor',
    'x',
  ],
  ...CHANNELS.map((channel) => `buffer.${channel}`),
  ...SERVED_STAGES.flatMap((stage) => [`${stage}.wait`, `${stage}.compute`]),
];

const VALUES = [
  ...['', '0', '-0', '1', '-1', '1.5', '1e3', '1e400', '0x10', 'NaN', '65535', '65536', '65537'],
  ...['9007199254740993', '18446744073709551616', 'off', 'auto', 'every+10', 'every+0', '5%25'],
  ...['101%25', '%', '%E0', '%00', '0-20ms', '20-5ms', '5ms', '5h', '3601s', '.', '1.2.3ms', '%09'],
  ...[
    'value=a',
    'value%3Da%0Avalue%3Db',
    '%E2%80%AE',
    '%F0%9F%92%A9',
    '\ud800',
    '2026-02-30T00:00:00Z',
  ],
  ...['2026-01-01T00:00:00Z', '9999-12-31T23:59:60+23:59', ';', '"', '%0A', 'yes', 'no', 'virtual'],
];

const pair = fc
  .tuple(fc.constantFrom(...KEYS), fc.oneof(fc.constantFrom(...VALUES), fc.string()))
  .chain(([key, value]) => fc.constantFrom(`${key}=${value}`, `vs=${key}:${value}`));

/** Nearly valid links: with known keys and odd values. */
const odd = fc
  .tuple(fc.constantFrom('#v1', '#v2', 'v1', '#v0', '#v99999999999999999999'), fc.array(pair))
  .map(([version, pairs]) => [version, ...pairs].join('&'));

/** A position in a text, what is removed there, and what is inserted. */
const mutation = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(8),
  fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('&', '=', '%', '%E0', '#', '+', '\0', '-')),
);

const mutated = fc
  .tuple(validSettings, fc.option(validSettings), fc.array(mutation, { maxLength: 6 }))
  .map(([settings, other, mutations]) =>
    mutations.reduce(
      (link, [share, cut, text]) => {
        const at = Math.floor(share * link.length);
        return link.slice(0, at) + text + link.slice(at + cut);
      },
      toHash(settings, [], NO_VIEW, other),
    ),
  );

function check(link: string): void {
  const found = fromHash(link);
  if (!found) return;
  const { settings, view, other, problems } = found;
  // The file is chosen later.
  for (const one of other ? [settings, other] : [settings]) {
    expect(toConfig(one, 'x.csv').problems).toEqual([]);
  }
  const again = { settings, view, other, problems: [] };
  expect(fromHash(toHash(settings, [], view, other)) ?? again).toEqual(again);
  expect(view.marks.length).toBeLessThanOrEqual(MAX_MARKS);
  // The page shows each of them only once.
  expect(new Set(problems).size).toBe(problems.length);
  expect(problems.length).toBeLessThanOrEqual(2 * KEYS.length + 3);
  for (const problem of problems) {
    expect(problem.length).toBeLessThan(400);
    expect(problem).not.toMatch(/(?!\t)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  }
}

describe('whatever is in a link, there are valid settings', () => {
  test.each([
    ['valid settings, mutilated', mutated],
    ['known keys, odd values', odd],
    [
      'any text',
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }).map((text) => `#v1&${text}`),
      ),
    ],
  ])(
    '%s',
    (_, links) => {
      fc.assert(fc.property(links, check), RUNS);
    },
    2 * EACH,
  );

  test('very long links take neither time nor memory', () => {
    for (const part of [
      'workers=1&',
      'x&',
      'mapping=a%0A&',
      '%E0=&',
      '&',
      '=',
      `records=${'9'.repeat(90_000)}`,
    ]) {
      check(`#v1&${part.repeat(Math.ceil(90_000 / part.length))}`);
      check(`#v1&${part.repeat(Math.ceil(2e6 / part.length))}`);
    }
    expect(fromHash(`#v1&workers=5&x=${'y'.repeat(200_000)}`)?.problems).toEqual([
      'The link is too long: it has 200,016 characters, and at most 100,000 can be read. It was ignored.',
    ]);
  });

  test('every preset', () => {
    for (const { settings } of PRESETS) check(toHash(settings));
  });
});
