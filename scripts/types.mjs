// Generates the TypeScript types of the data that the page exchanges with the engine, from the Rust
// types:
//
//     npm run types              writes them to web/engine/generated/
//     npm run types -- --check   only says whether those there are fresh, as `npm test` does

import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { root, targetDir } from './lib/paths.mjs';
import { Failure, run, runAsScript, say } from './lib/run.mjs';

const typesDir = join(root, 'web/engine/generated');

/** Generates the types. Returns their texts by file name. */
async function generate() {
  const folder = mkdtempSync(join(tmpdir(), 'clearpipe-types-'));
  try {
    await run(
      'cargo',
      [
        'test',
        '--package=clearpipe-core',
        '--features=typescript',
        '--test=typescript',
        // A separate target folder: another set of features would cause a complete rebuild.
        `--target-dir=${join(targetDir, 'types')}`,
      ],
      {
        env: {
          ...process.env,
          TS_RS_EXPORT_DIR: folder,
          // It is compiled only for this, and runs briefly.
          CARGO_PROFILE_DEV_OPT_LEVEL: '0',
          CARGO_PROFILE_DEV_DEBUG: 'none',
        },
      },
    );
    // Not earlier: on a fresh machine `npm test` loads this file first, and then installs the
    // packages.
    const prettier = await import('prettier');
    const options = await prettier.resolveConfig(join(typesDir, 'Config.ts'));
    const files = new Map();
    for (const name of readdirSync(folder).sort()) {
      const text = readFileSync(join(folder, name), 'utf8');
      files.set(name, await prettier.format(text, { ...options, parser: 'typescript' }));
    }
    if (files.size === 0) throw new Failure('No types were written.');
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads the existing types. */
function present() {
  /** @type {Map<string, string>} */
  const files = new Map();
  mkdirSync(typesDir, { recursive: true });
  for (const name of readdirSync(typesDir)) {
    files.set(name, readFileSync(join(typesDir, name), 'utf8'));
  }
  return files;
}

/** Fails if the existing types don't match the Rust code. */
export async function checkTypes() {
  const wanted = await generate();
  const found = present();
  const names = new Set([...wanted.keys(), ...found.keys()]);
  const stale = [...names].filter((name) => wanted.get(name) !== found.get(name));
  if (stale.length > 0) {
    throw new Failure(
      `The types in web/engine/generated/ are not those of the Rust code (${stale.join(', ')}): run \`npm run types\`.`,
    );
  }
}

async function writeTypes() {
  const files = await generate();
  rmSync(typesDir, { recursive: true, force: true });
  mkdirSync(typesDir, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(typesDir, name), text);
  say(`${files.size} types written to web/engine/generated/`);
}

await runAsScript(import.meta.url, async () => {
  if (process.argv.includes('--check')) await checkTypes();
  else await writeTypes();
});
