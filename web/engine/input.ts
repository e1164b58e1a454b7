// Reads a file of the user's chunk by chunk. The engine decompresses it.

/** Larger chunks would only grow the engine's memory. */
const MAX_CHUNK = 256 * 1024;

/** Takes a chunk. Resolves to false if no more are wanted. */
export type Take = (chunk: Uint8Array<ArrayBuffer>) => Promise<boolean>;

/**
 * Feeds a whole file chunk by chunk, each after the previous one was taken. Resolves to false if no more are wanted.
 */
export async function feed(file: Blob, take: Take): Promise<boolean> {
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return true;
    for (let at = 0; at < value.length; at += MAX_CHUNK) {
      if (!(await take(value.subarray(at, at + MAX_CHUNK)))) {
        await reader.cancel();
        return false;
      }
    }
  }
}
