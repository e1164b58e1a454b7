// The engine of a page that a server gives: it is in files beside the page.

import type { EngineHost } from './host';

/** Returns where a served page has its engine. */
export function servedEngine(): EngineHost {
  return {
    isOneFile: false,
    // Not relative to the worker's own address, which depends on how the page was built.
    source: { folder: new URL(`${import.meta.env.BASE_URL}engine/`, document.baseURI).href },
    startWorker: () => new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' }),
  };
}
