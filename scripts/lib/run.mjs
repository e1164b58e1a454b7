// Runs commands and reports them concisely.

import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';

const verbose = Boolean(process.env.CLEARPIPE_VERBOSE);
const windows = process.platform === 'win32';

/** An error whose message is shown to the user without a stack trace. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {string} [output] what the failed command printed
   */
  constructor(message, output = '') {
    super(message);
    this.output = output;
  }
}

/** @param {string} line */
export function say(line) {
  console.log(line);
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * Performs a named step and reports how long it took.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  say(`- ${name}`);
  const start = Date.now();
  const result = await work();
  const took = Date.now() - start;
  if (took > 3000) say(`  ${name.split(':')[0]}: done in ${duration(took)}`);
  return result;
}

/**
 * The running commands, and whether each leads a process group. None of them outlives this process.
 * @type {Map<import('node:child_process').ChildProcess, boolean>}
 */
const running = new Map();

/** @param {import('node:child_process').ChildProcess} child */
function kill(child) {
  if (child.pid === undefined) return;
  try {
    if (running.get(child)) process.kill(-child.pid, 'SIGKILL');
    else child.kill();
  } catch {
    // It has just ended by itself.
  }
}

function stop() {
  for (const child of running.keys()) kill(child);
  process.exit(1);
}

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

for (const signal of SIGNALS) process.once(signal, stop);

// A signal to npm ends the shell in which npm started this, and isn't passed on.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 500).unref();
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [timeout] in seconds
 * @property {boolean} [inherit] show the output immediately, and pass the keyboard through
 */

/**
 * Runs a command and returns what it printed. The output is shown only if the command fails
 * (or always, with CLEARPIPE_VERBOSE=1).
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd = root, env = process.env, timeout, inherit } = {}) {
  return new Promise((resolve, reject) => {
    // Its own process group, unless it needs keyboard input from the terminal.
    const group = !windows && !inherit;
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      detached: group,
    });
    running.set(child, group);

    let output = '';
    /** @param {Buffer} chunk */
    const collect = (chunk) => {
      output += chunk.toString();
      if (verbose) process.stdout.write(chunk);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);

    let timedOut = false;
    const timer = timeout
      ? setTimeout(() => {
          timedOut = true;
          kill(child);
        }, timeout * 1000)
      : undefined;

    child.on('error', (error) => {
      clearTimeout(timer);
      running.delete(child);
      reject(new Failure(`${command} could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      if (code === 0) resolve(output);
      else {
        const how = timedOut
          ? `took longer than ${timeout} s`
          : signal
            ? `was ended by ${signal}`
            : `failed with exit code ${code}`;
        reject(new Failure(`${[command, ...args].join(' ')} ${how}`, output));
      }
    });
  });
}

/**
 * Runs a command that takes the place of this script: it has its streams, gets its signals, and decides its exit status.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<void>} once it has ended
 */
export function become(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' });
  running.set(child, false);
  for (const signal of SIGNALS) {
    process.removeListener(signal, stop);
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(new Failure(`${command} could not be started: ${error.message}`)),
    );
    child.on('close', (status) => {
      running.delete(child);
      process.exitCode = status ?? 1;
      resolve();
    });
  });
}

/**
 * Runs a command and returns what it printed, or undefined if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string | undefined>}
 */
export async function attempt(command, args, options) {
  try {
    return (await run(command, args, { timeout: 60, ...options })).trim();
  } catch {
    return undefined;
  }
}

/**
 * Returns the path of a program, if it is on PATH.
 * @param {string} name
 * @returns {string | undefined}
 */
export function which(name) {
  const suffixes = windows ? ['.exe', '.cmd'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const suffix of suffixes) {
      const path = join(folder, name + suffix);
      try {
        accessSync(path, constants.X_OK);
        if (folder !== '' && statSync(path).isFile()) return path;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/**
 * Runs a program of an npm package from node_modules, with this same Node.
 * @param {string} name of the package
 * @param {string[]} args
 * @param {RunOptions & { bin?: string }} [options]
 */
export function runNpmTool(name, args, { bin, ...options } = {}) {
  const folder = join(root, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const program =
    typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin ?? manifest.name];
  return run(process.execPath, [join(folder, program), ...args], options);
}

/**
 * Runs `main` if its module is the one that Node was started with.
 * @param {string} url the module's import.meta.url
 * @param {() => Promise<unknown>} main
 */
export async function runAsScript(url, main) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return;
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report(error);
    process.exitCode = 1;
  }
}

/** @param {Failure} failure */
export function report(failure) {
  if (failure.output && !verbose) console.error(failure.output.trimEnd());
  console.error(`\n${failure.message}`);
}
