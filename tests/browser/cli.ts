// The native program, for comparison.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { command } from '../../scripts/lib/command.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import type { Results } from './steps';

export { buildCommand as buildNatively } from '../../scripts/lib/command.mjs';

/** What `clearpipe` with these arguments prints. */
export async function printedNatively(args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd: root });
  return stdout;
}

/** What `clearpipe run` with these arguments writes; each character is a byte. */
export async function runNatively(args: string[]): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-browser-test-'));
  try {
    await printedNatively(['run', '--quiet', '--out-dir', folder, ...args]);
    const read = (name: string) => readFileSync(join(folder, name), 'latin1');
    return { processed: read('processed_data.jsonl'), failed: read('failed_data.jsonl') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
