// Tests the stages in Go, which the page shows beside those in Rust: their form, what `go vet` finds, and the cases.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './lib/paths.mjs';
import { Failure, run, runAsScript, say } from './lib/run.mjs';

const folder = join(root, 'web/code/go');

/** No network: it needs nothing but the standard library, whichever version of Go there is. */
const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', GOWORK: 'off' };

/** Whether Go is installed. */
function hasGo() {
  return spawnSync('go', ['version'], { env }).status === 0;
}

/** Runs all that there is to test, or says that Go is missing. */
export async function testGo() {
  if (!hasGo()) {
    say('  LEFT OUT: go is not installed, so the stages in Go have been skipped');
    return;
  }
  const options = { cwd: folder, env };
  const unformatted = (await run('gofmt', ['-l', '.'], options)).trim();
  if (unformatted !== '') {
    throw new Failure(
      `gofmt would format these files in web/code/go otherwise: ${unformatted.split('\n').join(', ')}.`,
    );
  }
  await run('go', ['vet', './...'], options);
  // Not from a cache: a case is not a source file.
  await run('go', ['test', '-count=1', './...'], options);
}

await runAsScript(import.meta.url, testGo);
