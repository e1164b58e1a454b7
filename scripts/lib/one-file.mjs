// Part of the build of the page as one file: puts everything into it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { oneFileHtml } from './one-file-html.mjs';
import { engineDir, root } from './paths.mjs';
import { Failure } from './run.mjs';

/**
 * Gives the page and its worker what they import of the built engine.
 * @returns {import('vite').Plugin}
 */
export function engineWithin() {
  const folder = join(engineDir, 'single');
  /** @type {Record<string, () => string>} */
  const modules = {
    // Compressed: 0.7 MB in base64, instead of 1.6.
    'virtual:clearpipe/wasm': () => {
      const packed = gzipSync(readFileSync(join(folder, 'engine_bg.wasm')), { level: 9 });
      return `export default '${packed.toString('base64')}';`;
    },
    'virtual:clearpipe/engine': () =>
      `import * as engine from 'virtual:clearpipe/engine.js'; export default engine;`,
    // Only to find the WebAssembly would it need its own address, which a classic worker doesn't know.
    'virtual:clearpipe/engine.js': () =>
      readFileSync(join(folder, 'engine.js'), 'utf8').replaceAll(
        'import.meta.url',
        'location.href',
      ),
  };
  return {
    name: 'clearpipe-engine-within',
    // By convention, no other plugin touches modules whose ids begin like this.
    resolveId: (id) => (id in modules ? `\0${id}` : undefined),
    load: (id) => modules[id.slice(1)]?.(),
  };
}

/**
 * Replaces the files that were built by a single one.
 * @param {string} fileName
 * @returns {import('vite').Plugin}
 */
export function oneFile(fileName) {
  return {
    name: 'clearpipe-one-file',
    apply: 'build',
    generateBundle: {
      // After Vite's own plugins, which finish styles and imports.
      order: 'post',
      handler(_, bundle) {
        const files = Object.values(bundle);
        const script = files.find(({ fileName }) => fileName.endsWith('.js'));
        const style = files.find(({ fileName }) => fileName.endsWith('.css'));
        if (script?.type !== 'chunk' || style?.type !== 'asset' || files.length !== 2) {
          const names = files.map(({ fileName }) => fileName).join(', ');
          throw new Failure(`There must be one script and one style, but there are ${names}.`);
        }
        const html = oneFileHtml({
          html: readFileSync(join(root, 'index.html'), 'utf8'),
          script: script.code,
          style: style.source.toString(),
          icon: readFileSync(join(root, 'web/public/icon.svg')),
        });
        for (const name of Object.keys(bundle)) Reflect.deleteProperty(bundle, name);
        this.emitFile({ type: 'asset', fileName, source: html });
      },
    },
  };
}
