// Several files in one run: in their order, each with its own header; positions name them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceRun } from '../../web/settings/settings';
import { runNatively } from './cli';
import { expect, test } from './page';
import { FIXED_TIME, button, control, fixClock, lines, open, results, run } from './steps';

const REST = '2026-01-01T00:00:00Z,s,5,u,l';
const FILES = {
  'b.csv': `id,timestamp,sensor_id,value,unit,location\nb1,${REST}\nb2,2026-01-01T00:00:00Z,s,x,u,l\n`,
  'a.csv': `location,unit,value,sensor_id,timestamp,id\nl,u,6,s,2026-01-01T00:00:00Z,a1\n`,
  'c.jsonl':
    '{"id":"c1","timestamp":"t","sensor_id":"s","value":7,"unit":"u","location":"l"}\nnot JSON\n',
};

test('are chosen together, shown in their order, tried and run as natively', async ({
  page,
  servers,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-browser-test-'));
  try {
    const paths = Object.entries(FILES).map(([name, content]) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    });
    await open(page, servers.isolated);
    await fixClock(page);
    await control(page, 'A file of yours').check();
    await control(page, 'File').setInputFiles(paths);
    const list = page.getByTestId('files').getByRole('listitem');
    await expect(list).toHaveText([/^b\.csv/, /^a\.csv/, /^c\.jsonl/]);
    const preview = page.getByTestId('preview');
    await expect(preview).toContainText('The first records of b.csv, tried');
    await expect(preview).toContainText('"id":"b1"');
    await button(page, 'c.jsonl').click();
    await expect(preview).toContainText('The first records of c.jsonl, tried');
    await expect(preview).toContainText('"id":"c1"');

    await run(page);
    const found = await results(page);
    const inputs = paths.flatMap((path) => ['--input', path]);
    const native = await runNatively([...inputs, '--clock', `fixed:${FIXED_TIME}`]);
    expect(found.processed).toBe(native.processed);
    // The command names files as it was given them.
    expect(found.failed).toBe(native.failed.replaceAll(`${folder}/`, ''));
    expect(lines(found.processed)).toHaveLength(3);
    expect(lines(found.failed)).toHaveLength(2);
    expect(found.failed).toContain('"file":"c.jsonl"');

    await button(page, 'Remove a.csv').click();
    await expect(list).toHaveText([/^b\.csv/, /^c\.jsonl/]);
    await run(page);
    expect(lines((await results(page)).processed)).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('are dropped together; what can’t be read is named, and the others are taken', async ({
  page,
  servers,
}) => {
  await open(page, servers.isolated, { ...referenceRun(), clock: 'fixed' });
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, content] of Object.entries(files)) {
      transfer.items.add(new File([content], name));
    }
    transfer.items.add(new File([''], 'empty.csv'));
    return transfer;
  }, FILES);
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await expect(page.getByTestId('files').getByRole('listitem')).toHaveText([
    /^b\.csv/,
    /^a\.csv/,
    /^c\.jsonl/,
  ]);
  await expect(page.getByText('empty.csv is empty')).toBeVisible();
  await run(page);
  expect(lines((await results(page)).processed)).toHaveLength(3);
});
