// `npm start`: from a fresh clone to the page, served on this machine by `clearpipe serve`, whose flags it takes.
//
//     npm start -- --room      builds everything first
//     npm run serve            builds only the command, with the page that has been built

import { join } from 'node:path';
import process from 'node:process';
import { targetDir } from './lib/paths.mjs';
import { become, run, runAsScript, step } from './lib/run.mjs';
import { buildPage } from './build.mjs';
import { buildWasm } from './build-wasm.mjs';
import { setUp } from './setup.mjs';

/** Does everything but build the page. */
const BUILT = '--built';

await runAsScript(import.meta.url, async () => {
  const flags = process.argv.slice(2);
  if (!flags.includes(BUILT)) {
    await setUp();
    await buildWasm();
    await buildPage();
  }
  await step('command: building, with the page', () =>
    run('cargo', ['build', '--release', '--package=clearpipe', '--features=serve']),
  );
  const { PORT } = process.env;
  const name = process.platform === 'win32' ? 'clearpipe.exe' : 'clearpipe';
  await become(join(targetDir, 'release', name), [
    'serve',
    ...(PORT && !flags.some((flag) => flag.startsWith('--port')) ? [`--port=${PORT}`] : []),
    ...flags.filter((flag) => flag !== BUILT),
  ]);
});
