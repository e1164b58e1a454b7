import { expect, test } from 'vitest';
import { nextTheme } from './view.svelte';

test('the themes come in turn', () => {
  expect([nextTheme('auto'), nextTheme('light'), nextTheme('dark')]).toEqual([
    'light',
    'dark',
    'auto',
  ]);
});
