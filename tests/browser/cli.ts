// The native program, for comparison.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Results } from './steps';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What `clearpipe run` with these arguments writes; each character is a byte. */
export async function runNatively(args: string[]): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-browser-test-'));
  try {
    const command = ['run', '--quiet', '--package=clearpipe', '--', 'run', '--quiet'];
    await promisify(execFile)('cargo', [...command, '--out-dir', folder, ...args], { cwd: root });
    const read = (name: string) => readFileSync(join(folder, name), 'latin1');
    return { processed: read('processed_data.jsonl'), failed: read('failed_data.jsonl') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
