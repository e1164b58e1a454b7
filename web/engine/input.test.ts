import { describe, expect, test } from 'vitest';
import { feed } from './input';

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

  test('an empty file', async () => {
    expect(await fed(new Blob([]))).toEqual({ text: '', chunks: 0 });
  });

  test('no more than is wanted', async () => {
    expect((await fed(new Blob([text]), 2)).chunks).toBe(2);
  });
});
