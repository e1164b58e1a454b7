// What the tests need before the first one begins: the native program, and its two servers of the built page that they
// visit, with the headers that threads need, and without. Their addresses are handed on in the environment.

import { buildCommand, serve } from '../../scripts/lib/command.mjs';

/** A name for this machine that the browser takes for another one: playwright.config.ts. */
const OTHER = ['clearpipe.test'];

export default async function startServers(): Promise<() => Promise<void>> {
  // Building takes longer than a test may.
  await buildCommand();
  const isolated = await serve({ isolated: true, allowedHosts: OTHER });
  const plain = await serve({ isolated: false, allowedHosts: OTHER });
  process.env.CLEARPIPE_ISOLATED_URL = isolated.url;
  process.env.CLEARPIPE_PLAIN_URL = plain.url;
  return async () => {
    await isolated.close();
    await plain.close();
  };
}
