// The page as one file, which opens without a server: `vite build --config vite.one-file.config.ts`. It is made of the
// same sources as the page that is served; only the main scripts of the page and of its worker are others.

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { code } from './scripts/lib/code.mjs';
import { engineWithin, oneFile } from './scripts/lib/one-file.mjs';

export default defineConfig({
  // What it needs of the other files is put into it.
  publicDir: false,
  plugins: [svelte(), code(), engineWithin(), oneFile('clearpipe.html')],
  worker: { format: 'iife', plugins: () => [engineWithin()] },
  build: {
    target: 'es2022',
    // The page that is served is in there.
    emptyOutDir: false,
    modulePreload: false,
    assetsInlineLimit: Infinity,
    cssCodeSplit: false,
    rolldownOptions: { input: 'web/one-file/main.ts', output: { codeSplitting: false } },
  },
});
