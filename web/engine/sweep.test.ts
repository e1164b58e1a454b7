import { expect, test } from 'vitest';
import type { Metrics } from './generated/Metrics';
import type { PartialConfig } from './partial';
import { sweep, withSetting } from './sweep';

test('a setting is changed, and nothing else', () => {
  const config: PartialConfig = { records: 5, channels: { capacity: 1, data: 2 } };
  expect(withSetting(config, 'channels.capacity', 9)).toEqual({
    records: 5,
    channels: { capacity: 9, data: 2 },
  });
  expect(withSetting(config, 'service.validator.wait', '5ms')).toEqual({
    ...config,
    service: { validator: { wait: '5ms' } },
  });
  expect(withSetting({}, 'records', null)).toEqual({ records: null });
  expect(config).toEqual({ records: 5, channels: { capacity: 1, data: 2 } });
});

test('the results come one at a time, in the order of the values', async () => {
  const asked: PartialConfig[] = [];
  const simulate = (config: PartialConfig) => {
    asked.push(config);
    return Promise.resolve({ metrics: { produced: config.workers } as Metrics });
  };
  const found: unknown[] = [];
  for await (const { value } of sweep(simulate, { records: 3 }, 'workers', [1, 5, 2, 4])) {
    found.push([value, asked.length]);
    if (value === 2) break;
  }
  expect(found).toEqual([
    [1, 1],
    [5, 2],
    [2, 3],
  ]);
  expect(asked.map(({ workers }) => workers)).toEqual([1, 5, 2]);
});
