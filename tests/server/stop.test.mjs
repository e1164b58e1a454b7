// A script that npm has started doesn't outlive it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { expect, test } from 'vitest';

const script = `
  import ${JSON.stringify(new URL('../../scripts/lib/run.mjs', import.meta.url))};
  console.log(process.pid);
  setInterval(() => {}, 1000);
`;

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.skipIf(process.platform === 'win32')('it ends with the shell of npm', async () => {
  // `wait` keeps the shell from becoming the script.
  const shell = spawn(
    'sh',
    ['-c', '"$0" --input-type=module --eval "$1" & wait', process.execPath, script],
    {
      env: { ...process.env, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [output] = await once(shell.stdout, 'data');
  const pid = Number(output);
  expect(isRunning(pid)).toBe(true);
  shell.kill('SIGTERM');
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

const successor = `
  import { become } from ${JSON.stringify(new URL('../../scripts/lib/run.mjs', import.meta.url))};
  await become(process.execPath, ['--eval', process.argv[1]]);
`;

/**
 * Starts a script whose place another one takes.
 * @param {string} text of the other one
 */
function startSuccessor(text) {
  return spawn(process.execPath, ['--input-type=module', '--eval', successor, text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('what takes its place decides its exit status', async () => {
  for (const status of [0, 7]) {
    const [ended] = await once(startSuccessor(`process.exit(${status})`), 'close');
    expect(ended).toBe(status);
  }
});

test.skipIf(process.platform === 'win32')('what takes its place gets its signals', async () => {
  const child = startSuccessor(
    "process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); console.log(1)",
  );
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [ended] = await once(child, 'close');
  expect(ended).toBe(5);
});
