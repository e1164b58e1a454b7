import { expect, test } from 'vitest';
import { journeyEvents, recordingOf, testConfig } from '../analysis/testing';
import { differencesOf } from '../compare/differences';
import { figuresOf } from '../compare/figures';
import { STANDARD } from '../recording/topology';
import { TimelineData } from '../timeline/timeline-data';
import { differencesToCsv } from './difference-csv';

/** The figures of a run into which a record comes every so many milliseconds. */
function figuresEvery(milliseconds: number) {
  const journeys = Array.from({ length: 40 }, (_, at) => journeyEvents(at, at * milliseconds));
  const data = new TimelineData(recordingOf(journeys.flat()));
  data.advance();
  return figuresOf(data);
}

const config = testConfig();
const configs = { a: config, b: { ...config, workers: 5 } };

test('settings and figures of both runs are rows, with numbers', () => {
  const [a, b] = [figuresEvery(10), figuresEvery(8)];
  if (!a || !b) throw new Error('both have figures');
  const differences = differencesOf(a, b, STANDARD);
  const rows = differencesToCsv({ configs, figures: { a, b }, differences })
    .split('\r\n')
    .map((row) => row.split(','));
  expect(rows[0]).toEqual(['kind', 'name', 'unit', 'a', 'b', 'change']);
  const named = (name: string) => rows.find((row) => row[1] === name);
  expect(rows.filter(([kind]) => kind === 'setting')).toHaveLength(1);
  expect(named('records/s')).toEqual(['figure', 'records/s', 'records/s', '100', '125', '0.25']);
  expect(named('compared from')?.slice(3)).toEqual([`${a.from / 1e9}`, `${b.from / 1e9}`, '']);
  expect(named('median latency')).toEqual([
    ...['figure', 'median latency', 's', `${a.median ?? ''}`, `${b.median ?? ''}`, '0'],
  ]);
  // Every row of the table on screen is there.
  for (const { name } of differences) expect(named(name)).toBeDefined();
});

test('without figures there is no table', () => {
  expect(() => differencesToCsv({ configs, figures: null, differences: [] })).toThrow(
    'Too little is known of the two runs to compare them.',
  );
});
