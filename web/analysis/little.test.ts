import { expect, test } from 'vitest';
import { NODE } from '../recording/events';
import { ledgerOf } from './ledger';
import { littlesLaw } from './little';
import type { LittlesLaw } from './little';
import { MS, recordingOf, testConfig, testMetrics, journeyEvents } from './testing';
import type { TestEvent } from './testing';

function of(channel: keyof typeof NODE, laws: LittlesLaw[]): LittlesLaw | undefined {
  return laws.find((law) => law.channel === NODE[channel]);
}

/** A record every 2 ms, each of which is in each channel for 1 ms. */
const steady = Array.from({ length: 200 }, (_, record) => journeyEvents(record, 2 * record))
  .flat()
  .sort((a, b) => a.at - b.at);

test('holds where as many come as go', () => {
  const recording = recordingOf(steady);
  ledgerOf(recording).catchUp();
  const law = of('validCh', littlesLaw(recording, { from: 100 * MS, to: 300 * MS }));
  expect(law).toMatchObject({ isTrusted: true, origin: 'events' });
  expect(law?.depth).toBeCloseTo(0.5, 1);
  expect(law?.rate).toBeCloseTo(500, -1);
  expect(law?.wait).toBeCloseTo(0.001, 5);
  expect(Math.abs(law?.difference ?? 1)).toBeLessThan(0.02);
});

test('not to be trusted with few records, or where nothing passed', () => {
  const recording = recordingOf(steady);
  ledgerOf(recording).catchUp();
  const laws = littlesLaw(recording, { from: 100 * MS, to: 110 * MS });
  expect(of('validCh', laws)).toMatchObject({ isTrusted: false });
  expect(of('validCh', laws)?.reason).toContain('only 5 traced records');
  expect(of('errorCh', laws)).toMatchObject({ isTrusted: false, reason: 'nothing passed' });
});

test('not to be trusted while a channel fills', () => {
  const filling = Array.from({ length: 200 }, (_, record): TestEvent[] => [
    { at: record, kind: 'arrive', node: 'dataCh', record },
    ...(record % 2 === 0
      ? [{ at: record + 0.5, kind: 'depart', node: 'dataCh', record: record / 2 } as const]
      : []),
  ]).flat();
  const recording = recordingOf(filling);
  ledgerOf(recording).catchUp();
  const law = of('dataCh', littlesLaw(recording, { from: 0, to: 200 * MS }));
  expect(law).toMatchObject({ isTrusted: false, records: 100 });
  expect(law?.reason).toContain('it fills');
});

test('from measurements where only some records are traced', () => {
  const config = testConfig({ trace: { enabled: true, sample: 4, tasks: true, ring: 1024 } });
  const traced = steady.filter(({ record = 0 }) => record % 4 === 0);
  const recording = recordingOf(traced, config);
  for (let at = 1; at <= 40; at += 1) {
    recording.addSnapshot(
      testMetrics(
        { elapsed_seconds: at / 100, trace_sample: 4 },
        {},
        { dataCh: { passed: 5 * at, depth: at % 2 } },
      ),
    );
  }
  ledgerOf(recording).catchUp();
  const law = of('dataCh', littlesLaw(recording, { from: 0, to: 400 * MS }));
  expect(law).toMatchObject({ origin: 'measured', depth: 0.5, isTrusted: true });
  expect(law?.product).toBeCloseTo(0.5);

  // Half of the measurements are too few, where they hardly ever find a record.
  const short = of('dataCh', littlesLaw(recording, { from: 0, to: 200 * MS }));
  expect(short?.isTrusted).toBe(false);
});
