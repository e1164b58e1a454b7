import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { code } from './scripts/lib/code.mjs';
import { offline } from './scripts/lib/offline.mjs';
import { DEVELOPMENT, ISOLATION, PROTECTION } from './scripts/lib/headers.mjs';

/** What the bundler knows of modules. */
interface Modules {
  getModuleInfo(id: string): { isEntry: boolean; importers: string[] } | null;
}

/**
 * Puts all that the page begins with into one file. Without that, the bundler puts what is also used by something that is
 * loaded later into files of their own, and several files compress less well.
 */
function partOf(id: string, modules: Modules): string | null {
  const reached = new Set([id]);
  // Also runs through those that are added meanwhile.
  for (const id of reached) {
    const module = modules.getModuleInfo(id);
    if (module?.isEntry) return 'page';
    for (const importer of module?.importers ?? []) reached.add(importer);
  }
  return null;
}

export default defineConfig({
  // Relative addresses: the built page works under any path of any host.
  base: './',
  // The engines are in here, ready built. They must not go through the bundler: wasm-bindgen-rayon's
  // helper, merged into one file with the rest, would start the engine again and again.
  publicDir: 'web/public',
  plugins: [svelte(), code(), offline()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: partOf, debugName: 'page' }] } },
    },
  },
  server: { headers: { ...ISOLATION, ...DEVELOPMENT }, host: '127.0.0.1' },
  preview: { headers: { ...ISOLATION, ...PROTECTION }, host: '127.0.0.1' },
  test: {
    include: [
      'web/**/*.test.ts',
      'tests/peers/*.test.mjs',
      'tests/server/*.test.mjs',
      'tests/scripts/*.test.mjs',
    ],
    setupFiles: ['web/vitest.setup.ts'],
    css: { include: /tokens\.css/ },
  },
});
