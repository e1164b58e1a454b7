// The two servers of the built page that the tests visit: with the headers that threads need, and
// without. Their addresses are handed on in the environment.

import { serve } from '../../scripts/serve.mjs';

export default async function startServers(): Promise<() => Promise<void>> {
  const isolated = await serve({ isolated: true });
  const plain = await serve({ isolated: false });
  process.env.CLEARPIPE_ISOLATED_URL = isolated.url;
  process.env.CLEARPIPE_PLAIN_URL = plain.url;
  return async () => {
    await isolated.close();
    await plain.close();
  };
}
