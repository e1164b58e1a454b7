// What limits a run, by its metrics: `tests/vectors/verdicts.json`. By the bench's rule,
// `crates/bench/src/bottleneck` returns the same verdicts for the same metrics; the diagnosis is
// more detailed.

import { expect, test } from 'vitest';
import table from '../../tests/vectors/verdicts.json?raw';
import { limitOf } from '../bench/limits';
import type { Bottleneck } from '../bench/limits';
import type { ChannelId } from '../engine/generated/ChannelId';
import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import { CHANNELS } from '../recording/events';
import { diagnose } from './bottleneck';
import { testConfig, testMetrics } from './testing';

interface Verdict {
  name: string;
  rate_limit?: number;
  service?: Partial<Config['service']>;
  metrics?: Partial<Metrics>;
  /** Shares of the time of each worker, which waits for the rest of it. */
  stages: Partial<Record<Stage, { workers: number; busy: number; ready: number; blocked: number }>>;
  channels: Partial<Record<ChannelId, { capacity?: number; blocked_seconds?: number }>>;
  limit: Bottleneck['limit'];
  stage: Stage | null;
  /** The diagnosis: its limit, and the stage if there is one. */
  says: string;
}

const VERDICTS = JSON.parse(table) as Verdict[];
const SECONDS = 10;

test.each(VERDICTS)('$name', (verdict) => {
  const usual = testConfig();
  const off = { wait: 'off', compute: 'off' };
  const service = Object.entries(verdict.service ?? {}).map(([stage, times]) => {
    const set: Partial<typeof off> = times;
    return [stage, { ...off, ...set }];
  });
  const config = testConfig({
    batch: String(verdict.metrics?.batch ?? 1),
    generator: { ...usual.generator, rate_limit: verdict.rate_limit ?? 0 },
    service: { ...usual.service, ...(Object.fromEntries(service) as Config['service']) },
    input: { ...usual.input, file: verdict.metrics?.input_bytes ? ['input.jsonl'] : null },
  });
  const stages = Object.entries(verdict.stages).map(
    ([stage, { workers, busy, ready, blocked }]) => [
      stage,
      Array.from({ length: workers }, () => ({
        state: null,
        busy_seconds: SECONDS * busy,
        ready_seconds: SECONDS * ready,
        blocked_seconds: SECONDS * blocked,
      })),
    ],
  );
  const passed = verdict.metrics?.processed ?? 1000;
  const channels = CHANNELS.map((channel) => [channel, { passed, ...verdict.channels[channel] }]);
  const figures = { elapsed_seconds: SECONDS, produced: 1000, processed: 1000, threads: 2 };
  const metrics = testMetrics(
    { ...figures, batch: 1, ...verdict.metrics },
    Object.fromEntries(stages) as Parameters<typeof testMetrics>[1],
    Object.fromEntries(channels) as Parameters<typeof testMetrics>[2],
  );
  // Workers that the table doesn't list have left as well.
  for (const { workers } of metrics.stages) for (const worker of workers) worker.state = null;
  const { limit, stage } = limitOf(metrics, config);
  expect([limit, stage]).toEqual([verdict.limit, verdict.stage]);
  const said = diagnose(metrics, undefined, config, 2);
  expect(`${said.limit} ${said.stage ?? ''}`.trim(), said.sentence).toBe(verdict.says);
});
