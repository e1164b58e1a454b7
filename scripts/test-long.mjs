// `npm run test:long`: the tests that take too long for `npm test`. It takes several hours; all
// steps run even if one fails.
//
//     npm run test:long                    everything
//     npm run test:long -- logs vitest     only the steps whose names contain one of these words
//
// With CLEARPIPE_LONG=1, each test decides what to do for longer. FUZZ_SECONDS (default: 600) is
// the time of each fuzz test, FUZZ_SEED its seed (default: another one each time), CLEARPIPE_SEEDS
// the number of interleavings (default: 100,000), PROPTEST_RNG_SEED the seed of the property tests
// (default: another one each time).

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { buildOneFile, buildPage } from './build.mjs';
import { buildWasm } from './build-wasm.mjs';
import { targetDir } from './lib/paths.mjs';
import { Failure, duration, report, run, runAsScript, runNpmTool, say } from './lib/run.mjs';
import { setUpForTests } from './setup.mjs';
import { ensureMiri, toolchainEnv } from './toolchain.mjs';

/** @type {NodeJS.ProcessEnv} */
const env = {
  FUZZ_SECONDS: '600',
  CLEARPIPE_SEEDS: '100000',
  PROPTEST_RNG_SEED: String(randomInt(2 ** 32)),
  ...process.env,
  CLEARPIPE_LONG: '1',
  NO_COLOR: '1',
  CARGO_TERM_COLOR: 'never',
};
delete env.FORCE_COLOR;

/** @type {{ name: string, run: () => Promise<unknown> }[]} */
const steps = [
  { name: 'interleavings on the virtual clock', run: () => test('core', '--test=virtual_clock') },
  { name: 'loom models of the channel', run: () => loom('channel', '--test=loom') },
  { name: 'loom models of the core', run: () => loom('core', '--lib', 'loom_') },
  { name: 'miri', run: miri },
  { name: 'fuzzing of JSON Lines and tables', run: () => test('codec', '--test=fuzz_sources') },
  { name: 'fuzzing of event logs', run: () => test('core', '--test=fuzz_logs') },
  {
    name: 'fuzzing of configuration files, and all other tests of the command',
    run: () => cargo(['--package=clearpipe']),
  },
  { name: 'all other tests of the core and what it is built on', run: testCore },
  { name: 'vitest: links and more in the page', run: () => tool('vitest', 'run') },
  { name: 'engine build', run: buildWasm },
  { name: 'page build', run: buildPage },
  { name: 'page as one file', run: buildOneFile },
  {
    name: 'playwright: event logs in the page, and all other browser tests',
    run: () => tool('@playwright/test', 'test', '--config', 'tests/browser'),
  },
];

/**
 * @param {string} crate
 * @param {string} target
 */
function test(crate, target) {
  return cargo([`--package=clearpipe-${crate}`, target]);
}

/**
 * Includes the ignored tests, one after the other, so that each has the machine to itself.
 * @param {string[]} args
 */
function cargo(args, environment = env) {
  const tests = ['--', '--include-ignored', '--nocapture', '--test-threads=1'];
  return run('cargo', ['test', '--release', ...args, ...tests], { env: environment });
}

/**
 * Tests every interleaving, with every value that the memory model allows. Uses a separate target
 * folder, because the flag causes a complete rebuild.
 * @param {string} crate
 * @param {string[]} which
 */
function loom(crate, ...which) {
  const target = join(targetDir, 'loom');
  const args = ['test', `--package=clearpipe-${crate}`, '--target-dir', target, ...which];
  return run('cargo', [...args, '--', '--test-threads=1'], {
    env: { ...env, RUSTFLAGS: '--cfg loom' },
  });
}

/**
 * Runs tests under [Miri](https://github.com/rust-lang/miri), which interprets each instruction and
 * finds undefined behaviour, data races and reliance on behaviour that Rust does not guarantee: all
 * tests of the channel, including those with threads, the model, the parts of the core that share
 * memory, and one whole run on the virtual clock. No more, since it takes a thousand times as long.
 */
async function miri() {
  if (!(await ensureMiri())) {
    say('  LEFT OUT: the nightly toolchain has no Miri, and rustup cannot download it');
    return;
  }
  const miriEnv = {
    ...toolchainEnv(),
    NO_COLOR: '1',
    CARGO_TERM_COLOR: 'never',
    // proptest queries the current folder.
    MIRIFLAGS: '-Zmiri-disable-isolation',
    PROPTEST_CASES: '4',
    PROPTEST_DISABLE_FAILURE_PERSISTENCE: 'true',
    PROPTEST_RNG_SEED: env['PROPTEST_RNG_SEED'],
    CLEARPIPE_SEEDS: '1',
  };
  const shared = ['batch::', 'trace::latest', 'metrics::activity', 'runtime::timestamp_cache'];
  for (const args of [
    ['--package=clearpipe-channel', '--lib', '--tests'],
    ['--package=clearpipe-model', '--lib'],
    ['--package=clearpipe-core', '--no-default-features', '--lib', '--', ...shared],
    [
      ...['--package=clearpipe-core', '--no-default-features', '--test=virtual_clock', '--'],
      'no_interleaving',
    ],
  ]) {
    const target = `--target-dir=${join(targetDir, 'miri')}`;
    await run('cargo', ['miri', 'test', target, ...args], { env: miriEnv, timeout: 1800 });
  }
}

/** Shortens the tests above, which are included and must not run for a long time again. */
function testCore() {
  const short = { ...env, FUZZ_SECONDS: '1', CLEARPIPE_SEEDS: '1000' };
  const crates = ['model', 'channel', 'codec', 'core', 'io', 'bench'];
  return cargo(
    crates.map((name) => `--package=clearpipe-${name}`),
    short,
  );
}

/**
 * @param {string} name of the npm package
 * @param {string[]} args
 */
function tool(name, ...args) {
  /** @type {Record<string, string>} */
  const programs = { '@playwright/test': 'playwright' };
  return runNpmTool(name, args, { env, bin: programs[name] });
}

await runAsScript(import.meta.url, async () => {
  const words = process.argv.slice(2);
  const chosen = steps.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) {
    throw new Failure(`There is no such step; there are: ${steps.map((s) => s.name).join(', ')}.`);
  }
  say(`Seed of the property tests: ${env['PROPTEST_RNG_SEED']}`);
  await setUpForTests();
  /** @type {string[]} */
  const failed = [];
  for (const [index, { name, run }] of chosen.entries()) {
    say(`\n[${index + 1}/${chosen.length}] ${name}`);
    const start = Date.now();
    try {
      await run();
      say(`  ok (${duration(Date.now() - start)})`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      report(error);
      failed.push(name);
    }
  }
  say(failed.length === 0 ? '\nAll passed.' : `\nFailed: ${failed.join('; ')}.`);
  if (failed.length > 0) process.exitCode = 1;
});
