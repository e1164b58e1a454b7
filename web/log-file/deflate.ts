// Compression by DEFLATE, which the browser does.

import { readUpTo } from './read-up-to';

/** @param format with a zlib wrapper (`deflate`), or without one */
export async function deflated(
  bytes: Uint8Array<ArrayBuffer>,
  format: 'deflate' | 'deflate-raw',
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Reverses `deflated` with a zlib wrapper, whose checksum shows any damage.
 *
 * @throws an error if the bytes are damaged, or hold more than `most` bytes
 */
export async function inflated(
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  const inflated = await readUpTo(stream, most);
  if (!inflated) throw new Error(`it holds more than ${most.toLocaleString('en')} bytes`);
  return new Uint8Array(await inflated.arrayBuffer());
}
