// Writes what the page needs of the lessons to web/lessons/generated/lessons.json, and of the levels of the scheduler game
// to levels.json beside it. Tests of the command fail if they aren't what the files in lessons/ say.
//
//     npm run lessons

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

const folder = join(root, 'web/lessons/generated');

/** The files, and what the command is asked for. */
const FILES = { 'lessons.json': [], 'levels.json': ['--levels'] };

/**
 * Returns the lessons or the levels as JSON.
 * @param {string[]} flags
 */
function generate(flags) {
  const command = ['run', '--quiet', '--package=clearpipe', '--', 'lesson', 'list', '--json'];
  try {
    // What is wrong with a lesson is said on the standard error.
    return execFileSync('cargo', [...command, ...flags], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch {
    throw new Failure('The lessons cannot be read.');
  }
}

await runAsScript(import.meta.url, async () => {
  mkdirSync(folder, { recursive: true });
  for (const [name, flags] of Object.entries(FILES)) {
    const file = join(folder, name);
    const options = await prettier.resolveConfig(file);
    const text = await prettier.format(generate(flags), { ...options, parser: 'json' });
    writeFileSync(file, text);
    say(`Written: web/lessons/generated/${name}`);
  }
});
