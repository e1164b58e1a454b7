// Serves the built page. Threads need it to be cross-origin isolated, which two headers do; the
// browser then also wants https or an address of this same machine.

import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { distDir } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

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

/**
 * @typedef {object} ServeOptions
 * @property {string} [host]
 * @property {number} [port] 0 for any that is free
 * @property {boolean} [isolated] with the headers that threads need
 */

/**
 * Starts the server. Rejects if the port is taken.
 * @param {ServeOptions} options
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export function serve({ host = '127.0.0.1', port = 0, isolated = true }) {
  const server = createServer((request, response) => {
    const headers = { ...(isolated && ISOLATION), 'Cache-Control': 'no-cache' };
    const file = request.method === 'GET' || request.method === 'HEAD' ? find(request.url) : null;
    if (!file) {
      const status = file === null ? 405 : 404;
      response.writeHead(status, { ...headers, 'Content-Type': TYPES['.txt'] });
      response.end(status === 405 ? 'Method not allowed\n' : 'Not found\n');
      return;
    }
    response.writeHead(200, {
      ...headers,
      'Content-Type': TYPES[extname(file.path)] ?? 'application/octet-stream',
      'Content-Length': file.size,
    });
    if (request.method === 'HEAD') response.end();
    else
      createReadStream(file.path)
        .on('error', () => response.destroy())
        .pipe(response);
  });

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('not a TCP server');
      resolve({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/**
 * The file that a request asks for, if it is in dist/.
 * @param {string | undefined} url
 */
function find(url = '/') {
  let name;
  try {
    name = decodeURIComponent(url.split(/[?#]/, 1)[0]);
  } catch {
    return undefined;
  }
  const path = normalize(join(distDir, name.endsWith('/') ? `${name}index.html` : name));
  if (!path.startsWith(distDir + sep) || path.includes('\0')) return undefined;
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? { path, size: stat.size } : undefined;
}

function commandLine() {
  try {
    return parseArgs({
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: process.env.PORT ?? '4180' },
        'no-isolation': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(
      `${error instanceof Error ? error.message : error}. There are --port, --host and --no-isolation.`,
    );
  }
}

/** Serves until it is stopped, at the next free port from the one that is asked for. */
export async function serveFromCommandLine() {
  const values = commandLine();
  if (!existsSync(join(distDir, 'index.html'))) {
    throw new Failure('There is no built page yet: run `npm run build` first.');
  }
  const wanted = Number(values.port);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65535) {
    throw new Failure(`"${values.port}" is not a port.`);
  }

  const { url } = await serveFrom(wanted, { host: values.host, isolated: !values['no-isolation'] });
  say(`\nClearpipe is open at  ${url}\n(Ctrl+C stops it)`);
}

/**
 * @param {number} wanted port
 * @param {ServeOptions} options
 */
async function serveFrom(wanted, options) {
  for (let port = wanted; port < Math.min(wanted + 20, 65536); port += 1) {
    try {
      return await serve({ ...options, port });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EADDRINUSE') {
        throw new Failure(`Cannot serve on ${options.host}:${port}: ${error}`);
      }
      say(`Port ${port} is taken.`);
    }
  }
  return serve({ ...options, port: 0 });
}

await runAsScript(import.meta.url, serveFromCommandLine);
