// Where a page has its engine: in files beside it, or within itself. A page has one host, chosen by its main script.

/** What a worker loads the engine from. */
export type EngineSource =
  /** The absolute address of the folder with both builds. */
  | { folder: string }
  /** The WebAssembly of the build for one thread, compressed with gzip. Its script is part of the worker. */
  | { wasm: Blob };

export interface EngineHost {
  /** Whether the page and its engine are one file, which browsers allow no threads. */
  readonly isOneFile: boolean;
  /** What the workers load the engine from. */
  readonly source: EngineSource;
  /** Starts a worker, which answers the messages of `protocol.ts`. */
  startWorker(): Worker;
}
