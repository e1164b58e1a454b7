import { expect, test } from 'vitest';
import { RecordIds } from '../recording/record-ids';
import { linesOfRecords } from './lines-of-records';

const line = (id: string, more = '') => JSON.stringify({ id, more });
const file = (...lines: string[]) => new Blob([lines.map((one) => `${one}\n`).join('')]);

function idsOf(...ids: string[]): RecordIds {
  const found = new RecordIds();
  found.add(ids.flatMap((id, at) => [10 + at, id]));
  return found;
}

test('lines are found in all files, by the ids of traced records', async () => {
  const files = [file(line('a'), line('not traced')), file(line('b', '"\\'))];
  const found = await linesOfRecords(files, idsOf('a', 'b', 'c'));
  expect([...found]).toEqual([
    [10, line('a')],
    [11, line('b', '"\\')],
  ]);
});

test('where several records have an id, nothing is guessed', async () => {
  const files = [file(line('a'), line('b'), line('a', 'not traced')), file(line('c'))];
  const found = await linesOfRecords(files, idsOf('a', 'b', 'c', 'c'));
  expect([...found]).toEqual([[11, line('b')]]);
});

test('there are not too many', async () => {
  const files = [file(line('a'), line('b', 'x'.repeat(50)), line('c'))];
  const found = await linesOfRecords(files, idsOf('a', 'b', 'c'), 60);
  expect([...found.keys()]).toEqual([10, 12]);
});
