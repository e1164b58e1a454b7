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

/** What the build writes beside a file: scripts/lib/precompress.mjs. */
const BROTLI = '.br';

/**
 * @typedef {object} Opened
 * @property {import('node:fs/promises').FileHandle} handle must be closed by the caller
 * @property {number} size
 * @property {number} changed when it was last written, in milliseconds since 1970
 */

/**
 * @typedef {Opened & { type: string, encoding: 'br' | null }} Found
 */

/**
 * Opens the file that a path refers to.
 * @param {string} folder
 * @param {string} path as in a request: encoded, with a slash at its beginning
 * @param {boolean} [brotli] whether it may be a file's compressed form instead, if that is there and isn't older
 * @returns {Promise<Found | null>} null if there is none. Rejects only if the file temporarily
 * can't be opened.
 */
export async function find(folder, path, brotli = false) {
  const names = namesIn(path);
  if (!names) return null;
  // A link may lead out of the folder.
  const top = await unlessMissing(realpath(folder));
  const file = top && (await unlessMissing(realpath(join(top, ...names))));
  // Compressed forms are no files of the page.
  if (!file || extname(file) === BROTLI) return null;
  const plain = await openIn(top, file);
  if (!plain) return null;
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  if (!brotli) return { ...plain, type, encoding: null };

  let packed;
  try {
    packed = await openIn(top, `${file}${BROTLI}`);
  } catch (error) {
    await plain.handle.close();
    throw error;
  }
  const isCurrent = packed !== null && packed.changed >= plain.changed;
  await (isCurrent ? plain : packed)?.handle.close();
  return packed && isCurrent
    ? { ...packed, type, encoding: 'br' }
    : { ...plain, type, encoding: null };
}

/**
 * Opens a file in a folder, unless it is missing or leads out of it.
 * @param {string} top the folder's real path
 * @param {string} path
 * @returns {Promise<Opened | null>}
 */
async function openIn(top, path) {
  const file = await unlessMissing(realpath(path));
  if (!file?.startsWith(top + sep)) return null;
  // Don't wait for a writer of a pipe, and don't follow a link that was created meanwhile.
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
  const handle = await unlessMissing(open(file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
  if (!handle) return null;
  let stat;
  try {
    stat = await handle.stat();
  } catch (error) {
    await handle.close();
    throw error;
  }
  if (stat.isFile()) return { handle, size: stat.size, changed: stat.mtimeMs };
  await handle.close();
  return null;
}

/**
 * Returns what is found, or null if there is nothing to be found.
 * @template T
 * @param {Promise<T>} looking
 * @returns {Promise<T | null>}
 */
async function unlessMissing(looking) {
  try {
    return await looking;
  } catch (error) {
    if (NOT_THERE.includes(codeOf(error))) return null;
    throw error;
  }
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
