import { describe, expect, test } from 'vitest';
import { drainRings } from './rings';
import type { RingAddress } from './rings';

/** The engine's end of some rings, as `ring.rs` has it. */
class FakeEngine {
  readonly memory: ArrayBufferLike;
  readonly rings: RingAddress[];

  constructor(capacities: number[], shared: boolean) {
    // Something else comes first, as in real memory.
    let next = 24;
    const place = (bytes: number) => {
      const address = next;
      next += bytes;
      return address;
    };
    this.rings = capacities.map((capacity) => ({
      written: place(8),
      read: place(8),
      words: place(16 * capacity),
      capacity,
    }));
    this.memory = shared ? new SharedArrayBuffer(next) : new ArrayBuffer(next);
  }

  /** Writes an event, if there is room for it. */
  push(index: number, event: bigint): boolean {
    const ring = this.rings[index];
    if (!ring) throw new Error('there is no such ring');
    const written = new BigUint64Array(this.memory, ring.written, 1);
    const read = new BigUint64Array(this.memory, ring.read, 1);
    const position = written[0] ?? 0n;
    if (position - (read[0] ?? 0n) === BigInt(ring.capacity)) return false;
    const words = new BigUint64Array(this.memory, ring.words, 2 * ring.capacity);
    words.set([event, event + 1000n], 2 * Number(position % BigInt(ring.capacity)));
    written[0] = position + 1n;
    return true;
  }

  drain(): bigint[] | null {
    const words = drainRings(this.memory, this.rings);
    return words && [...words];
  }
}

/** The words of events. */
const words = (...events: bigint[]) => events.flatMap((event) => [event, event + 1000n]);

describe.each([true, false])('drainRings, shared %s', (shared) => {
  test('there are no events, or no rings', () => {
    expect(new FakeEngine([4, 8], shared).drain()).toBeNull();
    expect(new FakeEngine([], shared).drain()).toBeNull();
  });

  test('each ring’s events are in their order, and are taken once', () => {
    const engine = new FakeEngine([4, 8, 4], shared);
    engine.push(2, 30n);
    engine.push(0, 1n);
    engine.push(2, 31n);
    engine.push(0, 2n);
    expect(engine.drain()).toEqual(words(1n, 2n, 30n, 31n));
    expect(engine.drain()).toBeNull();
    engine.push(1, 7n);
    expect(engine.drain()).toEqual(words(7n));
  });

  test('round the end of a ring, for ever', () => {
    const engine = new FakeEngine([4], shared);
    let next = 0n;
    for (const count of [3, 4, 1, 2, 4, 4, 3]) {
      const expected = Array.from({ length: count }, (_, index) => next + BigInt(index));
      for (const event of expected) expect(engine.push(0, event)).toBe(true);
      next += BigInt(count);
      expect(engine.drain()).toEqual(words(...expected));
    }
  });

  test('a full ring has room again', () => {
    const engine = new FakeEngine([2], shared);
    expect([1n, 2n, 3n].map((event) => engine.push(0, event))).toEqual([true, true, false]);
    expect(engine.drain()).toEqual(words(1n, 2n));
    expect(engine.push(0, 3n)).toBe(true);
  });

  test('what is taken is a copy that can be sent', () => {
    const engine = new FakeEngine([2], shared);
    engine.push(0, 5n);
    const taken = drainRings(engine.memory, engine.rings);
    engine.push(0, 6n);
    engine.push(0, 7n);
    expect(taken?.buffer).toBeInstanceOf(ArrayBuffer);
    expect(taken && [...taken]).toEqual(words(5n));
  });
});
