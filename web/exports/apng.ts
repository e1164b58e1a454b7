// Writes animated PNG, as of the PNG Specification (Third Edition), sections 11.3.5 and 11.3.6. Each frame but the first
// has only the pixels that differ from the frame before, which for the picture makes it many times smaller than frames
// as the browser would write them.

import { crc32 } from '../log-file/crc32';
import { deflated } from '../log-file/deflate';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** 8 bits each of red, green, blue and opacity. */
const [DEPTH, COLOUR_TYPE] = [8, 6];

/** A frame stays, and the next one is put over it where it isn't transparent. */
const [DISPOSE_NONE, BLEND_SOURCE, BLEND_OVER] = [0, 0, 1];

/** The length of the longest pause that a frame can have, in milliseconds. */
const LONGEST_DELAY = 65_535;

/** What a chunk has besides its data. */
const CHUNK = 12;
/** The data of `fcTL`, and the sequence number in front of that of `fdAT`. */
const [CONTROL, SEQUENCE] = [26, 4];

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(CHUNK + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let at = 0; at < 4; at += 1) bytes[4 + at] = type.charCodeAt(at);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Frame extends Area {
  /** In milliseconds. */
  delay: number;
  data: Uint8Array;
}

export class ApngWriter {
  readonly width: number;
  readonly height: number;
  readonly #frames: Frame[] = [];
  /** The pixels of the last frame, each as a number. */
  #last: Uint32Array | null = null;
  #size = SIGNATURE.length + CHUNK * 3 + 13 + 8;

  /** In pixels. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }

  /** How many bytes the file has so far. */
  get size(): number {
    return this.#size;
  }

  get frames(): number {
    return this.#frames.length;
  }

  /**
   * Adds a frame.
   *
   * @param pixels red, green, blue and opacity of each pixel; nothing may be translucent
   * @param delay how long it is shown, in milliseconds
   */
  async add(pixels: Uint8ClampedArray, delay: number): Promise<void> {
    const now = new Uint32Array(pixels.slice().buffer);
    const last = this.#last;
    const area = last
      ? changedArea(last, now, this.width)
      : { x: 0, y: 0, width: this.width, height: this.height };
    this.#last = now;
    if (!area) {
      // Nothing has changed: the frame before is shown for longer.
      const before = this.#frames.at(-1);
      if (before) before.delay = Math.min(LONGEST_DELAY, before.delay + delay);
      return;
    }
    const data = await deflated(rowsOf(last, now, area, this.width), 'deflate');
    const isFirst = this.#frames.length === 0;
    this.#frames.push({ ...area, delay, data });
    this.#size += CHUNK * 2 + CONTROL + data.length + (isFirst ? 0 : SEQUENCE);
  }

  /** Returns the file. */
  finish(): Blob {
    const parts: BlobPart[] = [Uint8Array.from(SIGNATURE)];
    const header = new DataView(new ArrayBuffer(13));
    header.setUint32(0, this.width);
    header.setUint32(4, this.height);
    header.setUint8(8, DEPTH);
    header.setUint8(9, COLOUR_TYPE);
    parts.push(chunk('IHDR', bytesOf(header)));
    const animation = new DataView(new ArrayBuffer(8));
    animation.setUint32(0, this.#frames.length);
    // It is repeated without end.
    animation.setUint32(4, 0);
    parts.push(chunk('acTL', bytesOf(animation)));
    let sequence = 0;
    for (const frame of this.#frames) {
      const isFirst = sequence === 0;
      parts.push(chunk('fcTL', controlOf(frame, sequence, isFirst)));
      sequence += 1;
      if (isFirst) {
        parts.push(chunk('IDAT', frame.data));
        continue;
      }
      const data = new Uint8Array(SEQUENCE + frame.data.length);
      new DataView(data.buffer).setUint32(0, sequence);
      data.set(frame.data, SEQUENCE);
      parts.push(chunk('fdAT', data));
      sequence += 1;
    }
    parts.push(chunk('IEND', new Uint8Array(0)));
    return new Blob(parts, { type: 'image/png' });
  }
}

const bytesOf = ({ buffer }: DataView): Uint8Array => new Uint8Array(buffer);

function controlOf({ x, y, width, height, delay }: Frame, sequence: number, isFirst: boolean) {
  const control = new DataView(new ArrayBuffer(CONTROL));
  [sequence, width, height, x, y].forEach((value, at) => {
    control.setUint32(4 * at, value);
  });
  control.setUint16(20, delay);
  control.setUint16(22, 1000);
  control.setUint8(24, DISPOSE_NONE);
  control.setUint8(25, isFirst ? BLEND_SOURCE : BLEND_OVER);
  return bytesOf(control);
}

/** Returns the smallest area outside of which two frames are the same; null if they are the same. */
function changedArea(before: Uint32Array, now: Uint32Array, width: number): Area | null {
  let [left, right, top, bottom] = [width, -1, -1, -1];
  for (let row = 0; row * width < now.length; row += 1) {
    const start = row * width;
    let first = 0;
    while (first < width && before[start + first] === now[start + first]) first += 1;
    if (first === width) continue;
    let last = width - 1;
    while (before[start + last] === now[start + last]) last -= 1;
    if (top < 0) top = row;
    bottom = row;
    left = Math.min(left, first);
    right = Math.max(right, last);
  }
  if (top < 0) return null;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Returns the rows of an area, unfiltered: pixels that have not changed are transparent. */
function rowsOf(
  before: Uint32Array | null,
  now: Uint32Array,
  { x, y, width, height }: Area,
  stride: number,
): Uint8Array<ArrayBuffer> {
  const row = 1 + 4 * width;
  const bytes = new Uint8Array(row * height);
  const pixels = new Uint8Array(now.buffer);
  for (let line = 0; line < height; line += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = (y + line) * stride + x + column;
      if (before?.[at] === now[at]) continue;
      const to = line * row + 1 + 4 * column;
      for (let part = 0; part < 4; part += 1) bytes[to + part] = pixels[4 * at + part] ?? 0;
    }
  }
  return bytes;
}
