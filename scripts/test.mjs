// `npm test`: all checks in order, up to the first failure.
//
//     npm test                  everything
//     npm test -- clippy vitest only the steps whose names contain one of these words

import process from 'node:process';
import { buildOneFile, buildPage } from './build.mjs';
import { buildWasm } from './build-wasm.mjs';
import { checkCircles } from './check-circles.mjs';
import { findFirefox } from './firefox.mjs';
import { buildCommand } from './lib/command.mjs';
import { testGo } from './test-go.mjs';
import { countTests, countWebTests } from './lib/count-tests.mjs';
import { wasmCrate } from './lib/paths.mjs';
import { Failure, duration, report, run, runAsScript, runNpmTool, say } from './lib/run.mjs';
import { setUpForTests } from './setup.mjs';
import { testWasm } from './test-wasm.mjs';
import { ensureTarget, hasClippy, toolchainEnv } from './toolchain.mjs';
import { checkTypes } from './types.mjs';

/** No colours, which would interfere with counting. */
const plain = { NO_COLOR: '1', CARGO_TERM_COLOR: 'never' };
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, ...plain };
delete env.FORCE_COLOR;

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<string | void>} run returns what it printed
 * @property {(output: string) => { passed: number, failed: number }} [count] how many tests that
 *   were; a step without it counts as one
 */

/** All crates but the engine of the page, and the command with its server. */
const ALL = ['--workspace', '--exclude=clearpipe-wasm', '--features=clearpipe/serve'];

/** Run in this order: steps that fail fast come first. Add further steps here. @type {Step[]} */
const steps = [
  { name: 'rustfmt', run: () => cargo('fmt', '--all', '--check') },
  {
    name: 'clippy',
    run: () => cargo('clippy', ...ALL, '--all-targets', '--', '-D', 'warnings'),
  },
  { name: 'clippy for WebAssembly', run: checkWasm },
  { name: 'clippy for Windows and macOS', run: checkOtherSystems },
  { name: 'no circles among modules', run: checkCircles },
  { name: 'cargo test', run: () => cargo('test'), count: countTests },
  {
    name: 'cargo test of the server',
    run: () => cargo('test', '--package=clearpipe-server'),
    count: countTests,
  },
  { name: 'all cases, the large ones too', run: testAllCases, count: countTests },
  { name: '10,000 interleavings', run: testInterleavings, count: countTests },
  {
    name: 'cargo doc',
    run: () =>
      run('cargo', ['doc', ...ALL, '--no-deps'], { env: { ...env, RUSTDOCFLAGS: '-D warnings' } }),
  },
  { name: 'types for the page', run: checkTypes },
  { name: 'prettier', run: () => tool('prettier', '--check', '.') },
  { name: 'eslint', run: () => tool('eslint', '--max-warnings', '0', '.') },
  {
    name: 'svelte-check',
    run: () => tool('svelte-check', '--tsconfig', 'tsconfig.page.json', '--fail-on-warnings'),
  },
  {
    name: 'tsc for the worker',
    run: () => tool('typescript', '--project', 'tsconfig.worker.json'),
  },
  { name: 'tsc for scripts', run: () => tool('typescript', '--project', 'tsconfig.node.json') },
  { name: 'command with its server', run: buildCommand },
  { name: 'the stages in Go', run: testGo },
  { name: 'vitest', run: () => tool('vitest', 'run'), count: countWebTests },
  { name: 'engine build', run: buildWasm },
  { name: 'page build', run: buildPage },
  { name: 'page as one file', run: buildOneFile },
  { name: 'wasm-pack test', run: testWasm, count: countTests },
  {
    name: 'playwright',
    run: () => tool('@playwright/test', 'test', '--config', 'tests/browser'),
    count: countWebTests,
  },
  { name: 'firefox', run: testFirefox },
];

/** @param {string[]} args */
function cargo(...args) {
  return run('cargo', args, { env });
}

/**
 * @param {string} name of the npm package
 * @param {string[]} args
 */
function tool(name, ...args) {
  /** @type {Record<string, string>} */
  const programs = { typescript: 'tsc', '@playwright/test': 'playwright' };
  return runNpmTool(name, args, { env, bin: programs[name] });
}

/** Runs the cases that `cargo test` skips because they take long without optimisation. */
function testAllCases() {
  return cargo('test', '--package=clearpipe-core', '--test=cases', '--', '--include-ignored');
}

/** Runs on the virtual clock, each with its own settings and schedule; `cargo test` tries fewer. */
function testInterleavings() {
  return run('cargo', ['test', '--package=clearpipe-core', '--test=virtual_clock'], {
    env: { ...env, CLEARPIPE_SEEDS: '10000' },
  });
}

/**
 * Runs Clippy on the command and its tests as compiled for other systems. That requires neither a C
 * compiler nor a linker for them: only the build scripts of zstd and ring would run one, and Cargo
 * skips them if their libraries are specified.
 */
async function checkOtherSystems() {
  const metadata = await run('cargo', ['metadata', '--format-version=1', '--locked'], { env });
  /** @type {{ packages: { name: string, links: string | null }[] }} */
  const { packages } = JSON.parse(metadata);
  const links = packages
    .filter(({ name }) => ['zstd-sys', 'ring'].includes(name))
    .map(({ links }) => links);
  for (const target of ['x86_64-pc-windows-msvc', 'aarch64-apple-darwin']) {
    if (await ensureTarget(target)) {
      const given = links.flatMap((name) => [
        '--config',
        `target.${target}.${name}.rustc-link-lib=["${name}"]`,
      ]);
      const what = ['--package=clearpipe', '--features=serve', '--all-targets'];
      await cargo('clippy', ...what, `--target=${target}`, ...given, '--', '-D', 'warnings');
    } else {
      say(`  LEFT OUT: rustup has no standard library for ${target} and cannot download it`);
    }
  }
}

/** Runs what matters most in Firefox, where there is one; everything else is tested in Chromium. */
async function testFirefox() {
  if (findFirefox()) return run(process.execPath, ['--test', 'tests/firefox/smoke.mjs'], { env });
  say('  LEFT OUT: Firefox is not installed; install it, or name it in the variable FIREFOX');
}

/** Runs Clippy on the code as compiled to WebAssembly, with threads and without. */
async function checkWasm() {
  const options = { cwd: wasmCrate, env: { ...toolchainEnv(), ...plain } };
  const common = ['--all-targets', '--target=wasm32-unknown-unknown'];
  if (await hasClippy()) {
    await run('cargo', ['clippy', ...common, '--', '-D', 'warnings'], options);
    await run(
      'cargo',
      ['clippy', '--lib', ...common.slice(1), '--no-default-features', '--', '-D', 'warnings'],
      options,
    );
  } else {
    say('  this toolchain has no clippy: only the warnings of the compiler are checked');
    const deny = `target.wasm32-unknown-unknown.rustflags=["-Dwarnings"]`;
    await run('cargo', ['check', ...common, '--config', deny], options);
  }
}

await runAsScript(import.meta.url, async () => {
  const words = process.argv.slice(2);
  const chosen = steps.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) {
    throw new Failure(`There is no such step; there are: ${steps.map((s) => s.name).join(', ')}.`);
  }

  await setUpForTests();

  const begin = Date.now();
  let passed = 0;
  let failed = 0;
  for (const [index, { name, run, count }] of chosen.entries()) {
    say(`\n[${index + 1}/${chosen.length}] ${name}`);
    const start = Date.now();
    try {
      const output = (await run()) ?? '';
      const done = count?.(output) ?? { passed: 1, failed: 0 };
      if (done.passed === 0) throw new Failure(`${name} ran no tests.`, output);
      passed += done.passed;
      say(`  ok${count ? `, ${done.passed} tests` : ''} (${duration(Date.now() - start)})`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const done = count?.(error.output) ?? { passed: 0, failed: 0 };
      passed += done.passed;
      failed = Math.max(1, done.failed);
      report(error);
      const left = chosen.length - index - 1;
      say(`\n"${name}" failed${left > 0 ? `; the ${left} steps after it have not been run` : ''}.`);
      process.exitCode = 1;
      break;
    }
  }
  say(
    `\nThis took ${duration(Date.now() - begin)}. Checks without tests of their own count as one.`,
  );
  say(`${passed} passed, ${failed} failed`);
});
