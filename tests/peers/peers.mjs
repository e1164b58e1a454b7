// The other tools: what each needs, and how it is called. Each program is written as somebody who knows the tool would
// write it for speed; all do the same work, by the rules that are Clearpipe's defaults.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {'jsonl' | 'csv' | 'odd' | 'generated'} Work
 * @typedef {{ input: string, records: number, processed: string, failed: string }} Files
 * @typedef {object} Peer
 * @property {string} name
 * @property {Work[]} works what it is measured with
 * @property {string[]} needs commands and Python modules (`python:name`)
 * @property {(files: Files) => string[]} command
 * @property {string} [version] how to ask for it, in a shell
 */

const programs = fileURLToPath(new URL('programs/', import.meta.url));
const program = (/** @type {string} */ name) => join(programs, name);

/**
 * All tools, Clearpipe first.
 * @param {{ clearpipe: string, python: string, folder: string }} places
 * @returns {Peer[]}
 */
export function peers({ clearpipe, python, folder }) {
  /** @param {string[]} options @returns {(files: Files) => string[]} */
  const run =
    (...options) =>
    ({ input, records, processed, failed }) => [
      ...[clearpipe, 'run', '--quiet', '--clock', 'fixed:2026-01-01T00:00:00Z', ...options],
      ...(input ? ['--input', input] : ['--records', String(records)]),
      ...['--processed', processed, '--failed', failed],
    ];
  /** @param {string} name @param {string[]} options @returns {(files: Files) => string[]} */
  const script =
    (name, ...options) =>
    ({ input, processed, failed }) => [python, program(name), ...options, input, processed, failed];
  /** @param {(files: Files) => string} line @returns {(files: Files) => string[]} */
  const shell = (line) => (files) => ['sh', '-c', line(files)];
  /** @param {string} tool @returns {(files: Files) => string} */
  const jq =
    (tool) =>
    ({ input, processed, failed }) =>
      // It can't write two files; two at once are the quickest way.
      [
        `${tool} -c -f '${program('processed.jq')}' '${input}' > '${processed}' &`,
        `${tool} -c -f '${program('failed.jq')}' '${input}' > '${failed}'; wait`,
      ].join(' ');
  /** @param {string[]} options @returns {(files: Files) => string[]} */
  const reference =
    (...options) =>
    ({ records, processed, failed }) => [
      ...[join(folder, 'reference'), String(records), processed, failed],
      ...options,
    ];
  return [
    {
      name: 'Clearpipe',
      works: ['jsonl', 'csv', 'odd', 'generated'],
      needs: [],
      command: run('--threads', '2'),
      version: `'${clearpipe}' --version`,
    },
    {
      name: 'Clearpipe, 1 thread',
      works: ['jsonl', 'csv', 'odd', 'generated'],
      needs: [],
      command: run('--threads', '1'),
    },
    {
      name: 'Clearpipe, one by one',
      works: ['generated'],
      needs: [],
      command: run('--threads', '2', '--batch', '1', '--buffer', '100'),
    },
    {
      name: 'DuckDB',
      works: ['jsonl', 'csv', 'odd'],
      needs: ['python:duckdb'],
      command: script('split_duckdb.py'),
      version: `'${python}' -c 'import duckdb; print(duckdb.__version__)'`,
    },
    {
      name: 'Polars',
      works: ['jsonl', 'csv', 'odd'],
      needs: ['python:polars'],
      command: script('split_polars.py'),
      version: `'${python}' -c 'import polars; print(polars.__version__)'`,
    },
    {
      name: 'Python, orjson',
      works: ['jsonl', 'odd'],
      needs: ['python:orjson'],
      command: script('split_json.py', 'orjson'),
      version: `'${python}' -c 'import orjson; print(orjson.__version__)'`,
    },
    {
      name: 'Python, json',
      works: ['jsonl', 'odd'],
      needs: [],
      command: script('split_json.py', 'json'),
      version: `'${python}' --version`,
    },
    {
      name: 'Go, encoding/json',
      works: ['jsonl', 'odd'],
      needs: ['go'],
      command: ({ input, processed, failed }) => [join(folder, 'split'), input, processed, failed],
      version: 'go version',
    },
    {
      name: 'Go, the reference program',
      works: ['generated'],
      needs: ['go'],
      command: reference(),
    },
    {
      name: 'Go, the same with buffered files',
      works: ['generated'],
      needs: ['go'],
      command: reference('buffered'),
    },
    {
      name: 'Miller',
      works: ['jsonl', 'csv', 'odd'],
      needs: ['mlr'],
      command: shell(
        ({ input, processed, failed }) =>
          `PROCESSED='${processed}' FAILED='${failed}' mlr ${input.endsWith('.csv') ? '--icsv' : '--ijsonl'} ` +
          `--ojsonl put -q -f '${program('split.mlr')}' '${input}'`,
      ),
      version: 'mlr --version',
    },
    {
      name: 'jaq',
      works: ['jsonl', 'odd'],
      needs: ['jaq'],
      command: shell(jq('jaq')),
      version: 'jaq --version',
    },
    {
      name: 'jq',
      works: ['jsonl', 'odd'],
      needs: ['jq'],
      command: shell(jq('jq')),
      version: 'jq --version',
    },
  ];
}

/** The Go programs, which are compiled first. */
export const goPrograms = ['split', 'reference'].map((name) => ({
  name,
  source: program(`${name}/main.go`),
}));

/** The Python of the environment that the modules are installed into, if there is one already. */
export function pythonIn(/** @type {string} */ folder) {
  const python = join(folder, 'venv/bin/python');
  return existsSync(python) ? python : null;
}
