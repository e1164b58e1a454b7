// Takes events out of the ring buffers that the engine's threads write to.
// `crates/core/src/trace/ring.rs` documents them: each has a single writer, a thread, and a single
// reader, this module.

/** Where a ring buffer is in the engine's memory; addresses in bytes. */
export interface RingAddress {
  /** The number of events written, advanced by the thread. */
  written: number;
  /** The number of events read, advanced by the reader. */
  read: number;
  /** The events, two 64-bit words each. */
  words: number;
  /** How many events fit: a power of two. */
  capacity: number;
}

/**
 * Takes all available events: those of each ring in order, one ring after the other.
 *
 * @param memory the engine's memory; shared if other threads write to it
 */
export function drainRings(
  memory: ArrayBufferLike,
  rings: readonly RingAddress[],
): BigUint64Array<ArrayBuffer> {
  const all = new BigUint64Array(memory);
  const found = rings.map((ring) => {
    const from = Atomics.load(all, ring.read / 8);
    const to = Atomics.load(all, ring.written / 8);
    return { ring, to, first: Number(from % BigInt(ring.capacity)), count: Number(to - from) };
  });
  const words = new BigUint64Array(found.reduce((sum, { count }) => sum + 2 * count, 0));
  let end = 0;
  for (const { ring, to, first, count } of found) {
    const start = ring.words / 8;
    const copy = (at: number, length: number) => {
      words.set(all.subarray(start + 2 * at, start + 2 * (at + length)), end);
      end += 2 * length;
    };
    const upToEnd = Math.min(count, ring.capacity - first);
    copy(first, upToEnd);
    copy(0, count - upToEnd);
    // From here on the thread may overwrite them.
    Atomics.store(all, ring.read / 8, to);
  }
  return words;
}
