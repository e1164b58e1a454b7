// The comparison itself: a tool that does the work is measured, one that does other work is not. Clearpipe's part is
// played by a program that does it with Python, since how it is built does not matter here.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { writeRecords } from './records.mjs';

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
// Programs are started, some of them in Python.
vi.setConfig({ testTimeout: 600_000 });

const folder = mkdtempSync(join(tmpdir(), 'clearpipe-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** @param {string} last what it does when it is done */
function standIn(last) {
  const path = join(folder, 'stand-in');
  const script = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --input) input=$2 ;; --processed) processed=$2 ;; --failed) failed=$2 ;; esac
  shift
done
python3 '${here('programs/split_json.py')}' json "$input" "$processed" "$failed"
${last}
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

/** @param {string} clearpipe */
function compare(clearpipe) {
  const json = join(folder, 'figures.json');
  const options = ['--records', '3000', '--rounds', '2', '--works', 'jsonl,odd', '--peers', 'json'];
  const places = ['--clearpipe', clearpipe, '--dir', folder, '--json', json];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [here('compare.mjs'), ...options, ...places],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return { said: stdout, lines: JSON.parse(readFileSync(json, 'utf8')).lines };
}

describe('the comparison', () => {
  it('measures all that do the work, in turn', () => {
    const { said, lines } = compare(standIn(''));
    expect(said).toMatch(/records\/s +lowest – highest +of Clearpipe +CPU for a million +memory/);
    const names = lines.map(({ work, name }) => `${work}: ${name}`);
    expect(names).toContain('jsonl: Python, json');
    expect(names).toContain('odd: Python, json');
    for (const { took, perSecond, lowest, highest, mib } of lines) {
      expect(took).toHaveLength(2);
      expect([lowest, perSecond, highest]).toEqual(
        [lowest, perSecond, highest].toSorted((a, b) => a - b),
      );
      expect(mib).toBeGreaterThan(1);
    }
  });

  it('leaves out what does other work', () => {
    const { said, lines } = compare(standIn(`sed -i 's/true/false/' "$processed"`));
    expect(said).toMatch(/Python, json is left out, it did other work/);
    expect(lines.map(({ name }) => name)).not.toContain('Python, json');
  });
});

describe('the records', () => {
  it('are a tenth out of range and an eleventh of an invalid unit', async () => {
    const path = join(folder, 'records.jsonl');
    await writeRecords('jsonl', 1100, path);
    const records = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(1100);
    expect(records.filter(({ value }) => value < 0)).toHaveLength(110);
    expect(records.filter(({ unit }) => unit === 'INVALID_UNIT')).toHaveLength(100);
    await writeRecords('odd', 1100, path);
    const odd = readFileSync(path, 'utf8').trim().split('\n');
    const plain = (/** @type {string} */ line) => {
      const record = JSON.parse(line);
      delete record.note;
      delete record.tags;
      return record;
    };
    expect(odd.map(plain)).toEqual(records);
  });
});
