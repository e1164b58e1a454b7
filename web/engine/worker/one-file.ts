// The engine's worker of the page that is one file: the script of the engine is part of it, and the page brings the
// WebAssembly.

import module from 'virtual:clearpipe/engine';
import { serveEngine } from './serve-engine';

serveEngine(async (source) => {
  if (!('wasm' in source)) throw new Error('the page has no engine in it');
  const unpacked = source.wasm.stream().pipeThrough(new DecompressionStream('gzip'));
  // Compiled while it is unpacked.
  const wasm = new Response(unpacked, { headers: { 'Content-Type': 'application/wasm' } });
  const { memory } = await module.default({ module_or_path: wasm });
  return { kind: 'single', module, memory };
});
