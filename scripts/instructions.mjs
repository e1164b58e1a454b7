// Counts the instructions per record, in the pipeline and in the loop of `clearpipe bench`. Unlike
// times, they are reproducible to within a fraction of a per cent, however busy the machine is.
//
//     node scripts/instructions.mjs [NAME …]      (default: loop generated one-by-one jsonl csv)
//
// Each is run at two sizes under Valgrind's callgrind, on one thread. The result is the difference,
// so that the start of the program does not count.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { targetDir } from './lib/paths.mjs';
import { Failure, run, runAsScript, say, step, which } from './lib/run.mjs';

/** The numbers of records of the two runs. */
const SIZES = /** @type {const} */ ([50_000, 150_000]);

/** The name of the loop in the program: only this part of `clearpipe bench` is counted. */
const LOOP = 'clearpipe_core::baseline::Part::lines';

/** `bench` warms up with a tenth of the records. */
const WARM_UP = 0.1;

/** A copy by a single instruction (`rep movsb`) would be counted as one instruction per byte. */
const TUNABLES =
  'glibc.cpu.x86_rep_movsb_threshold=1000000000:glibc.cpu.x86_rep_stosb_threshold=1000000000';

const FIELDS = ['id', 'timestamp', 'sensor_id', 'value', 'unit', 'location', 'status'];

/**
 * A workload: the arguments for a number of records, and the number that they result in.
 * @typedef {object} Work
 * @property {string} about
 * @property {(records: number, folder: string) => string[]} args
 * @property {string[]} [counted] arguments of callgrind
 * @property {number} [times] how many records are processed for each requested one
 */

/** @type {Record<string, Work>} */
const WORKS = {
  loop: {
    about: 'the loop of `clearpipe bench`, without channels',
    args: (records) => ['bench', 'textbook', '-q', '-r1', '--threads=1', `-n${records}`],
    counted: [`--toggle-collect=${LOOP}`],
    times: 1 + WARM_UP,
  },
  generated: {
    about: 'generated records through the pipeline',
    args: (records) => pipeline(`-n${records}`),
  },
  'one-by-one': {
    about: 'generated records, each an item of its own',
    args: (records) => pipeline('--batch=1', `-n${records}`),
  },
  jsonl: {
    about: 'JSON Lines through the pipeline',
    args: (records, folder) => pipeline('-i', write(folder, 'jsonl', records, json)),
  },
  csv: {
    about: 'CSV through the pipeline',
    args: (records, folder) => pipeline('-i', write(folder, 'csv', records, row, FIELDS.join())),
  },
};

/** @param {string[]} source */
function pipeline(...source) {
  const nowhere = ['--processed=/dev/null', '--failed=/dev/null'];
  const clock = '--clock=fixed:2026-01-01T00:00:00Z';
  return ['run', '-q', '--runtime=local', clock, ...nowhere, ...source];
}

/**
 * Returns the fields of a record: one in ten values is out of range, one in eleven units is
 * invalid.
 * @param {number} number
 */
function record(number) {
  const value = ((number * 7919) % 100_000) / (10 ** ((number % 3) + 1) * 10);
  const unit = ['celsius', 'percent', 'pascal'][Math.trunc(number / 7) % 3];
  return [
    `rec-${String(number).padStart(7, '0')}`,
    `2026-01-01T00:00:${String(number % 60).padStart(2, '0')}.000000Z`,
    `sensor-${(number % 5) + 1}`,
    number % 10 === 0 ? -1.5 : value,
    number % 11 === 0 ? 'INVALID_UNIT' : unit,
    ['North', 'South', 'East', 'West', 'Center'][number % 5],
    'raw',
  ];
}

/** @param {number} number */
function json(number) {
  const values = record(number);
  return JSON.stringify(Object.fromEntries(FIELDS.map((field, at) => [field, values[at]])));
}

/** @param {number} number */
function row(number) {
  return record(number).join();
}

/**
 * Writes an input and returns its path.
 * @param {string} folder
 * @param {string} extension
 * @param {number} records
 * @param {(number: number) => string} line
 * @param {string} [header]
 */
function write(folder, extension, records, line, header) {
  const path = join(folder, `input.${extension}`);
  const lines = Array.from({ length: records }, (_, number) => line(number));
  writeFileSync(path, [...(header ? [header] : []), ...lines, ''].join('\n'));
  return path;
}

/**
 * Counts the instructions of one run.
 * @param {string} folder
 * @param {Work} work
 * @param {number} records
 */
async function count(folder, work, records) {
  const out = join(folder, 'callgrind.out');
  const callgrind = ['--tool=callgrind', `--callgrind-out-file=${out}`, ...(work.counted ?? [])];
  const program = [join(targetDir, 'release/clearpipe'), ...work.args(records, folder)];
  const env = { ...process.env, GLIBC_TUNABLES: TUNABLES };
  const output = await run('valgrind', [...callgrind, ...program], { env });
  const found = /Collected : (\d+)/.exec(output);
  // Nothing was counted: the loop has another name, or the program is stripped of symbols.
  if (!found || Number(found[1]) === 0) throw new Failure(`${LOOP} was not found.`, output);
  return Number(found[1]);
}

function checkValgrind() {
  if (which('valgrind')) return;
  throw new Failure(
    'Counting instructions needs Valgrind, which is not on PATH. Install it with ' +
      '`sudo apt install valgrind` (Debian, Ubuntu), `sudo dnf install valgrind` (Fedora) or ' +
      '`sudo pacman -S valgrind` (Arch); it does not run on Windows, nor on current Macs.',
  );
}

async function main() {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in WORKS));
  if (unknown)
    throw new Failure(`There is no ${unknown}; there are ${Object.keys(WORKS).join(', ')}.`);
  checkValgrind();
  await step('build', () => run('cargo', ['build', '--release', '--package=clearpipe']));
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-instructions-'));
  try {
    /** @type {string[]} */
    const lines = [];
    for (const [name, work] of Object.entries(WORKS)) {
      if (names.length > 0 && !names.includes(name)) continue;
      await step(name, async () => {
        const few = await count(folder, work, SIZES[0]);
        const many = await count(folder, work, SIZES[1]);
        const each = (many - few) / ((SIZES[1] - SIZES[0]) * (work.times ?? 1));
        lines.push(`${work.about.padEnd(50)}${Math.round(each).toLocaleString('en').padStart(7)}`);
      });
    }
    say(`\n${'instructions a record'.padStart(57)}\n${lines.join('\n')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runAsScript(import.meta.url, main);
