import { expect, test } from 'vitest';
import { STANDARD } from '../recording/topology';
import { traceRequestOf } from './chrome-trace';
import { journeyEvents, recordingOf, testConfig } from '../analysis/testing';

test('a trace is made of all events, with the names of the pipeline', async () => {
  const config = testConfig({ trace: { enabled: true, sample: 4, tasks: true, ring: 1024 } });
  const { topology, sample, events } = traceRequestOf(recordingOf(journeyEvents(7), config));
  expect(topology).toEqual(STANDARD.data);
  expect(sample).toBe(4);
  const words = new BigUint64Array(await events.arrayBuffer());
  expect(words).toHaveLength(2 * journeyEvents(7).length);
  // The first event: the record was produced.
  expect(words[0]).toBe(4n << 8n);
});
