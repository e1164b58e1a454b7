// The cases under tests/cases, as tests/cases/README.md describes them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hint } from '../../web/engine/generated/Hint';
import type { PartialConfig } from '../../web/engine/partial';

const ROOT = fileURLToPath(new URL('../cases/', import.meta.url));

interface Description {
  about: string;
  config?: PartialConfig;
  /** The names of their files, or names that a file can’t have on every system. */
  inputs?: (string | { file: string; name: string })[];
  large?: boolean;
  skip?: Partial<Record<string, string>>;
  known_failures?: Partial<Record<string, string>>;
}

export interface Case {
  name: string;
  config: PartialConfig;
  inputs: { name: string; bytes: Buffer }[];
  large: boolean;
  /** Why it can't be run in a browser, if so. */
  skip: string | undefined;
  /** Why it is known to fail there, if so. */
  knownFailure: string | undefined;
  expected: Expected;
}

/** Texts, so that a difference can be read; each character is a byte. */
export type Expected =
  | { problems: string[]; hints: (Hint | null)[] }
  | { metrics: unknown; processed: string; failed: string }
  | { metrics: unknown; sha256: { processed: string; failed: string } };

export function readCases(): Case[] {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => readCase(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is expected of a case that has both files. */
export function filesOf(name: string): { processed: string; failed: string } {
  const { expected } = readCase(name);
  if (!('processed' in expected)) throw new Error(`the case ${name} has no files`);
  return { processed: expected.processed, failed: expected.failed };
}

export function inputOf(name: string): Buffer {
  const input = readCase(name).inputs.at(0);
  if (!input) throw new Error(`the case ${name} has no input`);
  return input.bytes;
}

function readCase(name: string): Case {
  const folder = join(ROOT, name);
  const read = (file: string) => readFileSync(join(folder, file));
  const json = (file: string) => JSON.parse(read(file).toString()) as unknown;

  const description = json('case.json') as Description;
  const config = description.config ?? {};
  const single = readdirSync(folder).filter((file) => file.startsWith('input.'));
  const inputs = (description.inputs ?? single)
    .map((input) => (typeof input === 'string' ? { file: input, name: input } : input))
    .map(({ file, name }) => ({ name, bytes: read(file) }));

  let expected: Expected;
  if (existsSync(join(folder, 'error.txt'))) {
    const problems = problemsIn(read('error.txt').toString());
    const hints = existsSync(join(folder, 'hints.json'))
      ? (json('hints.json') as (Hint | null)[])
      : problems.map(() => null);
    expected = { problems, hints };
  } else {
    const metrics = json('metrics.json');
    expected = existsSync(join(folder, 'sha256.json'))
      ? { metrics, sha256: json('sha256.json') as { processed: string; failed: string } }
      : {
          metrics,
          processed: read('processed.jsonl').toString('latin1'),
          failed: read('failed.jsonl').toString('latin1'),
        };
  }
  return {
    name,
    config,
    inputs,
    large: description.large ?? false,
    // Skipped there as well if neither of the browser's runtimes can have it.
    skip: description.skip?.browser,
    knownFailure: description.known_failures?.browser,
    expected,
  };
}

/** The problems in an error's message: one sentence, or a list. */
function problemsIn(message: string): string[] {
  const [first = '', ...rest] = message.trimEnd().split('\n');
  return rest.length === 0 ? [first] : rest.map((line) => line.replace(/^ {2}- /, ''));
}
