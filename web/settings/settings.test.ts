import { describe, expect, test } from 'vitest';
import { thresholdFor } from './config';
import { formatOf, stemOf } from './file';
import {
  guessMapping,
  hasDecimalComma,
  isNamedFor,
  missingFields,
  parseMapping,
  parseOrigin,
  withOrigin,
} from './mapping';
import { toConfig } from './config';
import { referenceRun } from './settings';
import type { Settings } from './settings';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import type { FileHead } from '../engine/protocol';
import { fileStart, firstRecords, firstRows, guessDelimiter, checkFile } from './table-start';
import type { ReadOptions } from './table-start';

describe('toConfig', () => {
  test('the reference run', () => {
    expect(toConfig(referenceRun(), null)).toEqual({
      config: {
        records: 50,
        seed: 1,
        generator: { rate_limit: 0, invalid_value: 'every 10', invalid_unit: 'every 11' },
        workers: 3,
        validator: {},
        transformer: {},
        batch: '1',
        channels: { capacity: 100 },
        ordered: true,
        clock: 'system',
        service: {
          producer: { wait: 'off', compute: 'off' },
          validator: { wait: 'off', compute: 'off' },
          transformer: { wait: 'off', compute: 'off' },
          loader: { wait: 'off', compute: 'off' },
          error_handler: { wait: 'off', compute: 'off' },
          metrics_collector: { wait: 'off', compute: 'off' },
        },
        runtime: { kind: 'pool' },
      },
      problems: [],
    });
  });

  test('the reference run is the default configuration of the engine, record by record', () => {
    const { config } = toConfig(referenceRun(), null);
    const { batch, channels, ...others } = JSON.parse(JSON.stringify(config)) as PartialConfig;
    expect(DEFAULT_CONFIG).toMatchObject(others);
    expect([batch, channels]).toEqual(['1', { capacity: 100 }]);
    expect(thresholdFor(referenceRun().anomalies ?? 0)).toBe(DEFAULT_CONFIG.transformer.threshold);
    expect(referenceRun().burst).toBe(DEFAULT_CONFIG.generator.burst);
    expect(referenceRun().cores).toBe(DEFAULT_CONFIG.runtime.cores);
  });

  test('what is empty has its default', () => {
    const settings = { ...referenceRun(), workers: null, buffer: null, batch: ' ', seed: null };
    const { config, problems } = toConfig(settings, null);
    expect(problems).toEqual([]);
    expect([config.workers, config.batch, config.seed]).toEqual([undefined, undefined, undefined]);
    expect(config.channels).toEqual({ capacity: undefined });
  });

  test('numbers that are none', () => {
    const settings = { ...referenceRun(), workers: 1.5, records: -1, threads: 1000 };
    expect(toConfig(settings, null).problems).toEqual([
      { path: 'workers', text: 'is 1.5; it must be a whole number from 1 to 65,535' },
      { path: 'runtime.threads', text: 'is 1000; a page can have up to 64 threads' },
      { path: 'records', text: 'is -1; it must be a whole number, 0 or more' },
    ]);
    const others = { ...referenceRun(), buffer: -1, runtime: 'virtual' as const, cores: 0.5 };
    expect(toConfig(others, null).problems).toEqual([
      { path: 'channels.capacity', text: 'is -1; it must be a whole number from 1 to 16,777,216' },
      { path: 'runtime.cores', text: 'is 0.5; it must be a whole number from 1 to 65,536' },
    ]);
  });

  test('only the settings of the runtime that was chosen', () => {
    const settings = { ...referenceRun(), threads: 2, cores: 8 };
    const runtime = (kind: 'pool' | 'local' | 'virtual') =>
      toConfig({ ...settings, runtime: kind }, null).config.runtime;
    expect(runtime('pool')).toEqual({ kind: 'pool', threads: 2 });
    expect(runtime('local')).toEqual({ kind: 'local' });
    expect(runtime('virtual')).toEqual({ kind: 'virtual', cores: 8 });
  });

  test('a file', () => {
    const settings = { ...referenceRun(), source: 'file' as const, mapping: "value=x\nunit='C'" };
    const { config, problems } = toConfig(settings, 'data.csv.gz');
    expect(problems).toEqual([]);
    expect(config.input).toEqual({ format: 'csv', map: { value: 'x', unit: "'C'" } });
    expect(config.records).toBeUndefined();
    // A mapping that is left over from a table does no harm to JSON Lines.
    expect(toConfig(settings, 'data.jsonl').config.input).toEqual({ format: 'jsonl' });
  });

  test('what separates the cells', () => {
    const input = (changes: Partial<Settings>, name: string, found: string | null) =>
      toConfig({ ...referenceRun(), source: 'file', ...changes }, name, found).config.input;
    expect(input({}, 'a.csv', ';')).toEqual({ format: 'csv', map: {}, delimiter: ';' });
    expect(input({}, 'a.csv', ',')).toEqual({ format: 'csv', map: {} });
    expect(input({ delimiter: '|' }, 'a.csv', ';')).toMatchObject({ delimiter: '|' });
    expect(input({ delimiter: '|' }, 'a.tsv', '\t')).toEqual({ format: 'tsv', map: {} });
    expect(input({ format: 'csv' }, 'a.jsonl', null)).toEqual({ format: 'csv', map: {} });
    expect(input({ format: 'jsonl', delimiter: ';' }, 'a.csv', ';')).toEqual({
      format: 'jsonl',
    });
  });

  test('the encoding', () => {
    const input = (encoding: string, name: string) =>
      toConfig({ ...referenceRun(), source: 'file', encoding }, name).config.input;
    expect(input('auto', 'a.csv')).toEqual({ format: 'csv', map: {} });
    expect(input('koi8-r', 'a.csv')).toEqual({ format: 'csv', encoding: 'koi8-r', map: {} });
    expect(input('koi8-r', 'a.jsonl')).toEqual({ format: 'jsonl', encoding: 'koi8-r' });
  });

  test('how records come', () => {
    const generator = (changes: Partial<Settings>) =>
      toConfig({ ...referenceRun(), ...changes }, null).config.generator;
    expect(generator({ rate: 2.5, burst: 1 })).toMatchObject({ rate_limit: 2.5 });
    expect(generator({ burst: 1 })).not.toHaveProperty('burst');
    expect(generator({ burst: 20 })).toMatchObject({ burst: 20 });
    const { problems } = toConfig({ ...referenceRun(), rate: -1, burst: 0, anomalies: 101 }, null);
    expect(problems.map(({ path }) => path)).toEqual([
      'generator.rate_limit',
      'generator.burst',
      'transformer.threshold',
    ]);
  });

  test('the share of anomalies', () => {
    expect([0, 5, 20, 33, 100].map(thresholdFor)).toEqual([10, 9.5, 8, 6.7, 0]);
    const transformer = (anomalies: number | null) =>
      toConfig({ ...referenceRun(), anomalies }, null).config.transformer;
    expect(transformer(20)).toEqual({});
    expect(transformer(null)).toEqual({});
    expect(transformer(50)).toEqual({ threshold: 5 });
  });

  test('numbers of their own', () => {
    const settings = { ...referenceRun(), validators: 1, transformers: 5 };
    settings.buffers.loader = 7;
    const { config } = toConfig(settings, null);
    expect(config.validator).toEqual({ workers: 1 });
    expect(config.transformer).toEqual({ workers: 5 });
    expect(config.channels).toEqual({ capacity: 100, loader: 7 });
  });

  test('no file', () => {
    const { problems } = toConfig({ ...referenceRun(), source: 'file' }, null);
    expect(problems.map(({ path }) => path)).toEqual(['input.file']);
  });

  test('several files: each has the format that its name tells', () => {
    const settings = { ...referenceRun(), source: 'file' as const };
    const formats = [false, true].map(
      (areSeveral) => toConfig(settings, 'a.jsonl', ';', areSeveral).config.input,
    );
    expect(formats).toEqual([{ format: 'jsonl' }, { format: 'auto', map: {}, delimiter: ';' }]);
  });
});

describe('parseMapping', () => {
  test('columns, constants, blank lines', () => {
    const { map, problems } = parseMapping(`value=Water flow [l/s]\n\n unit = 'l/s' \r\nid=a=b`);
    expect(map).toEqual({ value: 'Water flow [l/s]', unit: "'l/s'", id: 'a=b' });
    expect(problems).toEqual([]);
  });

  test('what is wrong', () => {
    const { map, problems } = parseMapping('temp=x\nvalue\nvalue=\nunit=a\nunit=b');
    expect(map).toEqual({ unit: 'a' });
    expect(problems).toHaveLength(4);
  });
});

describe('guessMapping', () => {
  test('by name', () => {
    const rows = [['date', 'precipitation', 'temp_max', 'temp_min', 'wind', 'weather']];
    expect(guessMapping(rows, 'seattle-weather').split('\n')).toEqual([
      'timestamp=date',
      "sensor_id='seattle-weather'",
      'value=temp_max',
      "unit='unknown'",
      "location='unknown'",
    ]);
  });

  test('columns named like fields need no line', () => {
    expect(guessMapping([['id', 'timestamp', 'sensor_id', 'value', 'unit', 'location']], 'x')).toBe(
      '',
    );
  });

  test('the first column of numbers', () => {
    const rows = [
      ['day', 'what', 'Flow [l/s]', 'other'],
      ['1.1.', 'a', '1.5', '2'],
      ['2.1.', 'b', '-2e3', '3'],
    ];
    expect(guessMapping(rows, 'x')).toContain('value=Flow [l/s]');
  });

  test('the first column of numbers, where some are none', () => {
    const rows = [
      ['day', 'what', 'flow'],
      ['1.1.', 'a', '1.5'],
      ['2.1.', 'b', 'broken'],
    ];
    expect(guessMapping(rows, 'x')).toContain('value=flow');
  });

  test('nothing to go by', () => {
    expect(parseMapping(guessMapping([], "it's")).problems).toEqual([]);
  });
});

describe('firstRows', () => {
  test('quotes, line ends, blank lines', () => {
    expect(firstRows('a,"b,""c"""\r\n\n1,"x\ny"\n5" pipe,', ',')).toEqual([
      ['a', 'b,"c"'],
      ['1', 'x\ny'],
      ['5" pipe', ''],
    ]);
  });

  test('no more than are wanted', () => {
    expect(firstRows('a\tb\n'.repeat(100), '\t')).toHaveLength(21);
  });
});

/** Replaces the engine: files are UTF-8. */
const readHead = async (file: Blob, most: number): Promise<FileHead> => ({
  bytes: new Uint8Array(await file.slice(0, most).arrayBuffer()),
  ...{ whole: file.size <= most, problem: null, mayBeEncoded: false },
});

describe('fileStart', () => {
  const AUTO = { format: 'auto', encoding: 'auto', delimiter: '' } as const;

  test.each([
    ['x.jsonl', 'a,b\n', null],
    ['x.csv', '\ufeffa,b\n', [['a', 'b']]],
    ['x.txt', '{"id":1}\n', null],
    ['x.txt', 'a,b', [['a', 'b']]],
    ['x.tsv', 'a\tb', [['a', 'b']]],
    ['x.csv', 'a;b', [['a', 'b']]],
  ])('%s with %j', async (name, text, rows) => {
    const start = await fileStart(new File([text], name), AUTO, readHead);
    expect(start.table?.rows ?? null).toEqual(rows);
    expect(start.whole).toBe(true);
  });

  test('of what can’t be records there is no table', async () => {
    const text = 'the input is a PNG image; there are no records in it';
    const problem = { path: '', text, hint: null };
    const start = await fileStart(new File(['a,b'], 'x.csv'), AUTO, async (file, most) => ({
      ...(await readHead(file, most)),
      problem,
    }));
    expect(start).toMatchObject({ problem, table: null });
  });

  test('as the user says', async () => {
    const rows = async (reading: ReadOptions) =>
      (await fileStart(new File(['a;b,c'], 'x.jsonl'), reading, readHead)).table?.rows;
    expect(await rows({ ...AUTO, format: 'csv', delimiter: ';' })).toEqual([['a', 'b,c']]);
    expect(await rows({ ...AUTO, format: 'jsonl', delimiter: ';' })).toBeUndefined();
  });

  test('no more of it than is needed', async () => {
    const start = await fileStart(new File(['a,b\n'.repeat(100_000)], 'x.csv'), AUTO, readHead);
    expect(start.bytes).toHaveLength(65_536);
    expect(start.whole).toBe(false);
  });
});

describe('the first look at a file', () => {
  const refusal = async (found: Partial<FileHead>, text = 'x') => {
    const first = await checkFile(new File([text], 'x.bin'), 'auto', async (file, most) => ({
      ...(await readHead(file, most)),
      ...found,
    }));
    return 'refusal' in first ? first.refusal : null;
  };

  test('says what it is in the words of the page', async () => {
    expect(await refusal({})).toBeNull();
    expect(await refusal({}, '')).toBe('x.bin is empty: there is nothing in it to run on.');
    expect(await refusal({ bytes: new Uint8Array(), whole: true })).toMatch(/once it is unpacked/);
    const problem = {
      path: '',
      text: 'the input is a zip archive',
      hint: { kind: 'unpack' },
    } as const;
    expect(await refusal({ problem })).toBe('x.bin is a zip archive; unpack it first.');
  });

  test('is none where another encoding may help, or nothing is known', async () => {
    const problem = {
      path: 'input.encoding',
      text: 'the input is not text',
      hint: { kind: 'set_encoding', encoding: 'utf-16le' },
    } as const;
    expect(await refusal({ problem, mayBeEncoded: true })).toBeNull();
    const failing = () => Promise.reject(new Error('unreachable'));
    expect(await checkFile(new File(['x'], 'x'), 'auto', failing)).toEqual({ head: null });
  });
});

test('what separates the cells', () => {
  expect(guessDelimiter('a,b\n1,2\n')).toBe(',');
  expect(guessDelimiter('a;b;c\n1,5;2;3\n2,5;3;4\n')).toBe(';');
  expect(guessDelimiter('date, time|flow\n1|2\n3|4\n5|6\n')).toBe('|');
  expect(guessDelimiter('one\n1\n')).toBe(',');
});

describe('firstRecords', () => {
  const records = async (name: string, text: string, most = 4) => {
    const start = await fileStart(
      new File([text], name),
      { format: 'auto', encoding: 'auto', delimiter: '' },
      readHead,
    );
    return firstRecords(start, most).map(({ line, start: from, end }) => [
      line,
      text.slice(from, end),
    ]);
  };

  test('lines', async () => {
    expect(await records('x.jsonl', '{"a":"\\""}\n\n \n{"b"\n{}')).toEqual([
      [1, '{"a":"\\""}'],
      [4, '{"b"'],
      [5, '{}'],
    ]);
  });

  test('rows with line ends in them', async () => {
    const text = 'a,b\n1,"x ""\ny"\n\n2,5" pipe\n3,""\n4,"z\n"';
    expect(await records('x.csv', text)).toEqual([
      [2, '1,"x ""\ny"'],
      [5, '2,5" pipe'],
      [6, '3,""'],
      [7, '4,"z\n"'],
    ]);
    expect(await records('x.csv', text, 1)).toHaveLength(1);
  });
});

describe('a mapping that is changed by a control', () => {
  const text = "timestamp=date\nunit='unknown'";

  test('another origin, in its place', () => {
    expect(withOrigin(text, 'unit', { column: 'uom' })).toBe('timestamp=date\nunit=uom');
    expect(withOrigin(text, 'value', { constant: '5' })).toBe(
      "timestamp=date\nvalue='5'\nunit='unknown'",
    );
    expect(withOrigin(text, 'timestamp', null)).toBe("unit='unknown'");
    expect(withOrigin('nonsense', 'id', { column: 'x' })).toBe('nonsense\nid=x');
  });

  test('what is written is read', () => {
    for (const origin of [{ column: 'a=b' }, { constant: "it's" }, { constant: ' ' }]) {
      const { map } = parseMapping(withOrigin('', 'unit', origin));
      expect(parseOrigin(map.unit ?? '')).toEqual(origin);
    }
    expect(parseOrigin("'open")).toBeNull();
    expect(parseOrigin('')).toBeNull();
  });
});

test('what names tell', () => {
  expect(
    ['a.JSONL', 'b.ndjson.gz', 'c.csv', 'd.tab', 'e', 'f.log.gz', 'g.csv.bz2.xz'].map(formatOf),
  ).toEqual(['jsonl', 'jsonl', 'csv', 'tsv', 'auto', 'auto', 'csv']);
  expect(['a.b.csv.gz', '.csv', 'x'].map(stemOf)).toEqual(['a.b', '.csv', 'x']);
});

describe('missingFields', () => {
  const whole = "timestamp=a\nsensor_id='s'\nvalue=b\nunit='u'\nlocation='l'";

  test('a whole mapping', () => {
    expect(missingFields(whole, ['a', 'b'])).toEqual([]);
    expect(missingFields('', ['timestamp', 'sensor_id', ' value', 'unit', 'location'])).toEqual([]);
  });

  test('a column that is not there, a constant that is empty, and nothing', () => {
    expect(missingFields(whole, ['a'])).toEqual(['value']);
    expect(missingFields(whole.replace("'u'", "' '"), ['a', 'b'])).toEqual(['unit']);
    expect(missingFields('value=b', ['a', 'b'])).toEqual([
      ...['timestamp', 'sensor_id', 'unit', 'location'],
    ]);
    expect(missingFields(`id=x\n${whole}`, ['a', 'b'])).toEqual(['id']);
  });
});

describe('a guess from the values', () => {
  test('of what they look like', () => {
    const rows = [
      ['n', 'x', 'y', 'z', 'w'],
      ['1', 'S1', '2026-01-01T05:00', '12.5', 'm/s'],
      ['2', 'S2', '2026-01-02T05:00', '-3', 'm/s'],
      ['3', 'S1', '2026-01-03T05:00', '1e3', 'km/h'],
    ];
    expect(guessMapping(rows, 'f').split('\n')).toEqual([
      ...['timestamp=y', 'sensor_id=x', 'value=z', 'unit=w', "location='unknown'"],
    ]);
    expect(isNamedFor('timestamp', 'y')).toBe(false);
    expect(isNamedFor('timestamp', 'Date Time')).toBe(true);
  });

  test('words are no units, and the only numbers are the values even if they count', () => {
    const rows = [
      ['sky', 'nr'],
      ['rain', '1'],
      ['sun', '2'],
      ['rain', '3'],
    ];
    const guess = guessMapping(rows, 'f');
    expect(guess).toContain('value=nr');
    expect(guess).toContain("unit='unknown'");
  });

  test.each(['12,5', '-0,5', '1.234,5'])('%s has a decimal comma', (text) => {
    expect(hasDecimalComma(text)).toBe(true);
  });

  test.each(['12.5', '12', 'a,5', '1,2,3'])('%s has none', (text) => {
    expect(hasDecimalComma(text)).toBe(false);
  });
});
