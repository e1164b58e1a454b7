import { describe, expect, test } from 'vitest';
import { findLine, findByOwnId, generatedId } from './find-line';

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

/** A blob that counts how much of it is read. */
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

describe('by an id of the input', () => {
  const processed = '{"id":"a\\"b","value":1}\n{"id":"z","value":2}\n';
  const failed = [
    '{"id":"y","value":-1,"status":"invalid","error":"out of range"}',
    '{"line":2,"status":"invalid","error":"no unit","raw":"{\\"id\\":\\"u\\",\\"value\\":5}"}',
    '{"line":3,"status":"invalid","error":"no value","raw":"r 1;s;\\"q\\";"}',
    '{"id":"z","value":-1,"status":"invalid","error":"out of range"}',
  ].join('\n');
  const search = (id: string, options = {}) =>
    findByOwnId([new Blob([processed]), new Blob([failed])], id, options);

  test('a line, in either file', async () => {
    const found = { isRepeated: false, parseError: null, isWhole: true };
    const line = '{"id":"a\\"b","value":1}';
    expect(await search('a"b')).toEqual({ ...found, first: { file: 0, line } });
    expect((await search('y')).first?.file).toBe(1);
    expect(await search('x')).toEqual({ ...found, first: null });
    expect(await findByOwnId([], 'x')).toEqual({ ...found, first: null });
  });

  test('several lines', async () => {
    expect((await search('z')).isRepeated).toBe(true);
  });

  test.each([
    ['S-\u00e4', String.raw`{"id":"S-\u00e4"}`],
    ['a/b', String.raw`{"id":"a\/b"}`],
    ['a"b', String.raw`{"id":"a\u0022b"}`],
    ['ä', '{ "id" : "ä" }'],
  ])('%s, however it is written', async (id, line) => {
    const file = new Blob([`{"id":"${'x'.repeat(70_000)}"}\n${line}\n`]);
    expect((await findByOwnId([file], id)).first?.line).toBe(line);
  });

  test('within the text of a record that could not be read', async () => {
    expect((await search('u')).first?.line).toBe(failed.split('\n')[1]);
    expect(await findByOwnId([new Blob([`${failed}\n${failed}`])], 'u')).toMatchObject({
      isRepeated: true,
    });
    expect((await search('5')).first).toBeNull();
    expect(await search('r 1')).toMatchObject({ first: null, parseError: 'no value' });
    expect(await search('q')).toMatchObject({ first: null, parseError: 'no value' });
    expect(await search('r')).toMatchObject({ first: null, parseError: null });
  });

  test('up to a limit, or until nobody wants it any more', async () => {
    expect(await search('y', { limit: 40 })).toMatchObject({ first: null, isWhole: false });
    await expect(search('y', { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  test('that looks like one of a generated record, in any order', async () => {
    const file = new Blob([lines.toReversed().join('\n')]);
    expect((await findByOwnId([file], 'rec-0004')).first?.line).toContain('"rec-0004"');
  });
});

test('up to a limit', async () => {
  const mixed = new Blob([lines.toReversed().join('\n')]);
  expect(await findLine(mixed, 4, { ordered: false, limit: 2000 })).toBeNull();
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
