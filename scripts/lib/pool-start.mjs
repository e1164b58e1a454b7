// Patches how the engine's pool starts its web workers: a generated file of wasm-bindgen-rayon
// 1.3.0.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './run.mjs';

/** @type {[before: string, after: string][]} */
const CHANGES = [
  // wasm-bindgen logs a warning about a call like this once for each worker.
  [
    'pkg.default(data.module, data.memory)',
    'pkg.default({ module_or_path: data.module, memory: data.memory })',
  ],
  // A failure in a thread must become an error of its worker, which its creator is notified of, and
  // not a rejection.
  [
    `  pkg.wbg_rayon_start_worker(data.receiver);
});`,
    `  pkg.wbg_rayon_start_worker(data.receiver);
}).catch(reportError);`,
  ],
  // Started from its own address instead of a copy of its text, so that the Content-Security-Policy
  // need not allow all such copies. A worker that can't be loaded is reported: otherwise the page
  // would wait for it forever.
  [
    `      // The script is fetched as a blob so it works even if this script is
      // hosted remotely (e.g. on a CDN). This avoids a cross-origin
      // security error.
      let scriptBlob = await fetch(import.meta.url).then(r => r.blob());
      let url = URL.createObjectURL(scriptBlob);
      const worker = new Worker(url, {
        type: 'module'
      });
      worker.postMessage(workerInit);
      await waitForMsgType(worker, 'wasm_bindgen_worker_ready');
      URL.revokeObjectURL(url);
`,
    `      const worker = new Worker(import.meta.url, {
        type: 'module'
      });
      const failed = new Promise((_, reject) => {
        worker.addEventListener('error', () => reject(new Error('a thread could not be started')));
      });
      worker.postMessage(workerInit);
      await Promise.race([waitForMsgType(worker, 'wasm_bindgen_worker_ready'), failed]);
`,
  ],
];

/**
 * Patches the file in the folder of a newly generated engine.
 * @param {string} folder
 */
export function changePoolStart(folder) {
  const snippets = join(folder, 'snippets');
  const name = readdirSync(snippets).find((name) => name.startsWith('wasm-bindgen-rayon-'));
  const path = join(snippets, name ?? '', 'src/workerHelpers.no-bundler.js');
  let source = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  for (const [before, after] of CHANGES) {
    if (!source.includes(before)) {
      throw new Failure(
        `wasm-bindgen-rayon no longer has this: see whether it still has to be changed in scripts/lib/pool-start.mjs.\n${before}`,
      );
    }
    source = source.replace(before, after);
  }
  writeFileSync(path, source);
}
