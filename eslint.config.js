import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default defineConfig(
  {
    ignores: [
      'target/',
      'dist/',
      'test-results/',
      'web/public/',
      'web/engine/generated/',
      'crates/',
    ],
  },
  js.configs.recommended,
  ts.configs.strict,
  {
    files: ['web/**/*.{ts,svelte}', 'tests/**/*.ts'],
    extends: [ts.configs.strictTypeCheckedOnly],
    languageOptions: {
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  // After TypeScript's, whose parser would otherwise be used for .svelte files.
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  // Layout is prettier's matter.
  prettier,
  svelte.configs.prettier,
  {
    files: ['web/**'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['*.config.*', 'scripts/**', 'tests/**'],
    languageOptions: { globals: globals.node },
  },
  {
    // What it passes to the page runs there.
    files: ['tests/firefox/**'],
    languageOptions: { globals: globals.browser },
  },
);
