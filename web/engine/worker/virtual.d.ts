/** The script of the engine for one thread, which scripts/lib/one-file.mjs puts into the worker. */
declare module 'virtual:clearpipe/engine' {
  const engine: import('./module').EngineModule;
  export default engine;
}
