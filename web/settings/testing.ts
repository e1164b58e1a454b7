// Settings for tests.

import fc from 'fast-check';
import { MAX_THREADS } from '../engine/engine-kind';
import { ENCODINGS } from './encodings';
import { CHANNELS, SERVED_STAGES, each } from './parts';
import { USUAL_POLICIES } from './policies';
import { SETTINGS } from './registry';
import type { Settings } from './settings';

const upTo = (most: number) => fc.option(fc.integer({ min: 1, max: most }));
const records = <K extends string, V>(keys: readonly K[], value: fc.Arbitrary<V>) =>
  fc.record(each(keys, () => value)) as fc.Arbitrary<Record<K, V>>;

const injection = fc.oneof(
  fc.constantFrom('', 'off', ' off ', '12.5%', '100 %', '.5%', '1e1%', '+5%'),
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((every) => `every ${every}`),
);

const unit = fc.constantFrom('ns', 'us', 'µs', 'ms');
const time = fc.oneof(
  fc.constantFrom('', 'off', '0', '0s', '3600s', '500us - 2ms', ' 1 ms ', '0-0'),
  fc
    .tuple(fc.nat(10_000), fc.nat(10_000), unit)
    .map(([least, more, unit]) => `${least}-${least + more}${unit}`),
  fc.constantFrom('exponential 20ms', '5ms or 200ms 5%', '5ms, 10ms,0, 1s', 'exponential 0'),
  fc.tuple(fc.integer({ min: 1, max: 1e6 }), unit).map(([time, unit]) => `${time / 100}${unit}`),
);

/** Possible column names. */
const column = fc
  .string({ unit: fc.constantFrom('a', 'b', 'é', '&', '=', '#', '%', ' '), maxLength: 6 })
  .map((name) => `x${name.trim()}`);

const mapping = fc
  .record(
    {
      ...{ id: column, timestamp: column, sensor_id: column },
      ...{ value: column, unit: column, location: column },
    },
    { requiredKeys: [] },
  )
  .map((fields) =>
    Object.entries(fields)
      .map(([field, column]) => `${field}=${column}`)
      .join('\n'),
  );

/** Any settings that the engine accepts. */
export const validSettings: fc.Arbitrary<Settings> = fc.record({
  source: fc.constantFrom('generator', 'file'),
  records: fc.option(fc.maxSafeNat()),
  seed: fc.option(fc.maxSafeNat()),
  rate: fc.option(
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((rate) => rate + 0),
  ),
  burst: upTo(SETTINGS['generator.burst'].max),
  invalidValue: injection,
  invalidUnit: injection,
  anomalies: fc.option(fc.double({ min: 0, max: 100, noNaN: true }).map((share) => share + 0)),
  format: fc.constantFrom('auto', 'jsonl', 'csv', 'tsv'),
  encoding: fc.constantFrom(...ENCODINGS.map(({ value }) => value)),
  delimiter: fc.constantFrom('', ',', ';', '\t', '|', '#', '&', ' '),
  mapping,
  workers: upTo(SETTINGS.workers.max),
  validators: upTo(SETTINGS['validator.workers'].max),
  transformers: upTo(SETTINGS['transformer.workers'].max),
  buffer: upTo(SETTINGS['channels.capacity'].max),
  buffers: records(CHANNELS, upTo(SETTINGS['channels.capacity'].max)),
  batch: fc.oneof(
    fc.constantFrom('', 'auto', ' auto ', '+1'),
    fc.integer({ min: 1, max: SETTINGS.batch.max }).map(String),
  ),
  window: upTo(SETTINGS.window.max),
  runtime: fc.constantFrom('pool', 'local', 'virtual'),
  threads: upTo(MAX_THREADS),
  cores: upTo(SETTINGS['runtime.cores'].max),
  scheduleSeed: fc.option(fc.maxSafeNat()),
  pace: fc.constantFrom('screen', 'at-once'),
  ordered: fc.boolean(),
  clock: fc.constantFrom('system', 'fixed'),
  fixedTime: fc.constantFrom(
    '2026-01-01T00:00:00Z',
    '1969-12-31 23:59:59.123456+02:30',
    '2024-02-29t00:00:00z',
  ),
  service: records(SERVED_STAGES, fc.record({ wait: time, compute: time })),
  // Some combinations of them are refused: each has tests of its own.
  policies: fc.constant({ ...USUAL_POLICIES }),
});
