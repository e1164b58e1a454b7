// Takes the events of a run out of the memory shared with the engine, on every animation frame.

import { drainRings } from './rings';
import type { RingAddress } from './rings';

/** Milliseconds between two drains while the page is hidden and has no animation frames. */
const HIDDEN_INTERVAL = 50;

export class EventTap {
  readonly #memory: WebAssembly.Memory;
  readonly #rings: readonly RingAddress[];
  readonly #onevents: (words: BigUint64Array) => void;
  #frame = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    memory: WebAssembly.Memory,
    rings: readonly RingAddress[],
    onevents: (words: BigUint64Array) => void,
  ) {
    this.#memory = memory;
    this.#rings = rings;
    this.#onevents = onevents;
    this.#next();
    this.#timer = setInterval(() => {
      if (document.hidden) this.drain();
    }, HIDDEN_INTERVAL);
  }

  /** Takes the events that are there. The addresses must still belong to the run. */
  drain(): void {
    // Don't cache the buffer: it changes when the memory grows.
    this.#onevents(drainRings(this.#memory.buffer, this.#rings));
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#timer);
  }

  #next(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#next();
      this.drain();
    });
  }
}
