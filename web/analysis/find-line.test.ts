import { describe, expect, test } from 'vitest';
import { findLine, generatedId } from './find-line';

/** Every third record of 30,000 failed, so it is in the other file. */
const lines = Array.from({ length: 30_000 }, (_, record) => record)
  .filter((record) => record % 3 !== 0)
  .map((record) =>
    JSON.stringify({
      id: generatedId(record),
      unit: 'x'.repeat(record % 50),
      note: 'rec-0001 "ü"',
    }),
  );
const file = counting(new Blob([`${lines.join('\n')}\n`]));

/** A blob that says how much of it was read. */
function counting(blob: Blob): Blob & { read: number } {
  const counted = Object.assign(blob, { read: 0 });
  const slice = blob.slice.bind(blob);
  blob.slice = (from, to, type) => {
    const part = slice(from, to, type);
    counted.read += part.size;
    return part;
  };
  return counted;
}

describe('in an ordered file of generated records', () => {
  test.each([1, 2, 4, 4000, 14_999, 20_000, 29_998, 29_999])('record %d', async (record) => {
    file.read = 0;
    const line = await findLine(file, record);
    expect(line === null ? null : (JSON.parse(line) as object)).toEqual(
      record % 3 === 0 ? null : expect.objectContaining({ id: generatedId(record) }),
    );
    // A small part of it was read.
    expect(file.read).toBeLessThan(file.size);
  });

  test.each([0, 3, 15_000, 29_997, 40_000])('record %d is in the other one', async (record) => {
    expect(await findLine(file, record)).toBeNull();
  });

  test('each of them', async () => {
    const few = new Blob([lines.slice(0, 3000).join('\n')]);
    for (let record = 1; record < 4500; record += 100) {
      const line = await findLine(few, record);
      expect(line !== null).toBe(record % 3 !== 0);
    }
  });
});

test('by an id of the input, from the beginning and up to a limit', async () => {
  const other = new Blob([
    '{"id":"a\\"b","value":1}\n{"line":2,"status":"invalid","error":"…"}\n{"id":"z","value":2}',
  ]);
  expect(await findLine(other, 'a"b')).toBe('{"id":"a\\"b","value":1}');
  expect(await findLine(other, 'z')).toBe('{"id":"z","value":2}');
  expect(await findLine(other, 'z', { limit: 20 })).toBeNull();
  expect(await findLine(new Blob([]), 7)).toBeNull();
});

test('in a file without order', async () => {
  const mixed = new Blob([lines.toReversed().join('\n')]);
  const line = await findLine(mixed, 4, { ordered: false });
  expect(line).toContain('"rec-0004"');
});

test('a line that is longer than what is read at once', async () => {
  const long = JSON.stringify({ id: 'rec-0500', raw: 'x'.repeat(300_000) });
  const around = [...lines.slice(0, 332), long, ...lines.slice(334)];
  expect(await findLine(new Blob([around.join('\n')]), 500)).toBe(long);
});
