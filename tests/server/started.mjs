// Servers that a test starts, and that end with it.

import { afterEach } from 'vitest';
import { serve } from '../../scripts/lib/command.mjs';

/**
 * Returns a function that starts a server, which is stopped after the test.
 * @param {() => string} folder returns the folder that it serves, unless its options name another one
 */
export function startedServers(folder) {
  /** @type {(() => Promise<unknown>)[]} */
  const open = [];

  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  /** @param {import('../../scripts/lib/command.mjs').ServeOptions} options */
  return async (options = {}) => {
    const server = await serve({ folder: folder(), ...options });
    open.push(server.close);
    return server;
  };
}
