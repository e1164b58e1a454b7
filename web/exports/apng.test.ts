import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../log-file/crc32';
import { ApngWriter } from './apng';

interface Chunk {
  type: string;
  data: DataView;
}

/** Reads chunks, and checks each one's checksum. */
async function chunksOf(file: Blob): Promise<Chunk[]> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks: Chunk[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    const data = new DataView(bytes.buffer, at + 8, length);
    expect(view.getUint32(at + 8 + length), `checksum of ${type}`).toBe(
      crc32(bytes.subarray(at + 4, at + 8 + length)),
    );
    chunks.push({ type, data });
    at += 12 + length;
  }
  return chunks;
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

interface Shown {
  pixels: number[];
  /** In milliseconds. */
  delay: number;
}

/** Plays a file as a browser does: each frame over the one before. */
async function framesOf(file: Blob): Promise<Shown[]> {
  const chunks = await chunksOf(file);
  const [header, animation] = chunks;
  expect(chunks.map(({ type }) => type)[0]).toBe('IHDR');
  expect(animation?.type).toBe('acTL');
  expect(chunks.at(-1)?.type).toBe('IEND');
  const width = header?.data.getUint32(0) ?? 0;
  const canvas = new Uint8Array(4 * width * (header?.data.getUint32(4) ?? 0));
  const shown: Shown[] = [];
  let sequence = 0;
  let control: DataView | null = null;
  for (const { type, data } of chunks.slice(2, -1)) {
    if (type === 'fcTL') {
      expect(data.getUint32(0)).toBe(sequence);
      sequence += 1;
      control = data;
      continue;
    }
    if (!control) throw new Error(`${type} before fcTL`);
    const isFirst = shown.length === 0;
    expect(type).toBe(isFirst ? 'IDAT' : 'fdAT');
    if (!isFirst) {
      expect(data.getUint32(0)).toBe(sequence);
      sequence += 1;
    }
    const packed = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const rows = await inflated(packed.slice(isFirst ? 0 : 4));
    const [w = 0, h = 0, x = 0, y = 0] = [4, 8, 12, 16].map((at) => control?.getUint32(at));
    expect(rows).toHaveLength(h * (1 + 4 * w));
    for (let line = 0; line < h; line += 1) {
      const from = line * (1 + 4 * w);
      expect(rows[from], 'filter').toBe(0);
      for (let column = 0; column < w; column += 1) {
        const pixel = rows.subarray(from + 1 + 4 * column, from + 5 + 4 * column);
        if (pixel[3] === 0) continue;
        canvas.set(pixel, 4 * ((y + line) * width + x + column));
      }
    }
    const delay = (1000 * control.getUint16(20)) / control.getUint16(22);
    shown.push({ pixels: [...canvas], delay });
    control = null;
  }
  expect(animation?.data.getUint32(0), 'frames in acTL').toBe(shown.length);
  return shown;
}

/** Few colours, so that many pixels stay the same. */
const pixel = fc.constantFrom([0, 0, 0, 255], [255, 255, 255, 255], [184, 106, 0, 255]);
const [WIDTH, HEIGHT] = [5, 4];
const image = fc
  .array(pixel, { minLength: WIDTH * HEIGHT, maxLength: WIDTH * HEIGHT })
  .map((pixels) => pixels.flat());

test('what is played is what was added, for as long', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(image, { minLength: 1, maxLength: 6 }), async (images) => {
      const writer = new ApngWriter(WIDTH, HEIGHT);
      for (const [at, pixels] of images.entries()) {
        await writer.add(new Uint8ClampedArray(pixels), 80 + at);
      }
      const file = writer.finish();
      expect(file.size).toBe(writer.size);
      const expected: Shown[] = [];
      for (const [at, pixels] of images.entries()) {
        const last = expected.at(-1);
        if (last && String(last.pixels) === String(pixels)) last.delay += 80 + at;
        else expected.push({ pixels, delay: 80 + at });
      }
      expect(await framesOf(file)).toEqual(expected);
      expect(writer.frames).toBe(expected.length);
    }),
    { numRuns: 40 },
  );
});

test('a frame with one pixel changed is as small as that', async () => {
  const writer = new ApngWriter(200, 100);
  const pixels = new Uint8ClampedArray(4 * 200 * 100).fill(255);
  await writer.add(pixels, 100);
  const first = writer.size;
  pixels[4 * (200 * 50 + 120)] = 0;
  await writer.add(pixels, 100);
  expect(writer.size - first).toBeLessThan(80);
  const chunks = await chunksOf(writer.finish());
  const control = chunks.filter(({ type }) => type === 'fcTL')[1]?.data;
  expect([4, 8, 12, 16].map((at) => control?.getUint32(at))).toEqual([1, 1, 120, 50]);
});
