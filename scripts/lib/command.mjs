// The command, built for tests and measurements, and its server of the page.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { targetDir } from './paths.mjs';
import { Failure, run } from './run.mjs';

/** The command as [`buildCommand`] builds it. */
export const command = join(
  targetDir,
  'debug',
  `clearpipe${process.platform === 'win32' ? '.exe' : ''}`,
);

/**
 * Builds the command with its server, without optimisation: it reads the page when it is started, so it doesn't have to
 * be built again after the page. It takes seconds if it has been built before.
 */
export async function buildCommand() {
  await run('cargo', ['build', '--quiet', '--package=clearpipe', '--features=serve']);
}

/**
 * A server that has been started.
 * @typedef {object} Running
 * @property {string} url
 * @property {number} port
 * @property {number} pid
 * @property {() => string} printed what it has printed, to both streams
 * @property {() => Promise<number | null>} close stops it, and returns its exit status
 */

/**
 * @typedef {object} ServeOptions
 * @property {boolean} [isolated] with the headers that threads need
 * @property {readonly string[]} [allowedHosts] the names that it answers to, besides its address
 * @property {string} [folder] the folder to serve; by default, the built page
 * @property {number | null} [port] null for the port that it takes if none is asked for; by default, any that is free
 * @property {readonly string[]} [args] further arguments
 * @property {readonly [program: string, ...args: string[]]} [within] a program that starts it
 */

/**
 * Starts the server, on any free port. The command must have been built: [`buildCommand`].
 * @param {ServeOptions} [options]
 * @returns {Promise<Running>} once it can be asked
 */
export async function serve({
  isolated = true,
  allowedHosts = [],
  folder,
  port = 0,
  args = [],
  within,
} = {}) {
  const [program, ...rest] = [
    ...(within ?? []),
    command,
    'serve',
    ...(port === null ? [] : [`--port=${port}`]),
    ...(isolated ? [] : ['--no-isolation']),
    ...allowedHosts.map((name) => `--allow-host=${name}`),
    ...(folder === undefined ? [] : [`--folder=${folder}`]),
    ...args,
  ];
  const child = spawn(program ?? command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  // It doesn't outlive this process, however that ends.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (printed += text));
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      printed += error.message;
      resolve(null);
    });
    child.on('close', (status) => resolve(status));
  });
  void ended.then(() => process.removeListener('exit', end));

  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', () => {
      // All of it has been printed.
      const address = /Ctrl-C/.test(printed) && /\bhttps?:\/\/\S+\//.exec(printed);
      if (address) resolve(address[0]);
    });
    void ended.then((status) =>
      reject(new Failure(`clearpipe serve ended with status ${status}.`, printed)),
    );
  });
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    printed: () => printed,
    close: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
