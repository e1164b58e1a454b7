// Takes the engine's events out of the memory that its threads write them to. `crates/core/src/trace/ring.rs` describes
// the rings: each has one writer, a thread, and one reader, which is here.

/** Where a ring is in the engine's memory: addresses in bytes. */
export interface RingAddress {
  /** The count of events written, which the thread advances. */
  written: number;
  /** The count of events read, which the reader advances. */
  read: number;
  /** The events, two 64-bit words each. */
  words: number;
  /** How many events there is room for: a power of two. */
  capacity: number;
}

/**
 * Takes all events that are there: each ring's in their order, one ring after the other.
 *
 * @param memory the engine's; shared where other threads write to it
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
    // Only now may the thread write there again.
    Atomics.store(all, ring.read / 8, to);
  }
  return words;
}
