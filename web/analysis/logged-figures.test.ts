import { expect, test } from 'vitest';
import { ledgerOf } from './ledger';
import { loggedFigures } from './logged-figures';
import { journeyEvents, recordingOf, testConfig } from './testing';
import type { TestEvent } from './testing';

const anomaly: TestEvent[] = journeyEvents(4, 10).map((event) =>
  event.kind === 'processed' ? { ...event, kind: 'anomaly' } : event,
);
const failed: TestEvent[] = journeyEvents(8, 20).map((event) =>
  event.kind === 'processed' ? { ...event, kind: 'transformationError' } : event,
);
const events = [...journeyEvents(0), ...anomaly, ...failed];

test.each([
  [1, true],
  [4, false],
])('of a log with one in %d records', (sample, isExact) => {
  const config = testConfig({ trace: { ...testConfig().trace, sample } });
  const recording = recordingOf(events, config, { origin: 'file' });
  expect(loggedFigures(recording)).toBeNull();
  ledgerOf(recording).catchUp();
  expect(loggedFigures(recording)).toMatchObject({
    isExact,
    metrics: {
      produced: 3 * sample,
      processed: 2 * sample,
      failed: sample,
      failed_by_status: { invalid: 0, transformation_error: sample },
      anomalies: sample,
      elapsed_seconds: 0.029,
    },
  });
});

test('a log without its beginning has no figures, and an empty one has none', () => {
  for (const recording of [recordingOf(events, undefined, { most: 32 }), recordingOf([])]) {
    ledgerOf(recording).catchUp();
    expect(loggedFigures(recording)).toBeNull();
  }
});
