// Debian's package manager, used only if the ordinary way of getting a tool is unavailable.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { attempt, run, which } from './run.mjs';

/** Returns whether this is Debian (or a derivative). */
export function isDebian() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return /^ID(_LIKE)?=.*\bdebian\b/m.test(release) && which('apt-get') !== undefined;
  } catch {
    return false;
  }
}

/** Returns whether packages can be installed without prompting for a password. */
export function canInstall() {
  return isDebian() && process.getuid?.() === 0;
}

/**
 * Returns the upstream version of a package: the installed one, or the one that would be installed.
 * @param {string} name
 * @param {'Installed' | 'Candidate'} which
 */
export async function packageVersion(name, which) {
  const policy = await attempt('apt-cache', ['policy', name], { env: plainEnv() });
  const version = policy?.match(new RegExp(`${which}: (?:\\d+:)?(\\d[\\d.]*)`));
  return version?.[1];
}

export function update() {
  return run('apt-get', ['update'], { env: plainEnv(), timeout: 300 });
}

/** @param {string[]} names */
export function install(names) {
  return run('apt-get', ['install', '-y', '--no-install-recommends', ...names], {
    env: plainEnv(),
    timeout: 1200,
  });
}

/** Disables prompts, and sets the language of messages, which are parsed. */
function plainEnv() {
  return { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
}
