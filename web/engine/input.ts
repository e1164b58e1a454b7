// The bytes of a file that the user chose: unpacked if need be, chunk by chunk.

/** Larger chunks would only make the engine's memory larger. */
const LARGEST_CHUNK = 256 * 1024;

export type Compression = 'none' | 'gzip' | 'zstd';

/** By what it begins with: its name need not be right. */
export function compressionOf(start: Uint8Array): Compression {
  const begins = (...bytes: number[]) => bytes.every((byte, at) => start[at] === byte);
  if (begins(0x1f, 0x8b)) return 'gzip';
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  return 'none';
}

/** Opens a file. */
export async function unpacked(file: Blob): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  switch (compressionOf(start)) {
    case 'none':
      return file.stream();
    case 'gzip':
      return file.stream().pipeThrough(new DecompressionStream('gzip'));
    case 'zstd':
      throw new Error('browsers can’t unpack Zstandard files; unpack it first, or use gzip');
  }
}

/** Takes a chunk; false if no more are wanted. */
export type Take = (chunk: Uint8Array<ArrayBuffer>) => Promise<boolean>;

/** Gives a whole file away, chunk by chunk, reading on only when the last one was taken. False if no more are wanted. */
export async function feed(file: Blob, take: Take): Promise<boolean> {
  const reader = (await unpacked(file)).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return true;
    for (let at = 0; at < value.length; at += LARGEST_CHUNK) {
      if (!(await take(value.subarray(at, at + LARGEST_CHUNK)))) {
        await reader.cancel();
        return false;
      }
    }
  }
}
