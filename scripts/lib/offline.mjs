// Part of the build: the service worker that makes the page available offline. It must know all
// files of the page, and a version that changes with any of them, so it is generated last.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { transformWithOxc } from 'vite';
import { root } from './paths.mjs';

const SOURCE = join(root, 'web/offline/worker/service-worker.ts');
const NAME = 'service-worker.js';

/** @returns {import('vite').Plugin} */
export function offline() {
  let folder = '';
  return {
    name: 'clearpipe-offline',
    apply: 'build',
    // The engine's worker is built as a separate environment; this is for the page only.
    applyToEnvironment: ({ name }) => name === 'client',
    configResolved({ build }) {
      folder = join(root, build.outDir);
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        // Compressed forms are the server's matter: the browser keeps what it has unpacked.
        const files = filesIn(folder).filter((file) => file !== NAME && !file.endsWith('.br'));
        const source = readFileSync(SOURCE, 'utf8');
        const hash = createHash('sha256').update(source);
        for (const file of files) hash.update(file).update(readFileSync(join(folder, file)));
        // Its address is that of the folder.
        const addresses = files.map((file) => (file === 'index.html' ? './' : `./${file}`));
        const { code } = await transformWithOxc(source, SOURCE, { lang: 'ts', sourcemap: false });
        writeFileSync(
          join(folder, NAME),
          `const VERSION = ${JSON.stringify(hash.digest('hex').slice(0, 16))};\n` +
            `const FILES = ${JSON.stringify(addresses)};\n${code}`,
        );
      },
    },
  };
}

/**
 * Returns all files in a deterministic order.
 * @param {string} folder
 */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}
