import { afterEach, describe, expect, test, vi } from 'vitest';
import { expectedSize, findSpace, warningOf } from './storage-space';

const MB = 1e6;

describe('how large results will be', () => {
  test('generated records', () => {
    expect(expectedSize({ source: 'generator', records: 1_000_000 }, [])).toBe(270 * MB);
    expect(expectedSize({ source: 'generator', records: null }, [])).toBe(50 * 270);
  });

  test('a file: tables grow more than JSON Lines, and packed ones most', () => {
    const of = (name: string) =>
      expectedSize({ source: 'file', records: null }, [{ name, size: MB }]);
    expect(of('a.jsonl')).toBe(2 * MB);
    expect(of('a.csv')).toBe(4 * MB);
    expect(of('a.jsonl.gz')).toBe(16 * MB);
    expect(of('a.TSV.gz')).toBe(32 * MB);
    expect(expectedSize({ source: 'file', records: null }, [])).toBeNull();
    const files = ['a.jsonl', 'b.csv'].map((name) => ({ name, size: MB }));
    expect(expectedSize({ source: 'file', records: null }, files)).toBe(6 * MB);
  });
});

describe('what is said before a run', () => {
  const disk = (bytes: number) => ({ bytes, storage: 'disk' as const });

  test('nothing, where there is room', () => {
    expect(warningOf(disk(1000 * MB), 900 * MB)).toBeNull();
    expect(warningOf(disk(1000 * MB), null)).toBeNull();
    expect(warningOf({ bytes: 100 * MB, storage: 'memory' }, 10 * MB)).toBeNull();
  });

  test('that it will not do', () => {
    expect(warningOf(disk(100 * MB), 900 * MB)).toMatch(/about 900.MB, but .* only 100.MB/);
    expect(warningOf({ bytes: 100 * MB, storage: 'memory' }, 900 * MB)).toMatch(/at most 100.MB/);
  });

  test('that there is little, whatever is run', () => {
    expect(warningOf(disk(MB), 10)).toMatch(/only 1.00.MB/);
    expect(warningOf(disk(0), null)).toMatch(/only 0 bytes/);
  });
});

describe('how much room there is', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const estimate = (answer: () => Promise<StorageEstimate>) => {
    vi.stubGlobal('navigator', { storage: { estimate: answer } });
  };
  const says = (quota: number, usage: number) => {
    estimate(() => Promise.resolve({ quota, usage }));
  };
  const upTo = (most: number) => vi.fn((size: number) => Promise.resolve(size <= most));

  test('what the browser says is left, and what the last results give back', async () => {
    const all = upTo(Infinity);
    says(100 * MB, 4 * MB);
    expect(await findSpace(all, MB, 3 * MB)).toEqual({ bytes: 99 * MB, storage: 'disk' });
    says(MB, 4 * MB);
    expect(await findSpace(all, MB, 0)).toEqual({ bytes: 0, storage: 'disk' });
  });

  test('what can be had, where the browser says the same to all', async () => {
    says(10 * 2 ** 30 + 5, 5);
    expect((await findSpace(upTo(Infinity), MB, 0)).bytes).toBe(Infinity);
    for (const most of [0, 1.5 * MB, 15 * MB]) {
      const { bytes } = await findSpace(upTo(most), MB, 0);
      expect(bytes).toBeLessThanOrEqual(most);
      expect(bytes).toBeGreaterThan(most - 10_000);
    }
    // A small size is probed for a small run, and never a very large one.
    const [small, large] = [upTo(Infinity), upTo(Infinity)];
    await findSpace(small, MB, 0);
    expect(small.mock.calls).toEqual([[16 * MB]]);
    await findSpace(large, 5000 * MB, 0);
    expect(large.mock.calls).toEqual([[64 * MB]]);
  });

  test('without files, as much as is kept in memory', async () => {
    expect(await findSpace(null, MB, 0)).toEqual({ bytes: 256 * 2 ** 20, storage: 'memory' });
  });

  test('enough, where the browser tells nothing', async () => {
    const unknown = () => Promise.resolve(null);
    estimate(() => Promise.reject(new TypeError('no')));
    expect((await findSpace(unknown, MB, 0)).bytes).toBe(Infinity);
    estimate(() => Promise.resolve({}));
    expect((await findSpace(unknown, MB, 0)).bytes).toBe(Infinity);
  });
});
