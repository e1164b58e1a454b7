import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHash, toHash } from './link';
import { NO_VIEW } from './link-view';
import { PRESETS } from './presets';
import { ALL, keyOf } from './registry';
import { openingRun, referenceRun } from './settings';
import { validSettings } from './testing';

describe('round trips', () => {
  test('any valid settings', () => {
    fc.assert(
      fc.property(validSettings, (settings) => {
        const hash = toHash(settings);
        expect(fromHash(hash)).toEqual({ settings, view: NO_VIEW, other: null, problems: [] });
        // As the browser returns it, and as a chat program might change it.
        expect(new URL(hash, 'http://x/').hash).toBe(hash);
        expect(hash).toMatch(/^#v1&[!-~]*$/);
      }),
    );
  });

  test.each(PRESETS.filter(({ id }) => id !== 'opening'))('preset $id', ({ settings }) => {
    expect(fromHash(toHash(settings))).toEqual({
      settings,
      view: NO_VIEW,
      other: null,
      problems: [],
    });
  });
});

test('the opening run needs nothing', () => {
  expect(toHash(openingRun())).toBe('');
  expect(fromHash('')).toBeNull();
  expect(fromHash('#results')).toBeNull();
  expect(fromHash('#v1')).toEqual({
    settings: openingRun(),
    view: NO_VIEW,
    other: null,
    problems: [],
  });
});

test('a link carries every setting with a control, apart from the file itself', () => {
  const missing = ALL.map(([path]) => path)
    .filter((path) => path !== 'input.file')
    .filter((path) =>
      fromHash(`#v1&${keyOf(path)}=`)
        ?.problems.join()
        .includes('no setting'),
    );
  expect(missing, 'add these to ENTRIES in link.ts').toEqual([]);
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

test('invalid values are left out', () => {
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
    '“workers=many” was ignored: Workers must be a whole number from 1 to 65,535.',
    '“runs-on=gpu” was ignored: Runs on must be one of pool, local, virtual.',
    'The value of “batch” is damaged; it was ignored.',
    '“seed” has no value; it was ignored.',
    'There are no settings “colour” and “x”; they were ignored.',
  ]);
});

test.each([
  ['workers=0', 'Workers must be a whole number from 1 to 65,535.'],
  ['records=-1', 'Records must be a whole number, 0 or more.'],
  ['rate=-5', 'Rate must be a number of records per second, or 0 for no limit.'],
  ['threads=1000', 'Threads must be a whole number from 1 to 64.'],
  ['anomalies=101', 'Anomalies must be a percentage from 0 to 100.'],
  ['loader.wait=5h', 'Loader, waiting must be off, a time such as 5ms'],
  ['invalid-values=often', 'Invalid values must be off, such as every 10'],
  ['time=today', 'Clock must be an RFC 3339 time'],
  ['delimiter=ab', 'Delimiter must be one ASCII character'],
  ['mapping=colour=x', 'Mapping must be lines such as value=temp_max'],
])('out of range: %s', (part, words) => {
  const { settings, problems } = fromHash(`#v1&${part}`) ?? { settings: null, problems: [] };
  expect(settings).toEqual(openingRun());
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`“${part}” was ignored: ${words}`);
});

test('another version is told, and what is known of it is taken', () => {
  const found = fromHash('#v2&workers=5&new=1');
  expect(found?.settings.workers).toBe(5);
  expect(found?.problems[0]).toMatch(/another version of Clearpipe: its format is 2/);
  expect(found?.problems).toHaveLength(2);
});

test('of very many unknown settings some are named, and nothing hidden is shown', () => {
  const found = fromHash(`#v1&${'abcdefghij'.split('').join('&')}&\u202ek=1`);
  expect(found?.problems).toEqual([
    'There are no settings “a”, “b”, “c”, “d”, “e” and 6 more; they were ignored.',
  ]);
  expect(fromHash('#v1&\u202ek=1')?.problems[0]).toContain('“\\u{202e}k”');
});

describe('a second run', () => {
  const settings = { ...openingRun(), records: 200 };

  test('is the first one with other settings', () => {
    const other = { ...settings, transformers: 4, buffers: { ...settings.buffers, valid: 1 } };
    const hash = toHash(settings, [], NO_VIEW, other);
    expect(hash).toContain('&vs=transformers:4');
    const found = fromHash(hash);
    expect(found?.problems).toEqual([]);
    expect(found?.settings).toEqual(settings);
    expect(found?.other).toEqual(other);
    // Whatever order they come in.
    const [version, ...parts] = hash.slice(1).split('&');
    expect(fromHash(`#${[version, ...parts.reverse()].join('&')}`)).toEqual(found);
  });

  test('can leave a setting to the default', () => {
    const first = { ...settings, transformers: 5 };
    const other = { ...settings, transformers: null };
    expect(fromHash(toHash(first, [], NO_VIEW, other))?.other).toEqual(other);
  });

  test('has the same problem only once', () => {
    const found = fromHash('#v1&vs=metrics_collector.compute:5h&metrics_collector.compute=5h');
    expect(found?.problems).toHaveLength(1);
  });

  test('that is the same is none', () => {
    expect(toHash(settings, [], NO_VIEW, settings)).toBe(toHash(settings));
    expect(fromHash('#v1&records=200&vs=records:200')?.other).toBeNull();
  });

  test.each([
    ['vs=transformers:0', '“transformers=0” was ignored: '],
    ['vs=transformers', '“vs=transformers” was ignored: it must be a setting and its value'],
    ['vs=nothing:3', '“vs=nothing:3” was ignored: it must be a setting and its value'],
    ['vs=', '“vs=” was ignored: it must be a setting and its value'],
    ['vs', '“vs” has no value; it was ignored.'],
    ['vs=buffer:%ff', 'The value of “buffer” is damaged; it was ignored.'],
  ])('%s is refused', (part, problem) => {
    const found = fromHash(`#v1&${part}`);
    expect(found?.other).toBeNull();
    expect(found?.problems).toHaveLength(1);
    expect(found?.problems[0]).toContain(problem);
    expect(found?.settings).toEqual(openingRun());
  });
});
