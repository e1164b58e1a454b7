import { describe, expect, test } from 'vitest';
import { thresholdFor } from './config';
import { formatOf } from './file';
import { guessText, missingFields, parseMapping, parseOrigin, withOrigin } from './mapping';
import { toConfig } from './config';
import { referenceRun } from './settings';
import type { Settings } from './settings';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';
import type { FileHead } from '../engine/protocol';
import { checkFile } from './check-file';

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

describe('the first look at a file', () => {
  const AUTO = { format: 'auto', encoding: 'auto', delimiter: '' } as const;

  const refusal = async (found: Partial<FileHead>, text = 'x') => {
    // Replaces the engine: files are UTF-8.
    const first = await checkFile(new File([text], 'x.bin'), AUTO, async (file) => ({
      bytes: new Uint8Array(await file.arrayBuffer()),
      ...{ whole: true, problem: null, mayBeEncoded: false, records: [], table: null },
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
    expect(await checkFile(new File(['x'], 'x'), AUTO, failing)).toEqual({ head: null });
  });
});

test('a guessed mapping as text', () => {
  const text = guessText([
    { field: 'timestamp', origin: 'date', by_values: true },
    { field: 'unit', origin: "'unknown'", by_values: false },
  ]);
  expect(text).toBe("timestamp=date\nunit='unknown'");
  const map = { timestamp: 'date', unit: "'unknown'" };
  expect(parseMapping(text)).toEqual({ map, problems: [] });
  expect(guessText([])).toBe('');
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
});

describe('missingFields', () => {
  const whole = "timestamp=a\nsensor_id='s'\nvalue=b\nunit='u'\nlocation='l'";

  test('a whole mapping', () => {
    expect(missingFields(whole, ['a', 'b'])).toEqual([]);
    expect(missingFields('', ['timestamp', 'sensor_id', 'value', 'unit', 'location'])).toEqual([]);
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
