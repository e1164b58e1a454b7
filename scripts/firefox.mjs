// Firefox, for tests only.

import { existsSync } from 'node:fs';
import process from 'node:process';
import { which } from './lib/run.mjs';

const MAC = '/Applications/Firefox.app/Contents/MacOS/firefox';

/** Returns the path of Firefox: $FIREFOX, or the one on PATH. */
export function findFirefox() {
  if (process.env.FIREFOX) return process.env.FIREFOX;
  const found = which('firefox') ?? which('firefox-esr');
  return found ?? (existsSync(MAC) ? MAC : undefined);
}
