// Reads streams of a limited length.

/**
 * Reads a stream to its end.
 *
 * @returns null if it has more than `most` bytes; it is cancelled then
 */
export async function readUpTo(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  most: number,
): Promise<Blob | null> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  let size = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.length;
    if (size > most) {
      await reader.cancel();
      return null;
    }
    parts.push(read.value);
  }
  return new Blob(parts);
}
