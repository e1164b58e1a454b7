/** The two builds of the engine; each is a folder of `web/public/engine/`. */
export type EngineKind = 'threads' | 'single';

/** What decides which of them can run. */
export interface Features {
  crossOriginIsolated: boolean;
  sharedArrayBuffer: boolean;
}

/** What this page, or this worker, has. */
export function detectFeatures(): Features {
  return {
    crossOriginIsolated: globalThis.crossOriginIsolated,
    sharedArrayBuffer: typeof SharedArrayBuffer === 'function',
  };
}

/** Threads share the engine's memory, which browsers allow only to pages that are isolated. */
export function chooseEngine(features: Features): EngineKind {
  return features.crossOriginIsolated && features.sharedArrayBuffer ? 'threads' : 'single';
}

/** More web workers than this only cost memory, on any machine that a page may meet. */
export const MAX_THREADS = 64;
