// Tests the stages in Go, which the page shows beside those in Rust: their form, what `go vet` finds, and the cases.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './lib/paths.mjs';
import { Failure, run, runAsScript, say } from './lib/run.mjs';

const folder = join(root, 'web/code/go');

/** No network: it needs nothing but the standard library, whichever version of Go there is. */
const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', GOWORK: 'off' };

/** The language version that go.mod asks for. */
const NEEDED = [1, 22];

/** Why the program can't be tested here; null if it can. */
function obstacle() {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { env, encoding: 'utf8' });
  if (status !== 0) return 'go is not installed';
  const [, ...found] = /^go(\d+)\.(\d+)/.exec(stdout) ?? [];
  const [major = 0, minor = 0] = found.map(Number);
  const isOld = major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
  // A version under development has no number.
  return found.length > 0 && isOld ? `${stdout.trim()} is older than go${NEEDED.join('.')}` : null;
}

/** Runs all that there is to test, or says that Go is missing. */
export async function testGo() {
  const why = obstacle();
  if (why !== null) {
    say(`  LEFT OUT: ${why}: skipped`);
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
