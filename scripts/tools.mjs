// The programs that are installed with cargo: wasm-bindgen, and wasm-pack for tests.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { cacheDir, root } from './lib/paths.mjs';
import { Failure, attempt, run, step, which } from './lib/run.mjs';

const WASM_PACK_VERSION = '0.15.1';

/** The version of wasm-bindgen's program must match the crate in the lock file exactly. */
function lockedWasmBindgen() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  const version = lock.match(/name = "wasm-bindgen"\nversion = "([^"]+)"/)?.[1];
  if (!version) throw new Failure('Cargo.lock names no version of wasm-bindgen.');
  return version;
}

/** @returns {Promise<string>} the folder with wasm-bindgen and wasm-bindgen-test-runner */
export function ensureWasmBindgen() {
  return ensureCargoTool('wasm-bindgen-cli', lockedWasmBindgen(), [
    'wasm-bindgen',
    'wasm-bindgen-test-runner',
  ]);
}

/** @returns {Promise<string>} the folder with wasm-pack */
export function ensureWasmPack() {
  return ensureCargoTool('wasm-pack', WASM_PACK_VERSION, ['wasm-pack']);
}

/**
 * Finds programs of exactly this version on PATH or in the cache, or else compiles them into the
 * cache.
 * @param {string} crate
 * @param {string} version
 * @param {string[]} programs that it contains
 */
async function ensureCargoTool(crate, version, programs) {
  const onPath = which(programs[0]);
  if (onPath) {
    const folder = dirname(onPath);
    const complete = programs.every((program) => which(program));
    const said = await attempt(onPath, ['--version']);
    if (complete && said?.split(' ')[1] === version) return folder;
  }

  const folder = join(cacheDir, 'tools', `${crate}-${version}`);
  const bin = join(folder, 'bin');
  const extension = process.platform === 'win32' ? '.exe' : '';
  if (programs.every((program) => existsSync(join(bin, program + extension)))) return bin;

  await step(`${crate} ${version}: compiling it, once (usually 1 to 2 minutes)`, async () => {
    try {
      // Without --locked: the versions in the crate's own lock file may not be available.
      await run('cargo', ['install', crate, '--version', version, '--root', folder, '--force'], {
        // They do little work, and compiling them without optimisation takes less than half the
        // time.
        env: { ...process.env, CARGO_PROFILE_RELEASE_OPT_LEVEL: '0' },
      });
    } catch (error) {
      throw new Failure(
        `${crate} ${version} could not be installed with cargo; this needs access to crates.io and a C linker.`,
        error instanceof Failure ? error.output : '',
      );
    }
  });
  return bin;
}
