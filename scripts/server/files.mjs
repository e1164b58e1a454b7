// Finds the file of a folder that a request refers to. Nothing outside the folder is ever opened,
// and no name can make it throw.

import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'application/jsonl; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The errors of a file system for a name that doesn't refer to a readable file. */
const NOT_THERE = [
  ...['EACCES', 'EINVAL', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'ENXIO', 'EPERM'],
];

/**
 * @typedef {object} Found
 * @property {import('node:fs/promises').FileHandle} handle must be closed by the caller
 * @property {number} size
 * @property {string} type
 */

/**
 * Opens the file that a path refers to.
 * @param {string} folder
 * @param {string} path as in a request: encoded, with a slash at its beginning
 * @returns {Promise<Found | null>} null if there is none. Rejects only if the file temporarily
 * can't be opened.
 */
export async function find(folder, path) {
  const names = namesIn(path);
  if (!names) return null;
  let handle;
  try {
    // A link may lead out of the folder.
    const top = await realpath(folder);
    const file = await realpath(join(top, ...names));
    if (!file.startsWith(top + sep)) return null;
    // Don't wait for a writer of a pipe, and don't follow a link that was created meanwhile.
    const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
    handle = await open(file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const stat = await handle.stat();
    if (stat.isFile()) {
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      return { handle, size: stat.size, type };
    }
  } catch (error) {
    await handle?.close();
    if (NOT_THERE.includes(codeOf(error))) return null;
    throw error;
  }
  await handle.close();
  return null;
}

/**
 * Returns the names of the folders and the file, if the path is one that the page could have.
 * @param {string} path
 */
function namesIn(path) {
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  const names = (decoded.endsWith('/') ? `${decoded}index.html` : decoded).split('/').slice(1);
  // Hidden files, and parent folders.
  const isWrong = (/** @type {string} */ name) =>
    name === '' || name.startsWith('.') || /[\0\\]/.test(name);
  return names.length === 0 || names.some(isWrong) ? null : names;
}

/** @param {unknown} error */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
