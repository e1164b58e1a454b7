// What the page shows of the first records before a run is, byte for byte, what the files of the run will have.

import { expect, test } from './page';
import { control, drop, fixClock, open, results, revealed, run } from './steps';

const TABLE = [
  '\ufeffdate,flow,site,note',
  '2026-01-01,5.50,"A, left","a ""b"""',
  '2026-01-02,abc,B,',
  '2026-01-03,-7,C,x',
  '2026-01-04,1e2,"two\r\nlines",',
  '',
].join('\r\n');

const JSON_LINES = [
  '{"id":"a","timestamp":"t","sensor_id":"s","value":5.10,"unit":"u","location":"l","extra":{"b":[1, 2.50]}}',
  '{"value":1e400}',
  '',
  '{"id":"c", "timestamp":"t","sensor_id":"s","value":95,"unit":"INVALID_UNIT","location":"é\\u00e9","processed_at":"x"}',
  'not JSON',
  '',
].join('\n');

const MAPPING = "timestamp=date\nsensor_id='r'\nvalue=flow\nunit='m³/s'\nlocation=site";

for (const { name, file, content, mapping } of [
  { name: 'a table with a mapping', file: 'river.csv', content: TABLE, mapping: MAPPING },
  { name: 'JSON Lines with unknown fields', file: 'x.jsonl', content: JSON_LINES, mapping: null },
]) {
  test(name, async ({ page, servers }) => {
    await open(page, servers.isolated);
    await fixClock(page);
    await drop(page, file, content);
    if (mapping !== null) {
      await revealed(page, page.getByText('As text')).click();
      await control(page, 'Mapping').fill(mapping);
    }
    const preview = page.getByTestId('preview');
    await expect(preview.locator('.record')).toHaveCount(4);
    await expect(preview.locator('.record').first()).toContainText(mapping ? 'm³/s' : '"extra"');
    await expect(preview).not.toContainText('will be that of the run');
    const lines = (await preview.locator('.record').allInnerTexts()).map((line) => `${line}\n`);
    await run(page);
    const bytesOf = (isFailed: boolean) =>
      Buffer.from(lines.filter((line) => line.includes('"error":') === isFailed).join(''));
    const { processed, failed } = await results(page);
    expect(bytesOf(false).toString('latin1')).toBe(processed);
    expect(bytesOf(true).toString('latin1')).toBe(failed);
    expect(processed).not.toBe('');
    expect(failed).not.toBe('');
  });
}

test('with the system’s clock, the time of the run is all that differs', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  await drop(page, 'x.jsonl', JSON_LINES);
  const preview = page.getByTestId('preview');
  await expect(preview).toContainText('Only processed_at will be that of the run.');
  const [shown = ''] = await preview.locator('.record').allInnerTexts();
  await run(page);
  const { processed } = await results(page);
  const [written = ''] = processed.split('\n');
  const withoutTime = (line: string) => line.replace(/"processed_at":"[^"]*"/, '');
  expect(withoutTime(shown)).toBe(withoutTime(written));
  expect(shown).toContain('"processed_at":"20');
});

test('a JSON array on one line is previewed record by record', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const record = (id: string) => ({ id, timestamp: 't', sensor_id: 's', value: 1, unit: 'u' });
  await drop(page, 'array.json', JSON.stringify(['a', 'b', 'c'].map(record)));
  await expect(page.getByTestId('preview').locator('.record')).toHaveCount(3);
});
