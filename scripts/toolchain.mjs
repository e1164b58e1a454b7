// The Rust toolchain for WebAssembly with threads: a nightly with the source of the standard
// library, because std must be recompiled with atomics. It is linked under one name, however it was
// installed, so that `crates/wasm/rust-toolchain.toml` can name it:
//
// 1. usually: a nightly from rustup, with rust-src and the wasm32 target;
// 2. on Debian, if rustup can't download anything: the distribution's compiler and library source.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import * as debian from './lib/debian.mjs';
import { cacheDir, root } from './lib/paths.mjs';
import { Failure, attempt, run, runAsScript, say, step, which } from './lib/run.mjs';

/** Its name in rustup; crates/wasm/rust-toolchain.toml contains it too. */
export const TOOLCHAIN = 'clearpipe-wasm';

const WASM = 'wasm32-unknown-unknown';
const DEBIAN_PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-clippy'];

/** The oldest Rust that the project compiles with. */
const minimumVersion =
  readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/rust-version = "([\d.]+)"/)?.[1] ?? '0';

/** Returns the environment for commands that use the toolchain. */
export function toolchainEnv() {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, RUSTUP_TOOLCHAIN: TOOLCHAIN };
  // Flags in the environment would replace those of crates/wasm/.cargo/config.toml.
  delete env.RUSTFLAGS;
  delete env.CARGO_ENCODED_RUSTFLAGS;
  delete env.CARGO_BUILD_TARGET;
  return env;
}

/** Returns whether a prebuilt std for WebAssembly without threads is available. */
export async function hasPrebuiltStd() {
  const lib = await attempt('rustc', ['--print', 'target-libdir', '--target', WASM], {
    env: toolchainEnv(),
  });
  // A linked Debian toolchain has the folder, but it is empty.
  return lib !== undefined && existsSync(lib) && readdirSync(lib).length > 0;
}

export async function hasClippy() {
  return (await attempt('cargo', ['clippy', '--version'], { env: toolchainEnv() })) !== undefined;
}

/**
 * Makes sure that Miri is installed, if possible. Returns whether it is.
 * @returns {Promise<boolean>}
 */
export async function ensureMiri() {
  const options = { env: toolchainEnv() };
  const isThere = async () =>
    (await attempt('cargo', ['miri', '--version'], options)) !== undefined;
  if (await isThere()) return true;
  const nightly = process.env.CLEARPIPE_TOOLCHAIN ?? 'nightly';
  const env = { ...process.env, RUSTUP_MAX_RETRIES: '1', RUSTUP_AUTO_INSTALL: '0' };
  const add = ['component', 'add', 'miri', '--toolchain', nightly];
  await attempt('rustup', add, { env, timeout: 300 });
  return isThere();
}

/**
 * Makes sure that the standard library for a target is installed for the compiler of
 * rust-toolchain.toml, if possible. Returns whether it is.
 * @param {string} target
 */
export async function ensureTarget(target) {
  const isThere = async () => {
    const lib = await attempt('rustc', ['--print', 'target-libdir', '--target', target]);
    return lib !== undefined && existsSync(lib) && readdirSync(lib).length > 0;
  };
  if (await isThere()) return true;
  const env = { ...process.env, RUSTUP_MAX_RETRIES: '1' };
  await attempt('rustup', ['target', 'add', target], { env, timeout: 300 });
  return isThere();
}

/** Makes sure that the toolchain is installed. */
export async function ensureToolchain() {
  if (!which('rustup') || !which('cargo')) {
    throw new Failure(
      'Rust is missing: install it with rustup from https://rustup.rs, then run this again.',
    );
  }
  if (await isUsable(TOOLCHAIN)) return;

  const chosen = process.env.CLEARPIPE_TOOLCHAIN;
  if (chosen) {
    if (!(await isUsable(chosen))) {
      throw new Failure(
        `CLEARPIPE_TOOLCHAIN names "${chosen}", which is not a nightly toolchain of Rust ${minimumVersion} or later with the rust-src component.`,
      );
    }
    await link(await sysroot(chosen));
    return;
  }

  if (!(await linkNightly())) await linkDebian();
  if (!(await isUsable(TOOLCHAIN))) {
    throw new Failure(
      `The toolchain "${TOOLCHAIN}" was set up but does not work; see what \`rustc +${TOOLCHAIN} --version\` says.`,
    );
  }
}

/**
 * Returns whether a toolchain meets the requirements.
 * @param {string} name
 */
async function isUsable(name) {
  const env = { ...process.env, RUSTUP_TOOLCHAIN: name, RUSTUP_AUTO_INSTALL: '0' };
  // Only a nightly, or a compiler that acts as one, accepts -Z options.
  const version = await attempt('rustc', ['-Zunstable-options', '--version'], { env });
  if (version === undefined || !atLeastMinimum(version)) return false;
  return existsSync(join(await sysroot(name), 'lib/rustlib/src/rust/library/std/Cargo.toml'));
}

/** @param {string} text with a version in it */
function atLeastMinimum(text) {
  const [major, minor] = text
    .match(/(\d+)\.(\d+)/)
    ?.slice(1)
    .map(Number) ?? [0, 0];
  const [wantedMajor, wantedMinor] = minimumVersion.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** @param {string} name of a toolchain */
async function sysroot(name) {
  const path = await run('rustc', ['--print', 'sysroot'], {
    env: { ...process.env, RUSTUP_TOOLCHAIN: name },
  });
  return path.trim();
}

/** @param {string} folder */
async function link(folder) {
  // Any previous toolchain with this name was only a link as well.
  await attempt('rustup', ['toolchain', 'uninstall', TOOLCHAIN]);
  await run('rustup', ['toolchain', 'link', TOOLCHAIN, folder]);
}

/** Links a nightly from rustup. Returns whether it worked. */
function linkNightly() {
  const name =
    'Rust nightly with the library source: asking rustup (a minute where it has to download)';
  return step(name, async () => {
    if (!(await isUsable('nightly'))) await installNightly();
    if (!(await isUsable('nightly'))) {
      say('  rustup has none and cannot download it');
      return false;
    }
    await link(await sysroot('nightly'));
    return true;
  });
}

/** Tries to install a nightly; the caller checks what is installed afterwards. */
async function installNightly() {
  // Few retries and short timeouts, to fail quickly if nothing can be downloaded.
  const env = { ...process.env, RUSTUP_MAX_RETRIES: '1' };
  const present = await attempt('rustc', ['--version'], {
    env: { ...env, RUSTUP_TOOLCHAIN: 'nightly', RUSTUP_AUTO_INSTALL: '0' },
  });
  if (present === undefined || !atLeastMinimum(present)) {
    const parts = ['--profile', 'minimal', '--component', 'rust-src,clippy', '--target', WASM];
    const install = ['toolchain', 'install', 'nightly', '--no-self-update', ...parts];
    await attempt('rustup', install, { env, timeout: 900 });
    return;
  }
  // Complete the installed nightly rather than replace it with a newer one.
  /** @param {string[]} what */
  const add = (...what) =>
    attempt('rustup', [...what, '--toolchain', 'nightly'], { env, timeout: 300 });
  if ((await add('component', 'add', 'rust-src')) === undefined) return;
  // These two are useful, but not required.
  await add('component', 'add', 'clippy');
  await add('target', 'add', WASM);
}

/** Links Debian's packages, in a custom toolchain folder. */
async function linkDebian() {
  const nightly = `rustup toolchain install nightly --component rust-src,clippy --target ${WASM}`;
  if (!debian.isDebian()) {
    throw new Failure(
      `rustup could not provide a nightly toolchain with the rust-src component; make this command work, then run this again: ${nightly}`,
    );
  }
  if (!(await packagesAre('Installed'))) {
    if (!debian.canInstall()) {
      throw new Failure(
        `rustup could not provide a nightly toolchain with the rust-src component: make "${nightly}" work, or run as root "apt-get install ${DEBIAN_PACKAGES.join(' ')}", then run this again.`,
      );
    }
    const name = "Rust from Debian's packages instead: installing (usually under a minute)";
    await step(name, async () => {
      if (!(await packagesAre('Candidate'))) await debian.update();
      if (!(await packagesAre('Candidate'))) {
        throw new Failure(
          `Neither rustup nor Debian's packages offer a Rust ${minimumVersion} that can build its own standard library; make this command work, then run this again: ${nightly}`,
        );
      }
      await debian.install(DEBIAN_PACKAGES);
    });
  }
  await link(await makeDebianToolchain());
}

/** @param {'Installed' | 'Candidate'} state */
async function packagesAre(state) {
  const versions = await Promise.all(
    DEBIAN_PACKAGES.map((name) => debian.packageVersion(name, state)),
  );
  return versions.every((version) => version !== undefined && atLeastMinimum(version));
}

/** Makes a toolchain folder around Debian's compiler. Returns its path. */
async function makeDebianToolchain() {
  const host = (await run('/usr/bin/rustc', ['-vV'])).match(/^host: (.+)$/m)?.[1] ?? '';
  // Debian's compiler doesn't include a WebAssembly linker; every toolchain from rustup does.
  const lld = await findRustLld(host);
  if (!lld) {
    throw new Failure(
      'No toolchain of rustup has the linker rust-lld; run `rustup toolchain install stable`, then run this again.',
    );
  }

  const folder = join(cacheDir, 'toolchains/debian');
  rmSync(folder, { recursive: true, force: true });
  const rustlib = join(folder, 'lib/rustlib');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  mkdirSync(join(rustlib, host, 'bin'), { recursive: true });
  // Empty, but required: wasm-pack looks for the folder. The library itself comes from build-std.
  mkdirSync(join(rustlib, WASM, 'lib'), { recursive: true });
  symlinkSync('/usr/lib/rustlib/src', join(rustlib, 'src'));
  symlinkSync('/usr/lib/rustlib/etc', join(rustlib, 'etc'));
  symlinkSync(`/usr/lib/rustlib/${host}/lib`, join(rustlib, host, 'lib'));
  symlinkSync(lld, join(rustlib, host, 'bin/rust-lld'));

  // RUSTC_BOOTSTRAP makes a release compiler accept options that normally only a nightly accepts.
  const wrappers = {
    rustc: `exec /usr/bin/rustc --sysroot '${folder}' "$@"`,
    rustdoc: `exec /usr/bin/rustdoc --sysroot '${folder}' "$@"`,
    cargo: 'exec /usr/bin/cargo "$@"',
    'cargo-clippy': `SYSROOT='${folder}' exec /usr/bin/cargo-clippy "$@"`,
    'clippy-driver': `SYSROOT='${folder}' exec /usr/bin/clippy-driver "$@"`,
  };
  for (const [name, command] of Object.entries(wrappers)) {
    const path = join(folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\nexport RUSTC_BOOTSTRAP=1\n${command}\n`);
    chmodSync(path, 0o755);
  }
  return folder;
}

/** @param {string} host */
async function findRustLld(host) {
  const names = (await run('rustup', ['toolchain', 'list']))
    .split('\n')
    .map((line) => line.split(' ')[0]);
  for (const name of names) {
    if (!name || name === TOOLCHAIN) continue;
    const folder = await attempt('rustc', ['--print', 'sysroot'], {
      env: { ...process.env, RUSTUP_TOOLCHAIN: name },
    });
    const path = join(folder ?? '', 'lib/rustlib', host, 'bin/rust-lld');
    if (folder && existsSync(path)) return path;
  }
  return undefined;
}

await runAsScript(import.meta.url, async () => {
  await ensureToolchain();
  say(`Toolchain ${TOOLCHAIN}: ${await attempt('rustc', ['--version'], { env: toolchainEnv() })}`);
});
