// Part of the build: the files of the page, compressed once and as small as possible, so that a server need not do it
// for each visitor. `clearpipe serve` answers with them; so do other servers that are told to.

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

/** What is worth compressing. Pictures and fonts are compressed already. */
const COMPRESSIBLE = /\.(css|html|js|json|svg|wasm|webmanifest)$/;

/**
 * Writes a Brotli file (RFC 7932) beside each compressible file of a folder: `index.js.br` beside `index.js`. One that is
 * there already is replaced.
 * @param {string} folder
 */
export async function precompress(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name));
  await Promise.all(files.map(({ parentPath, name }) => compress(join(parentPath, name))));
}

/** @param {string} path */
async function compress(path) {
  const bytes = await readFile(path);
  const packed = await promisify(brotliCompress)(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  await writeFile(`${path}.br`, packed);
}
