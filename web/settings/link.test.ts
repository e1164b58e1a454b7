import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHash, toHash } from './link';
import { CHANNELS, SERVED_STAGES, each } from './parts';
import { PRESETS } from './presets';
import { openingRun, referenceRun } from './settings';
import type { Settings } from './settings';

const number = fc.option(
  fc.oneof(
    fc.maxSafeNat(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => (Object.is(value, -0) ? 0 : value)),
  ),
);
// Anything a text box can hold. Half a surrogate pair is nothing that a user can type, nor an address can have.
const text = fc.string({ unit: 'grapheme' });
const all = <K extends string, V>(keys: readonly K[], value: fc.Arbitrary<V>) =>
  fc.record(each(keys, () => value)) as fc.Arbitrary<Record<K, V>>;

const settings: fc.Arbitrary<Settings> = fc.record({
  source: fc.constantFrom('generator', 'file'),
  records: number,
  seed: number,
  rate: number,
  burst: number,
  invalidValue: text,
  invalidUnit: text,
  anomalies: number,
  format: fc.constantFrom('auto', 'jsonl', 'csv', 'tsv'),
  delimiter: text,
  mapping: text,
  workers: number,
  validators: number,
  transformers: number,
  buffer: number,
  buffers: all(CHANNELS, number),
  batch: text,
  runtime: fc.constantFrom('pool', 'local', 'virtual'),
  threads: number,
  cores: number,
  ordered: fc.boolean(),
  clock: fc.constantFrom('system', 'fixed'),
  fixedTime: text,
  service: all(SERVED_STAGES, fc.record({ wait: text, compute: text })),
});

describe('round trips', () => {
  test('any settings', () => {
    fc.assert(
      fc.property(settings, (settings) => {
        const hash = toHash(settings);
        expect(fromHash(hash)).toEqual({ settings, problems: [] });
        // As the browser gives it back, and as a chat program might.
        expect(new URL(hash, 'http://x/').hash).toBe(hash);
        expect(hash).toMatch(/^#v1&[!-~]*$/);
      }),
    );
  });

  test.each(PRESETS.filter(({ id }) => id !== 'opening'))('preset $id', ({ settings }) => {
    expect(fromHash(toHash(settings))).toEqual({ settings, problems: [] });
  });

  test('any text does not break it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fromHash(text);
        fromHash(`#v1&${text}`);
      }),
    );
  });
});

test('the opening run needs nothing', () => {
  expect(toHash(openingRun())).toBe('');
  expect(fromHash('')).toBeNull();
  expect(fromHash('#results')).toBeNull();
  expect(fromHash('#v1')).toEqual({ settings: openingRun(), problems: [] });
});

test('it can be read', () => {
  const settings = openingRun();
  settings.workers = 5;
  settings.invalidValue = 'every 7';
  settings.service.loader.wait = '0-20ms';
  settings.buffers.error_handler = 1;
  settings.seed = null;
  expect(toHash(settings)).toBe(
    '#v1&seed=&invalid-values=every+7&workers=5&buffer.error_handler=1&loader.wait=0-20ms',
  );
});

test('what has to be mended is left out', () => {
  const settings = openingRun();
  settings.workers = 0;
  settings.buffer = 5;
  settings.service.loader.wait = 'long';
  const wrong = ['workers', 'service.loader.wait'];
  expect(toHash(settings, wrong)).toBe('#v1&buffer=5');
});

test('what can’t be taken is told', () => {
  const { settings, problems } = fromHash(
    '#v1&workers=many&colour=red&x=1&runs-on=gpu&batch=%E0&seed&buffer=7',
  ) ?? { settings: referenceRun(), problems: [] };
  expect(settings).toEqual({ ...openingRun(), buffer: 7 });
  expect(problems).toEqual([
    '“many” is no value for “workers”; it was left as it is.',
    '“gpu” is no value for “runs-on”; it was left as it is.',
    'The value of “batch” is damaged; it was left as it is.',
    '“seed” has no value.',
    'There are no settings “colour”, “x”; they were left out.',
  ]);
});

test('a newer version is told, and what is known of it is taken', () => {
  const found = fromHash('#v2&workers=5&new=1');
  expect(found?.settings.workers).toBe(5);
  expect(found?.problems[0]).toMatch(/^It was made by a newer Clearpipe \(version 2/);
  expect(found?.problems).toHaveLength(2);
});
