// Builds the engine of the page twice: with threads, for pages that are cross-origin isolated, and
// without, for all others. Each becomes a folder of plain files that the page imports at run time.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { engineDir, root, targetDir, wasmCrate } from './lib/paths.mjs';
import { changePoolStart } from './lib/pool-start.mjs';
import { Failure, run, runAsScript, runNpmTool, say, step } from './lib/run.mjs';
import { setUp } from './setup.mjs';
import { hasPrebuiltStd, toolchainEnv } from './toolchain.mjs';
import { ensureWasmBindgen } from './tools.mjs';

const TARGET = 'wasm32-unknown-unknown';

/**
 * Features that the page's browsers have all had for years, and that the optimiser must enable
 * explicitly.
 */
const FEATURES = [
  'bulk-memory',
  'bulk-memory-opt',
  'mutable-globals',
  'multivalue',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
  'simd',
];

/**
 * @typedef {object} Engine
 * @property {string} name its output folder
 * @property {() => Promise<{ args: string[], cwd: string, env: NodeJS.ProcessEnv }>} cargo
 * @property {string[]} features the WebAssembly features that it uses
 */

/** @type {Engine[]} */
const engines = [
  {
    name: 'threads',
    // Flags for threads are in .cargo/config.toml of the crate, which applies in its folder.
    cargo: async () => ({ args: [], cwd: wasmCrate, env: toolchainEnv() }),
    features: [...FEATURES, 'threads'],
  },
  {
    name: 'single',
    cargo: async () => ({
      args: [
        '--no-default-features',
        ...((await hasPrebuiltStd()) ? [] : ['-Zbuild-std=panic_abort,std']),
      ],
      cwd: root,
      env: { ...toolchainEnv(), RUSTFLAGS: '-Ctarget-feature=+simd128' },
    }),
    features: FEATURES,
  },
];

/** Returns whether both engines have been built, possibly from an older source. */
export function hasEngines() {
  return engines.every(({ name }) => existsSync(join(engineDir, name, 'engine.js')));
}

/** Builds both engines, unless they are up to date. */
export async function buildWasm() {
  const bindgen = await ensureWasmBindgen();
  // Concurrently: each spends most of its time in one thread, where the whole program is optimised.
  const builds = engines.map((engine) => {
    const first = !existsSync(join(targetDir, 'engine', engine.name));
    const usual = first ? ' (the first time, usually 3 to 4 minutes)' : '';
    return step(`engine "${engine.name}": building${usual}`, () => build(engine, bindgen));
  });
  await Promise.all(builds);
}

/**
 * @param {Engine} engine
 * @param {string} bindgen the folder of wasm-bindgen
 */
async function build(engine, bindgen) {
  // A separate target folder for each: cargo gives both the same file name, and would confuse them.
  const target = join(targetDir, 'engine', engine.name);
  const { args, cwd, env } = await engine.cargo();
  await run(
    'cargo',
    [
      'build',
      '--package=clearpipe-wasm',
      '--lib',
      '--profile=wasm',
      `--target=${TARGET}`,
      `--target-dir=${target}`,
      ...args,
    ],
    { cwd, env },
  );

  const compiled = join(target, TARGET, 'wasm/clearpipe_wasm.wasm');
  const output = join(engineDir, engine.name);
  const stampPath = join(target, 'stamp');
  const stamp = stampOf(compiled, bindgen);
  if (existsSync(join(output, 'engine.js')) && read(stampPath) === stamp) return;

  // Built in a draft folder and then moved as a whole, so that an interrupted build leaves nothing
  // incomplete.
  const draft = join(target, 'draft');
  rmSync(draft, { recursive: true, force: true });
  await run(join(bindgen, 'wasm-bindgen'), [
    compiled,
    '--target=web',
    '--no-typescript',
    '--out-name=engine',
    `--out-dir=${draft}`,
  ]);
  if (engine.name === 'threads') changePoolStart(draft);
  const scripts = readdirSync(draft, { recursive: true, encoding: 'utf8' });
  for (const name of scripts.filter((name) => name.endsWith('.js'))) {
    await minifyScript(join(draft, name));
  }
  const wasm = join(draft, 'engine_bg.wasm');
  await runNpmTool(
    'binaryen',
    [wasm, '-O3', ...engine.features.map((feature) => `--enable-${feature}`), `--output=${wasm}`],
    { bin: 'wasm-opt' },
  );
  rmSync(output, { recursive: true, force: true });
  mkdirSync(dirname(output), { recursive: true });
  renameSync(draft, output);
  writeFileSync(stampPath, stamp);
  say(
    `  engine "${engine.name}": ${Math.ceil(statSync(join(output, 'engine_bg.wasm')).size / 1024)} KiB`,
  );
}

/**
 * Makes a script smaller to load: the page's bundler leaves the engine alone.
 * @param {string} path
 */
async function minifyScript(path) {
  // Not earlier: on a fresh machine the packages are installed after this file has been loaded.
  const { minify } = await import('vite');
  const { code, errors } = await minify(path, readFileSync(path, 'utf8'), { module: true });
  if (errors.length > 0) throw new Failure(`${path} can't be minified.`, errors.join('\n'));
  writeFileSync(path, code);
}

/**
 * Returns a hash of everything that the finished folder depends on: the compiled engine, the tools,
 * and their arguments.
 * @param {string} compiled
 * @param {string} bindgen
 */
function stampOf(compiled, bindgen) {
  const hash = createHash('sha256');
  hash.update(readFileSync(compiled));
  hash.update(bindgen);
  for (const name of ['binaryen', 'vite']) {
    hash.update(readFileSync(join(root, 'node_modules', name, 'package.json')));
  }
  for (const script of ['build-wasm.mjs', 'lib/pool-start.mjs']) {
    hash.update(readFileSync(join(root, 'scripts', script)));
  }
  return hash.digest('hex');
}

/** @param {string} path */
function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

await runAsScript(import.meta.url, async () => {
  await setUp();
  await buildWasm();
});
