// Writes what the page needs of the lessons to web/lessons/generated/lessons.json. A test of the command fails if it
// isn't what the files in lessons/ say.
//
//     npm run lessons

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as prettier from 'prettier';
import { root } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

const file = join(root, 'web/lessons/generated/lessons.json');

/** Returns the lessons as JSON. */
function generate() {
  const command = ['run', '--quiet', '--package=clearpipe', '--', 'lesson', 'list', '--json'];
  try {
    // What is wrong with a lesson is said on the standard error.
    return execFileSync('cargo', command, {
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
  const options = await prettier.resolveConfig(file);
  const text = await prettier.format(generate(), { ...options, parser: 'json' });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  say('The lessons are written to web/lessons/generated/lessons.json.');
});
