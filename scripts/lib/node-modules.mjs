// Installs the npm packages with `npm ci`, but only if they are missing or older than the lock
// file.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './paths.mjs';
import { Failure, run, step } from './run.mjs';

/** @param {string} path */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
}

export async function ensureNodeModules() {
  const installed = modified('node_modules/.package-lock.json');
  const locked = modified('package-lock.json');
  if (installed !== undefined && locked !== undefined && installed >= locked) return;

  await step('npm packages: installing (usually under a minute)', async () => {
    try {
      // npm passes its own path to its scripts; otherwise it is on PATH.
      const npm = process.env.npm_execpath;
      if (npm?.endsWith('.js')) await run(process.execPath, [npm, 'ci']);
      else await run('npm', ['ci']);
    } catch (error) {
      const output = error instanceof Failure ? error.output : '';
      throw new Failure(
        'The npm packages could not be installed: this needs access to the npm registry.',
        output,
      );
    }
  });
}
