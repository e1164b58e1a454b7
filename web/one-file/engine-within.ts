// The engine of the page that is one file: worker and WebAssembly are within the page.

import base64 from 'virtual:clearpipe/wasm';
import type { EngineHost } from '../engine/host';
// A classic worker: browsers refuse modules to a page that is opened as a file.
import EngineWorker from '../engine/worker/one-file?worker&inline';

/** Returns where the page that is one file has its engine. */
export function engineWithin(): EngineHost {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return {
    isOneFile: true,
    source: { wasm: new Blob([packed]) },
    startWorker: () => new EngineWorker(),
  };
}
