// The bytes of a file that the user chose, chunk by chunk. The engine decompresses them.

/** Larger chunks would only make the engine's memory larger. */
const LARGEST_CHUNK = 256 * 1024;

const MAGIC: readonly (readonly number[])[] = [
  // gzip, zstd, bzip2, xz
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
];

/** Whether data may be compressed, by what it begins with: its name need not be right. The engine knows for sure. */
export function mayBeCompressed(start: Uint8Array): boolean {
  const isSkippable = ((start[0] ?? 0) & 0xf0) === 0x50 && start[1] === 0x2a && start[2] === 0x4d;
  return isSkippable || MAGIC.some((magic) => magic.every((byte, at) => start[at] === byte));
}

/** Takes a chunk; false if no more are wanted. */
export type Take = (chunk: Uint8Array<ArrayBuffer>) => Promise<boolean>;

/** Gives a whole file away, chunk by chunk, reading on only when the last one was taken. False if no more are wanted. */
export async function feed(file: Blob, take: Take): Promise<boolean> {
  const reader = file.stream().getReader();
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
