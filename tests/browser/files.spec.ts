// Files of the user's: dropped or picked, JSON Lines or tables, packed or not.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { referenceRun } from '../../web/settings/settings';
import { filesOf, inputOf } from './cases';
import { runNatively } from './cli';
import { expect, test } from './page';
import {
  FIXED_TIME,
  button,
  control,
  drop,
  fixClock,
  lines,
  open,
  results,
  revealed,
  run,
  showEnd,
  shown,
  unfold,
} from './steps';

const DATASETS = fileURLToPath(new URL('../../node_modules/vega-datasets/data/', import.meta.url));

/** How a zip archive begins whose first file has this name. */
function zipBeginning(name: string): Buffer {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04\x14', 'latin1');
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), Buffer.alloc(600, 'x')]);
}

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
  await revealed(page, page.getByText('As text')).click();
  await expect(page.getByText(/Columns: .*Water flow \[l\/s\]/)).toBeVisible();
  // Guessed, to be looked at and corrected.
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
    await control(page, 'A file of yours').check();
    await control(page, 'File').setInputFiles(path);
    await revealed(page, page.getByText('As text')).click();
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
    await showEnd(page);
    await expect.poll(() => shown(page, 'produced')).toBe(rows);
  });
}

test('a table that does not fit tells what is wrong', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await drop(page, 'x.csv', 'a,b\n1,2\n');
  await revealed(page, page.getByText('As text')).click();
  await control(page, 'Mapping').fill('value=c\ncolour=a');
  await expect(page.locator('#problems')).toContainText('there is no field “colour”');
  await control(page, 'Mapping').fill('value=c');
  await expect(page.locator('#problems')).toContainText(
    'without an origin: timestamp, sensor_id, value, unit and location',
  );
  await expect(page.getByTestId('results')).toHaveCount(0);
});

test('compressed files and other encodings are looked at and read as a run reads them', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  await fixClock(page);
  for (const [name, file] of [
    ['compressed-bzip2', 'input.csv.bz2'],
    ['compressed-zstd', 'input.jsonl.zst'],
    ['compressed-xz', 'input.jsonl.xz'],
    ['compressed-twice', 'input.csv.gz'],
    ['encoding-utf16', 'input.jsonl'],
    ['json-array-object-a-line', 'input.json'],
  ] as const) {
    await drop(page, file, inputOf(name));
    await expect(page.getByTestId('file')).toContainText(file);
    await expect(page.getByTestId('preview')).toContainText('"sensor_id":"s"');
    await run(page);
    expect(await results(page)).toEqual(filesOf(name));
  }
});

test('a broken packed file fails with a reason', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await drop(page, 'x.jsonl.gz', gzipSync('{"id":"1"}\n'.repeat(1000)).subarray(0, 40));
  await button(page, 'Run').click();
  await expect(page.getByRole('alert').filter({ hasText: 'The run failed' })).toContainText(
    'the gzip data ends too early',
  );
  // The engine is none the worse for it.
  await drop(page, 'input.jsonl', inputOf('jsonl-plain'));
  await fixClock(page);
  await run(page);
  expect(await results(page)).toEqual(filesOf('jsonl-plain'));
});

test('no file chosen', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await control(page, 'A file of yours').check();
  await button(page, 'Run').click();
  await expect(page.locator('#problems')).toContainText('File is missing: choose one, or drop one');
});

test('a mapping is made with a form, and tried', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await drop(
    page,
    'river.csv',
    'date;flow;site\n2026-01-01;5.5;A\n2026-01-02;abc;B\n\n2026-01-03;-7;C\n',
  );
  await expect(page.getByText('a table, semicolon ;')).toBeVisible();
  await expect(control(page, 'id')).toHaveValue('none');
  await expect(control(page, 'timestamp')).toHaveValue('column:date');
  await expect(control(page, 'timestamp')).toHaveAccessibleDescription('guessed');
  await expect(control(page, 'unit of all records')).toHaveValue('unknown');
  await expect(page.getByText('No column seems to give sensor_id and unit')).toBeVisible();

  const preview = page.getByTestId('preview');
  await expect(preview).toContainText('"value":5.5');
  await expect(preview).toContainText('Fails: line 3: column `flow`: "abc" is not a number');
  await expect(preview).toContainText('Fails: Value out of expected range (0-1000)');

  await button(page, 'Keep the guess for sensor_id').click();
  await expect(page.getByText('No column seems to give unit. Choose a column')).toBeVisible();
  await control(page, 'unit of all records').fill('m³/s');
  await expect(page.getByText('No column seems to give')).toBeHidden();
  await control(page, 'location').selectOption('constant');
  await control(page, 'location of all records').fill('Rhine');
  await expect(preview).toContainText('"unit":"m³/s","location":"Rhine"');

  // The same as text, both ways.
  await revealed(page, page.getByText('As text')).click();
  await expect(control(page, 'Mapping')).toHaveValue(
    "timestamp=date\nsensor_id='river'\nvalue=flow\nunit='m³/s'\nlocation='Rhine'",
  );
  await control(page, 'Mapping').fill("timestamp=date\nsensor_id=site\nvalue=flow\nunit='l'");
  await expect(control(page, 'sensor_id')).toHaveValue('column:site');
  await expect(control(page, 'location')).toHaveValue('none');
  // In words of the page, before anything is run.
  await expect(preview).toContainText('no column gives `location`');
  await expect(preview).toContainText('choose one for location in the mapping, or a constant');
  await expect(preview).not.toContainText('--map');

  // Nothing can be run before it is whole, and the control that misses something says so.
  await expect(button(page, 'Run')).toBeDisabled();
  await expect(button(page, 'Run')).toHaveAccessibleDescription(/choose where location comes from/);
  const location = control(page, 'location');
  await expect(location).toHaveAttribute('aria-invalid', 'true');
  await expect(location).toHaveAccessibleDescription('choose a column, or the same for all');
  await expect(page.locator('#problems')).toContainText('without an origin: location');
  await button(page, 'Run').click({ force: true });
  await expect(location).toBeFocused();
  await location.selectOption('constant');
  await expect(location).toHaveAccessibleDescription('write what it is');
  await control(page, 'location of all records').fill('Rhine');
  await expect(location).not.toHaveAttribute('aria-invalid');
  await expect(button(page, 'Run')).toBeEnabled();
  await run(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'produced')).toBe(3);
});

test('what its values look like is suggested, and a decimal comma is told of', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  await drop(
    page,
    'x.csv',
    'a;b;c;d\n1;2026-01-01;12,5;°C\n2;2026-01-02;13,5;°C\n3;2026-01-03;9;°C\n',
  );
  for (const [field, column] of [
    ['timestamp', 'b'],
    ['value', 'c'],
    ['unit', 'd'],
  ] as const) {
    await expect(control(page, field)).toHaveValue(`column:${column}`);
    await expect(control(page, field)).toHaveAccessibleDescription('guessed from its values');
  }
  await expect(page.getByTestId('comma')).toContainText('“12,5” has a decimal comma.');
  await expect(page.getByTestId('preview')).toContainText('Fails: line 2: column `c`: "12,5"');
  await control(page, 'value').selectOption('column:a');
  await expect(page.getByTestId('comma')).toBeHidden();
});

test('what is chosen for a field is in full beside it', async ({ page, servers }) => {
  await open(page, servers.isolated);
  const table = 'Measured at (local);Temperature (°C)\n2026-01-01;1.5\n2026-01-02;2.5\n';
  await drop(page, 'x.csv', table);
  for (const width of [390, 1024, 1280, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    for (const [field, text] of [
      ['timestamp', 'Measured at (local)'],
      ['unit', 'the same for all: …'],
    ] as const) {
      await control(page, field).selectOption({ label: text });
      const room = await control(page, field).evaluate((select, text) => {
        const { font, paddingLeft } = getComputedStyle(select);
        const context = document.createElement('canvas').getContext('2d');
        if (!context) throw new Error('there is no canvas');
        context.font = font;
        // The arrow takes about as much as the padding on both sides.
        const around = 4 * parseFloat(paddingLeft);
        return select.clientWidth - around - context.measureText(text).width;
      }, text);
      expect(room, `${field} at ${width} pixels`).toBeGreaterThan(0);
    }
  }
});

test('a notice lies over the picture alone, in view wherever the page is scrolled to', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  const notice = page.getByRole('status').filter({ hasText: 'x.pdf is a PDF document' });
  for (const [width, height] of [
    [1280, 800],
    [390, 664],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const place of [0, 1500]) {
      await page.locator('main').evaluate((main, place) => {
        main.scrollTo(0, place);
      }, place);
      const picture = page.getByRole('region', { name: 'The pipeline', exact: true });
      const before = await picture.boundingBox();
      await drop(page, 'x.pdf', '%PDF-1.7\n');
      await expect(notice).toBeInViewport({ ratio: 1 });
      // Nothing moves for it, and it covers neither buttons, figures nor what is below.
      expect(await picture.boundingBox()).toEqual(before);
      const box = await notice.boundingBox();
      if (!before || !box) throw new Error('nothing is there');
      expect(box.y).toBeGreaterThanOrEqual(before.y);
      expect(box.y + box.height).toBeLessThanOrEqual(before.y + before.height);
      expect(box.x).toBeGreaterThanOrEqual(before.x);
      expect(box.x + box.width).toBeLessThanOrEqual(before.x + before.width);
      await button(page, 'Dismiss').click();
      await expect(notice).toBeHidden();
    }
  }
});

test('what holds no records, or is empty, is named when it is chosen', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated);
  await drop(page, 'input.jsonl', inputOf('jsonl-plain'));
  await expect(page.getByTestId('file')).toContainText('input.jsonl');
  const png = readFileSync(
    fileURLToPath(new URL('../../web/public/icon-192.png', import.meta.url)),
  );
  const sheet = zipBeginning('[Content_Types].xml');
  for (const [name, content, words] of [
    ['page.png', png, 'page.png is a PNG image; there are no records in it.'],
    ['page.csv', png, 'page.csv is a PNG image; there are no records in it.'],
    ['packed.csv.gz', gzipSync(png), 'packed.csv.gz is a PNG image; there are no records in it.'],
    ['sheet.xlsx', sheet, 'or another Office document; save the sheet as CSV first.'],
    ['x.zip', zipBeginning('x.csv'), 'x.zip is a zip archive; unpack it first.'],
    ['x.parquet', 'PAR1\0', 'x.parquet is a Parquet file; convert it to CSV or JSON Lines first.'],
    ['x.pdf', '%PDF-1.7\n', 'x.pdf is a PDF document; there are no records in it.'],
    ['x.bin', 'a,b\0\0\0c', 'x.bin is not text: it has bytes that are zero (NUL)'],
    ['empty.csv', '', 'empty.csv is empty'],
    ['empty.csv.gz', gzipSync(''), 'empty.csv.gz is empty once it is unpacked'],
  ] as const) {
    await drop(page, name, content);
    await expect(page.getByRole('status').filter({ hasText: words })).toBeVisible();
    await expect(page.getByTestId('file')).toContainText('input.jsonl');
  }
  await drop(page, 'x.csv.gz', gzipSync('timestamp,value\n2026-01-01,5\n'));
  await expect(page.getByTestId('file')).toContainText('x.csv.gz');
  await expect(page.getByText('is empty once it is unpacked')).toBeHidden();
});

test('a mapping that came with a link is for the file that is dropped', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, {
    ...referenceRun(),
    source: 'file',
    mapping: "timestamp=a\nvalue=b\nsensor_id='s'\nunit='u'\nlocation='l'",
  });
  await drop(page, 'x.csv', 'a,b\n2026-01-01,5\n');
  await expect(page.getByTestId('preview')).toContainText('"sensor_id":"s","value":5,"unit":"u"');
  // Of the next one nothing is known again.
  await drop(page, 'y.csv', 'date,flow\n2026-01-01,5\n');
  await expect(page.getByTestId('preview')).toContainText('"sensor_id":"y"');
});

test('another delimiter', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await drop(page, 'x.txt', 'a;b,c\n1;2,3\n');
  await unfold(page, 'How it is read');
  await control(page, 'Delimiter').selectOption(',');
  await expect(control(page, 'value').getByRole('option', { name: 'a;b' })).toBeAttached();
  await control(page, 'Format').selectOption('jsonl');
  await expect(control(page, 'value')).toBeHidden();
});

test('another encoding', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await fixClock(page);
  // In Windows-1252, and in UTF-16 without anything that tells so.
  const table = 'größe,timestamp,sensor_id,value,unit,location\n1,t,s,5,€,Köln\n';
  const windows = Buffer.from(table.replace('€', '\x80'), 'latin1');
  await drop(page, 'x.csv', windows);
  const preview = page.getByTestId('preview');
  await expect(preview).toContainText(
    'if the input is Windows-1252 or Latin-1, choose Windows-1252 as its encoding',
  );
  await unfold(page, 'How it is read');
  await control(page, 'Encoding').selectOption('Windows-1252');
  await expect(preview).toContainText('"unit":"€","location":"Köln"');
  await expect(preview).toContainText('"größe":"1"');
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('encoding=windows-1252');
  await run(page);
  const { processed } = await results(page);
  expect(Buffer.from(processed, 'latin1').toString()).toContain('"unit":"€","location":"Köln"');

  const utf16 = Buffer.from(table.replace('größe', 'рейка'), 'utf16le');
  await drop(page, 'y.csv', utf16);
  await expect(page.getByTestId('file')).toContainText('y.csv');
  // The encoding was that of the file before.
  await expect(control(page, 'Encoding')).toHaveValue('auto');
  await expect(preview).toContainText('if the input is UTF-16, choose UTF-16LE as its encoding');
  await control(page, 'Encoding').selectOption('UTF-16LE');
  await expect(preview).toContainText('"рейка":"1"');
  await run(page);
  await showEnd(page);
  await expect.poll(() => shown(page, 'processed')).toBe(1);
});

test('looking at a file leaves the results of the last run', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await fixClock(page);
  await run(page);
  await drop(page, 'x.csv', 'date,flow\n2026-01-01,5\n');
  await expect(page.getByTestId('preview')).toContainText('"value":5');
  expect(await results(page)).toEqual(filesOf('reference-run'));
});

test('why records failed, and both ends of a file', async ({ page, servers }) => {
  await open(page, servers.isolated);
  await fixClock(page);
  await run(page);
  const { processed } = filesOf('reference-run');
  const end = page.getByRole('region', { name: 'Last lines of processed_data.jsonl' });
  await expect(end).toHaveText(lines(processed).slice(-3).join('\n'));
  await expect(page.getByText('33 records in between')).toBeVisible();
  const reasons = page.getByTestId('results').getByRole('listitem');
  await expect(reasons).toHaveText([
    /^5 Value out of expected range \(0-1000\) invalid$/,
    /^4 Invalid unit for transformation transformation_error$/,
  ]);
});
