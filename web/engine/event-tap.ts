// Takes the events of a run out of memory that the page shares with the engine, as often as the page is drawn.

import { drainRings } from './rings';
import type { RingAddress } from './rings';

/** Milliseconds between two looks while the page is not drawn, since it is hidden. */
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

  /** Takes what is there. The addresses must still be the run's. */
  drain(): void {
    // Looked up anew: it is another one when the memory has grown.
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
