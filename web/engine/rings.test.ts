import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drainRings } from './rings';
import type { RingAddress } from './rings';

/** A ring in the engine's format, at an address of a memory. */
class Ring {
  readonly address: RingAddress;
  readonly #all: BigUint64Array;

  constructor(memory: ArrayBufferLike, at: number, capacity: number) {
    this.address = { written: at, read: at + 8, words: at + 16, capacity };
    this.#all = new BigUint64Array(memory);
  }

  /** Writes an event, unless it is full. */
  push(event: bigint): boolean {
    const { written, read, words, capacity } = this.address;
    const position = this.#all[written / 8] as bigint;
    if (Number(position - (this.#all[read / 8] as bigint)) === capacity) return false;
    const at = words / 8 + 2 * Number(position % BigInt(capacity));
    this.#all[at] = event;
    this.#all[at + 1] = event + 1000n;
    this.#all[written / 8] = position + 1n;
    return true;
  }
}

describe.each([
  ['memory of its own', (size: number) => new ArrayBuffer(size)],
  ['shared memory', (size: number) => new SharedArrayBuffer(size)],
])('rings in %s', (_, memoryOf: (size: number) => ArrayBufferLike) => {
  it('give nothing where nothing is', () => {
    const memory = memoryOf(1024);
    expect(drainRings(memory, [new Ring(memory, 64, 4).address])).toHaveLength(0);
    expect(drainRings(memory, [])).toHaveLength(0);
  });

  it('give every event once, in its thread’s order, however often they are read', () => {
    const steps = fc.array(fc.oneof(fc.constant('read' as const), fc.nat(1)), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (steps) => {
        const memory = memoryOf(2048);
        const rings = [new Ring(memory, 64, 4), new Ring(memory, 512, 8)];
        const written: bigint[][] = [[], []];
        const read: bigint[][] = [[], []];
        let number = 0n;
        const drain = () => {
          const words = drainRings(
            memory,
            rings.map(({ address }) => address),
          );
          for (let at = 0; at < words.length; at += 2) {
            const event = words[at] as bigint;
            expect(words[at + 1]).toBe(event + 1000n);
            read[Number(event % 2n)]?.push(event);
          }
        };
        for (const step of [...steps, 'read' as const]) {
          if (step === 'read') drain();
          else {
            const event = 2n * number + BigInt(step);
            number += 1n;
            if (rings[step]?.push(event)) written[step]?.push(event);
          }
        }
        expect(read).toEqual(written);
      }),
    );
  });
});
