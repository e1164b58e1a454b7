/** The two builds of the engine, each in a folder of `web/public/engine/`. */
export type EngineKind = 'threads' | 'single';

/** The features that determine which build can run. */
export interface Features {
  crossOriginIsolated: boolean;
  sharedArrayBuffer: boolean;
}

/** Detects the features of this page or worker. */
export function detectFeatures(): Features {
  return {
    crossOriginIsolated: globalThis.crossOriginIsolated,
    sharedArrayBuffer: typeof SharedArrayBuffer === 'function',
  };
}

/** Threads share the engine's memory, which browsers allow only on cross-origin isolated pages. */
export function chooseEngine(features: Features): EngineKind {
  return features.crossOriginIsolated && features.sharedArrayBuffer ? 'threads' : 'single';
}

/** More web workers would only cost memory, on any machine the page is likely to run on. */
export const MAX_THREADS = 64;
