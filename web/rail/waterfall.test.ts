import { expect, test } from 'vitest';
import { journeyOf } from '../analysis/journey';
import { ledgerOf } from '../analysis/ledger';
import { MS, journeyEvents, recordingOf } from '../analysis/testing';
import { STANDARD } from '../recording/topology';
import { longestOf, waterfall } from './waterfall';

function rowsOf(events: ReturnType<typeof journeyEvents>, until = 100 * MS) {
  const recording = recordingOf(events);
  ledgerOf(recording).catchUp();
  const journey = journeyOf(recording, 7);
  if (!journey) throw new Error('it is not in the log');
  return waterfall(journey, STANDARD, until);
}

test('a row for each stay, in the order of its path; copies are told apart', () => {
  const rows = rowsOf(journeyEvents(7, 0, 2));
  expect(rows.filter(({ isCopy }) => !isCopy).map(({ name }) => name)).toEqual([
    ...['dataCh', 'Validator 3', 'validCh', 'Transformer 1', 'processedCh', 'Fan-out'],
    // Without a service time, the Loader does nothing but wait for the record's turn.
    ...['loaderCh', 'Loader, held'],
  ]);
  expect(rows.filter(({ isCopy }) => isCopy).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['errorHandlerCh', 'metricsCh', 'Metrics Collector']),
  );
  expect(longestOf(rows)?.name).toBe('Loader, held');
});

test('what goes on has lasted until now', () => {
  const rows = rowsOf(journeyEvents(7).slice(0, 7), 50 * MS);
  const last = rows.at(-1);
  expect(last).toMatchObject({ name: 'validCh', isOpen: true, from: 2 * MS, to: 50 * MS });
});
