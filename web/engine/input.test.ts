import { describe, expect, test } from 'vitest';
import { compressionOf, feed } from './input';

function gzip(text: string): Promise<Blob> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(packed).blob();
}

async function fed(file: Blob, most = Infinity): Promise<{ text: string; chunks: number }> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  await feed(file, (chunk) => {
    chunks.push(chunk.slice());
    return Promise.resolve(chunks.length < most);
  });
  return { text: await new Blob(chunks).text(), chunks: chunks.length };
}

describe('feed', () => {
  const text = '{"id":"1"}\n'.repeat(100_000);

  test('a plain file, in chunks of a bounded size', async () => {
    const { text: read, chunks } = await fed(new Blob([text]));
    expect(read === text).toBe(true);
    expect(chunks).toBeGreaterThanOrEqual(Math.ceil(text.length / (256 * 1024)));
  });

  test('a packed file', async () => {
    const { text: read } = await fed(await gzip(text));
    expect(read === text).toBe(true);
  });

  test('an empty file', async () => {
    expect(await fed(new Blob([]))).toEqual({ text: '', chunks: 0 });
  });

  test('no more than is wanted', async () => {
    expect((await fed(new Blob([text]), 2)).chunks).toBe(2);
  });

  test('a broken file', async () => {
    const broken = (await gzip(text)).slice(0, 1000);
    await expect(fed(broken)).rejects.toThrow();
  });

  test('a file that can’t be unpacked', async () => {
    const zstd = new Blob([new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0])]);
    await expect(fed(zstd)).rejects.toThrow('use gzip');
  });
});

test('compressionOf', () => {
  expect(compressionOf(new Uint8Array([]))).toBe('none');
  expect(compressionOf(new Uint8Array([0x1f]))).toBe('none');
  expect(compressionOf(new TextEncoder().encode('{"id"'))).toBe('none');
});
