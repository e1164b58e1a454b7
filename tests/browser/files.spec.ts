// Files of the user's: dropped or picked, JSON Lines or tables, packed or not.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { filesOf, inputOf } from './cases';
import { runNatively } from './cli';
import { expect, test } from './page';
import { FIXED_TIME, control, drop, fixClock, lines, open, results, run, shown } from './steps';

const DATASETS = fileURLToPath(new URL('../../node_modules/vega-datasets/data/', import.meta.url));

test('a dropped JSON Lines file', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await fixClock(page);
  await drop(page, 'input.jsonl', inputOf('jsonl-many-lines'));
  await expect(page.getByTestId('file')).toContainText('input.jsonl');
  await expect(control(page, 'Mapping')).toBeHidden();
  await run(page);
  expect(await results(page)).toEqual(filesOf('jsonl-many-lines'));
});

test('a dropped table, packed, with a mapping', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await fixClock(page);
  await drop(page, 'input.csv.gz', gzipSync(inputOf('csv-mapping')));
  await page.getByText('As text').click();
  await expect(page.getByText(/Columns: .*Water flow \[l\/s\]/)).toBeVisible();
  // Guessed, to be looked at and mended.
  await expect(control(page, 'Mapping')).toHaveValue(/^timestamp=date$/m);
  await control(page, 'Mapping').fill(
    `timestamp=date
     value=Water flow [l/s]
     unit='l/s'
     sensor_id="flow-1"
     location=Station, name`,
  );
  await run(page);
  expect(await results(page)).toEqual(filesOf('csv-mapping'));
});

for (const [name, value] of [
  ['seattle-weather', 'temp_max'],
  ['seattle-weather-hourly-normals', 'temperature'],
]) {
  test(`${name}.csv, the same as natively`, async ({ page, servers }) => {
    test.setTimeout(240_000);
    const path = join(DATASETS, `${name}.csv`);
    await open(page, servers.isolated);
    await fixClock(page);
    await page.getByLabel('A file of yours').check();
    await control(page, 'File').setInputFiles(path);
    await page.getByText('As text').click();
    const mapping = control(page, 'Mapping');
    await expect(mapping).toHaveValue(new RegExp(`^value=${value}$`, 'm'));
    const text = (await mapping.inputValue())
      .replace("unit='unknown'", "unit='°C'")
      .replace("location='unknown'", "location='Seattle'");
    await mapping.fill(text);
    await run(page);

    const found = await results(page);
    const maps = text.split('\n').flatMap((line) => ['--map', line]);
    expect(found).toEqual(
      await runNatively(['--input', path, '--clock', `fixed:${FIXED_TIME}`, ...maps]),
    );
    const rows = lines(readFileSync(path, 'utf8')).length - 1;
    expect(lines(found.processed).length + lines(found.failed).length).toBe(rows);
    expect(await shown(page, 'produced')).toBe(rows);
  });
}

test('a table that does not fit tells what is wrong', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await drop(page, 'x.csv', 'a,b\n1,2\n');
  await page.getByText('As text').click();
  await control(page, 'Mapping').fill('value=c\ncolour=a');
  await expect(page.locator('#problems')).toContainText('there is no field “colour”');
  await control(page, 'Mapping').fill('value=c');
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.locator('#problems')).toContainText('c');
  await expect(page.getByTestId('results')).toBeHidden();
});

test('a broken packed file fails with a reason', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await drop(page, 'x.jsonl.gz', gzipSync('{"id":"1"}\n'.repeat(1000)).subarray(0, 40));
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The run failed' })).toContainText(
    'the file can’t be read',
  );
  // The engine is none the worse for it.
  await drop(page, 'input.jsonl', inputOf('jsonl-plain'));
  await fixClock(page);
  await run(page);
  expect(await results(page)).toEqual(filesOf('jsonl-plain'));
});

test('no file chosen', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await page.getByLabel('A file of yours').check();
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.locator('#problems')).toContainText('File is missing: choose one, or drop one');
});
