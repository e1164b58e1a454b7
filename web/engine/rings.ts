// The rings of the event log, in the engine's memory: each is a queue that one thread of the engine writes to and
// JavaScript reads. `crates/core/src/trace/ring.rs` is the other end, `crates/core/src/trace/event.rs` says what an
// event is: two words of 64 bits.

/** Where a ring is: addresses of bytes in the engine's memory. */
export interface RingAddress {
  /** The count of events written: 64 bits, which the engine advances. */
  written: number;
  /** The count of events read: 64 bits, which the reader advances. */
  read: number;
  /** The events, at their position modulo the capacity. */
  words: number;
  /** How many events there is room for. */
  capacity: number;
}

const WORDS_AN_EVENT = 2;

/**
 * Takes all events that are there: those of each ring in their order, one ring behind the other; null if there are
 * none. The engine may go on writing meanwhile, if the memory is shared.
 */
export function drainRings(
  memory: ArrayBufferLike,
  rings: readonly RingAddress[],
): BigUint64Array<ArrayBuffer> | null {
  const filled = rings.map((ring) => {
    const counts = {
      written: new BigUint64Array(memory, ring.written, 1),
      read: new BigUint64Array(memory, ring.read, 1),
    };
    // Read first of all: what was written until then is there.
    const end = Atomics.load(counts.written, 0);
    const start = Atomics.load(counts.read, 0);
    return { ring, read: counts.read, start, end, events: Number(end - start) };
  });
  const events = filled.reduce((sum, ring) => sum + ring.events, 0);
  if (events === 0) return null;

  const taken = new BigUint64Array(events * WORDS_AN_EVENT);
  let at = 0;
  for (const { ring, read, start, end, events } of filled) {
    const words = new BigUint64Array(memory, ring.words, ring.capacity * WORDS_AN_EVENT);
    const from = Number(start % BigInt(ring.capacity)) * WORDS_AN_EVENT;
    const count = events * WORDS_AN_EVENT;
    // Up to the end of the ring, and the rest from its beginning.
    const first = words.subarray(from, from + count);
    taken.set(first, at);
    taken.set(words.subarray(0, count - first.length), at + first.length);
    at += count;
    // Only now may the engine write over them.
    Atomics.store(read, 0, end);
  }
  return taken;
}
