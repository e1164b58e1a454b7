import { describe, expect, test } from 'vitest';
import { chooseEngine } from './engine-kind';

describe('chooseEngine', () => {
  test.each([
    [true, true, 'threads'],
    [true, false, 'single'],
    [false, true, 'single'],
    [false, false, 'single'],
  ] as const)(
    'isolated %s, SharedArrayBuffer %s: %s',
    (crossOriginIsolated, sharedArrayBuffer, kind) => {
      expect(chooseEngine({ crossOriginIsolated, sharedArrayBuffer })).toBe(kind);
    },
  );
});
