// What the tests need before the first one begins: the native program, and the two servers of the built page that they
// visit, with the headers that threads need, and without. Their addresses are handed on in the environment.

import { buildNatively } from './cli';
import { serve } from '../../scripts/serve.mjs';

export default async function startServers(): Promise<() => Promise<void>> {
  // Building takes longer than a test may.
  await buildNatively();
  const isolated = await serve({ isolated: true });
  const plain = await serve({ isolated: false });
  process.env.CLEARPIPE_ISOLATED_URL = isolated.url;
  process.env.CLEARPIPE_PLAIN_URL = plain.url;
  return async () => {
    await isolated.close();
    await plain.close();
  };
}
