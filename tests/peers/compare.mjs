// Compares Clearpipe with the tools that one would otherwise take for the same work: a file is read, each record is
// checked and transformed, and written to one of two files.
//
//     cargo build --release && node tests/peers/compare.mjs [OPTION …]
//
//     --records N       of each file (default 2,000,000)
//     --rounds N        in which all are measured in turn; the median is shown (default 3)
//     --works LIST      of jsonl, csv, odd (other orders, unknown fields, escapes), generated (default all)
//     --peers LIST      parts of names, Clearpipe always (default all)
//     --dir FOLDER      for the files, which are removed at the end (default target/peers)
//     --install         installs what is missing: Python modules into an environment of their own, programs by apt-get
//     --json FILE       writes all figures
//     --write           writes the tables into docs/benchmarks.md, and that of JSON Lines into the README
//
// First each tool does its work on a few records, and what it wrote is looked into: one that does other work is not
// measured. How fast a machine is, is no test: it prints figures and judges nothing.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, cpus, release, type } from 'node:os';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../scripts/lib/paths.mjs';
import { Failure, runAsScript, say } from '../../scripts/lib/run.mjs';
import { goPrograms, peers, pythonIn } from './peers.mjs';
import { writeRecords } from './records.mjs';

/** @typedef {import('./peers.mjs').Peer} Peer @typedef {import('./peers.mjs').Work} Work */
/** @typedef {{ seconds: number, cpu: number, kib: number }} Took */
/** @typedef {{ work: Work, name: string, records: number, took: Took[], perSecond: number, lowest: number, highest: number, cpu: number, mib: number, times: number }} Line */

/** @type {Record<Work, string>} */
const TITLES = {
  jsonl: 'JSON Lines',
  csv: 'CSV',
  odd: 'Odd JSON Lines (other orders, spaces, escapes, unknown fields)',
  generated: 'Generated records',
};

/** Records with which it is seen that all do the same. */
const FEW = 2_000;

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/** @param {string} line */
function shell(line) {
  const { status, stdout } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().split('\n')[0] : null;
}

/** What of a tool's needs is not here. @param {Peer} peer @param {string} python */
function missing(peer, python) {
  return peer.needs.filter((need) =>
    need.startsWith('python:')
      ? shell(`'${python}' -c 'import ${need.slice(7)}'`) === null
      : shell(`command -v ${need}`) === null,
  );
}

/** @param {string} folder where the environment is made */
function install(folder) {
  say('Installing what is missing.');
  const venv = join(folder, 'venv');
  if (!existsSync(venv)) execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
  const modules = ['duckdb', 'polars', 'orjson'];
  // Not its `pip`, which knows only the folder that it was made in, however the project is moved.
  const pip = ['-m', 'pip', 'install', '--quiet', ...modules];
  execFileSync(join(venv, 'bin/python'), pip, { stdio: 'inherit' });
  const packages = { mlr: 'miller', go: 'golang-go', jq: 'jq' };
  const wanted = Object.entries(packages).filter(([name]) => shell(`command -v ${name}`) === null);
  if (wanted.length > 0) {
    const names = wanted.map(([, name]) => name);
    const { status } = spawnSync('apt-get', ['install', '-y', '-qq', ...names], {
      stdio: 'ignore',
    });
    if (status !== 0)
      say(`apt-get can't install ${names.join(', ')} here: those tools are left out.`);
  }
}

/** @param {string} path the number of lines of a file */
function countLines(path) {
  const [file, buffer] = [openSync(path, 'r'), Buffer.alloc(1 << 20)];
  let lines = 0;
  for (let size; (size = readSync(file, buffer)) > 0;) {
    for (let at = -1; (at = buffer.indexOf(10, at + 1)) >= 0 && at < size;) lines += 1;
  }
  closeSync(file);
  return lines;
}

/** @param {string} python @param {string[]} command @returns {Took} */
export function measure(python, command) {
  const text = execFileSync(python, [here('measure.py'), ...command], { encoding: 'utf8' });
  const { status, ...took } = JSON.parse(text);
  if (status !== 0) throw new Failure(`it ended with status ${status}: ${command.join(' ')}`);
  return took;
}

/** What a tool wrote. @param {string} python @param {{ processed: string, failed: string }} files */
export function written(python, { processed, failed }) {
  return JSON.parse(
    execFileSync(python, [here('check.py'), processed, failed], {
      encoding: 'utf8',
      stdio: 'pipe',
    }),
  );
}

/**
 * What some work gives, or in a word why it does not.
 * @param {() => object} work
 * @returns {object | string}
 */
function attempt(work) {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
  }
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** @param {number} rate */
function rate(rate) {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} M` : `${Math.round(rate / 1e3)} k`;
}

/** The columns of a table, as text. @param {Line} line */
function cells({ name, perSecond, lowest, highest, times, cpu, mib }) {
  const beside =
    times === 1
      ? ''
      : times < 1
        ? `${(1 / times).toFixed(2)} ×`
        : `1/${times.toFixed(times < 10 ? 1 : 0)}`;
  const spread = `${rate(lowest)} – ${rate(highest)}`;
  return [name, rate(perSecond), spread, beside, `${cpu.toFixed(2)} s`, `${Math.round(mib)} MiB`];
}

const COLUMNS = [
  '',
  'records/s',
  'lowest – highest',
  'of Clearpipe',
  'CPU for a million',
  'memory',
];

/** @param {Line[]} lines */
function table(lines) {
  const rows = [COLUMNS, ...lines.map(cells)];
  const widths = COLUMNS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (/** @type {string} */ text, /** @type {number} */ column) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(pad).join('  ')}`).join('\n');
}

/** The table of one kind of work. @param {Line[]} lines @param {Work} work */
function markdownTable(lines, work) {
  const rows = [COLUMNS, COLUMNS.map((_, column) => (column === 0 ? ':--' : '--:'))];
  const body = lines.filter((line) => line.work === work).map(cells);
  return [...rows, ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Replaces what is between the markers. @param {string} file @param {string[]} parts */
function writeInto(file, parts) {
  const path = join(root, file);
  const [begin, end] = ['<!-- peers -->', '<!-- /peers -->'];
  const old = readFileSync(path, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from)
    throw new Failure(`${file} has no place for the tables: ${begin} … ${end}`);
  const text = parts.join('\n\n');
  writeFileSync(path, `${old.slice(0, from + begin.length)}\n\n${text}\n\n${old.slice(to)}`);
}

/** @param {Line[]} lines @param {string} about */
function writeDocuments(lines, about) {
  const works = [...new Set(lines.map(({ work }) => work))];
  const tables = works.map((work) => `### ${TITLES[work]}\n\n${markdownTable(lines, work)}`);
  writeInto('docs/benchmarks.md', [...tables, about]);
  if (works.includes('jsonl')) writeInto('README.md', [markdownTable(lines, 'jsonl'), about]);
}

await runAsScript(import.meta.url, async () => {
  const { values: options } = parseArgs({
    options: {
      records: { type: 'string', default: '2000000' },
      rounds: { type: 'string', default: '3' },
      works: { type: 'string', default: 'jsonl,csv,odd,generated' },
      peers: { type: 'string', default: '' },
      dir: { type: 'string', default: join(root, 'target/peers') },
      clearpipe: { type: 'string', default: join(root, 'target/release/clearpipe') },
      json: { type: 'string' },
      install: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const [records, rounds] = [Number(options.records), Number(options.rounds)];
  const folder = join(root, 'target/peers');
  const files = resolve(options.dir, 'files');
  for (const path of [folder, files]) mkdirSync(path, { recursive: true });
  if (!existsSync(options.clearpipe)) throw new Failure('First: cargo build --release');
  if (options.install) install(folder);
  const python = pythonIn(folder) ?? shell('command -v python3');
  if (!python) throw new Failure('Python 3 is needed to measure.');
  const wanted = options.peers.split(',').filter(Boolean);
  const all = peers({ clearpipe: options.clearpipe, python, folder }).filter(
    ({ name }) =>
      name.startsWith('Clearpipe') ||
      wanted.length === 0 ||
      wanted.some((part) => name.includes(part)),
  );
  const there = all.filter((peer) => {
    const needs = missing(peer, python).map((need) =>
      need.replace('python:', 'the Python module '),
    );
    if (needs.length > 0)
      say(`${peer.name} is left out: it needs ${needs.join(', ')} (--install).`);
    return needs.length === 0;
  });
  if (there.some(({ needs }) => needs.includes('go'))) {
    for (const { name, source } of goPrograms) {
      execFileSync('go', ['build', '-o', join(folder, name), source], { stdio: 'inherit' });
    }
  }
  const output = { processed: join(files, 'processed.jsonl'), failed: join(files, 'failed.jsonl') };
  /** @type {Line[]} */
  const lines = [];
  try {
    for (const work of /** @type {Work[]} */ (options.works.split(','))) {
      const input = (/** @type {number} */ count) =>
        join(files, `${count}.${work === 'csv' ? 'csv' : 'jsonl'}`);
      if (work !== 'generated') {
        for (const count of [FEW, records]) await writeRecords(work, count, input(count));
      }
      const of = (/** @type {number} */ count) => ({
        ...output,
        input: work === 'generated' ? '' : input(count),
        records: count,
      });
      // The two generators have random numbers of their own: what doesn't depend on them has to agree.
      const comparable = () => {
        const { anomalies, values, scores, ...others } = written(python, output);
        return work === 'generated' ? others : { anomalies, values, scores, ...others };
      };
      /** @type {object | string | null} */
      let expected = null;
      const agreeing = there.filter((peer) => {
        if (!peer.works.includes(work)) return false;
        const did = attempt(() => {
          measure(python, peer.command(of(FEW)));
          return comparable();
        });
        expected ??= did;
        const agrees = isDeepStrictEqual(did, expected);
        if (!agrees) say(`${peer.name} is left out, it did other work: ${JSON.stringify(did)}`);
        return agrees;
      });
      /** @type {Map<Peer, Took[]>} */
      const took = new Map(agreeing.map((peer) => [peer, []]));
      let counts = '';
      for (let round = 0; round < rounds; round += 1) {
        for (const [peer, times] of took) {
          for (const path of Object.values(output)) rmSync(path, { force: true });
          times.push(measure(python, peer.command(of(records))));
          const counted = Object.values(output).map(countLines).join(' and ');
          counts ||= counted;
          if (counted !== counts)
            throw new Failure(`${peer.name} wrote ${counted} lines instead of ${counts}`);
        }
      }
      const first = median(
        (took.get(/** @type {Peer} */ (agreeing[0])) ?? []).map(({ seconds }) => seconds),
      );
      const done = [...took].map(([peer, times]) => {
        const rates = times.map(({ seconds }) => records / seconds);
        const perSecond = median(rates);
        return {
          ...{ work, name: peer.name, records, took: times, perSecond },
          ...{ lowest: Math.min(...rates), highest: Math.max(...rates) },
          cpu: (median(times.map(({ cpu }) => cpu)) / records) * 1e6,
          mib: Math.max(...times.map(({ kib }) => kib)) / 1024,
          times: records / first / perSecond,
        };
      });
      lines.push(...done);
      say(
        `\n${TITLES[work]}: ${records.toLocaleString('en')} records, the median of ${rounds}\n${table(done)}`,
      );
    }
  } finally {
    rmSync(files, { recursive: true, force: true });
  }
  const versions = there.flatMap(({ name, version }) => {
    const said = version && shell(version);
    const number = said?.match(/\d+(\.\d+)+/)?.[0];
    return number ? [`${name.split(',')[0]} ${number}`] : [];
  });
  const about = [
    `Measured on ${new Date().toLocaleDateString('en-GB', { dateStyle: 'long' })}:`,
    `${records.toLocaleString('en')} records each, the median of ${rounds} rounds in which all were measured in turn, on`,
    `${availableParallelism()} cores (${cpus()[0]?.model}, ${type()} ${release().split('-')[0]}).`,
    `${[...new Set(versions)].join(', ')}.`,
    'To repeat it: `node tests/peers/compare.mjs --install`.',
  ];
  say(`\n${about.join(' ')}`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ about, lines }, null, 2)}\n`);
  if (options.write) writeDocuments(lines, about.join(' '));
});
