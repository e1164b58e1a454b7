// The engine's worker of a page that a server gives. It loads the engine from the files beside the page.

import { chooseEngine, detectFeatures } from '../engine-kind';
import type { EngineModule } from './module';
import { serveEngine } from './serve-engine';

serveEngine(async (source, wanted) => {
  if (!('folder' in source)) throw new Error('the engine is not in a folder');
  const kind = wanted ?? chooseEngine(detectFeatures());
  const url = new URL(`${kind}/engine.js`, source.folder).href;
  const module = (await import(/* @vite-ignore */ url)) as EngineModule;
  const { memory } = await module.default();
  return { kind, module, memory };
});
