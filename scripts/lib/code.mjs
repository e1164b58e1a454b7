// Part of the build of the page: the code of the stages, in Rust and in Go, which the page shows.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cutOut } from './code-sections.mjs';
import { root } from './paths.mjs';

/** Where the sources of each language are. */
const SOURCES = /** @type {const} */ ({
  rust: { folder: 'crates/core/src/stages', ends: /\.rs$/ },
  go: { folder: 'web/code/go', ends: /(?<!_test)\.go$/ },
});

/** @param {string} path */
const fullPath = (path) => join(root, path);

/** The files that the code is cut out of. @param {keyof typeof SOURCES} language */
function filesOf(language) {
  const { folder, ends } = SOURCES[language];
  const names = readdirSync(fullPath(folder)).filter((name) => ends.test(name));
  return names.sort().map((name) => `${folder}/${name}`);
}

/** Returns the code of the stages in a language. @param {keyof typeof SOURCES} language */
export function codeIn(language) {
  return cutOut(
    filesOf(language).map((path) => ({ path, text: readFileSync(fullPath(path), 'utf8') })),
  );
}

const ID = 'virtual:clearpipe/code';

/**
 * Gives the page the code of the stages. Fails if the comments in the sources don't fit together.
 * @returns {import('vite').Plugin}
 */
export function code() {
  return {
    name: 'clearpipe-code',
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      for (const path of [...filesOf('rust'), ...filesOf('go')]) this.addWatchFile(fullPath(path));
      return `export default ${JSON.stringify({ rust: codeIn('rust'), go: codeIn('go') })};`;
    },
  };
}
