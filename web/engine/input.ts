// The bytes of a file that the user chose, chunk by chunk. The engine decompresses them.

/** Larger chunks would only make the engine's memory larger. */
const LARGEST_CHUNK = 256 * 1024;

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
