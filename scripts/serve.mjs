// `npm run serve`: serves the built page. Threads require cross-origin isolation, which two headers
// enable; the browser then also requires https or an address of this machine.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { distDir } from './lib/paths.mjs';
import { Failure, runAsScript, say } from './lib/run.mjs';
import { codeOf } from './server/files.mjs';
import { serve } from './server/server.mjs';

function commandLine() {
  try {
    return parseArgs({
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: process.env.PORT ?? '4180' },
        'allow-host': { type: 'string', multiple: true, default: [] },
        'no-isolation': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(
      `${error instanceof Error ? error.message : error}. There are --port, --host, --allow-host and --no-isolation.`,
    );
  }
}

/** Serves until it is stopped, on the first free port from the requested one on. */
export async function serveFromCommandLine() {
  const values = commandLine();
  if (!existsSync(join(distDir, 'index.html'))) {
    throw new Failure('There is no built page yet: run `npm run build` first.');
  }
  const wanted = Number(values.port);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65535) {
    throw new Failure(`"${values.port}" is not a port.`);
  }

  const { url } = await serveFrom(wanted, {
    host: values.host,
    isolated: !values['no-isolation'],
    allowedHosts: values['allow-host'],
  });
  say(`\nClearpipe is open at  ${url}\n(Ctrl+C stops it)`);
}

/**
 * @param {number} wanted port
 * @param {import('./server/server.mjs').ServeOptions} options
 */
async function serveFrom(wanted, options) {
  for (let port = wanted; port < Math.min(wanted + 20, 65536); port += 1) {
    try {
      return await serve({ ...options, port });
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') {
        throw new Failure(`Cannot serve on ${options.host}:${port}: ${error}`);
      }
      say(`Port ${port} is taken.`);
    }
  }
  return serve({ ...options, port: 0 });
}

await runAsScript(import.meta.url, serveFromCommandLine);
