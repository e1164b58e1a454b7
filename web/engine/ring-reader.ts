// Reads the event log of a run straight from the engine's memory, as often as the page draws.

import { drainRings } from './rings';
import type { RingAddress } from './rings';

/** Milliseconds between two looks while the page is hidden, and is not drawn. */
const HIDDEN_INTERVAL = 50;

export class RingReader {
  readonly #memory: WebAssembly.Memory;
  readonly #rings: RingAddress[];
  readonly #onevents: ((words: BigUint64Array) => void) | undefined;
  #frame: number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    memory: WebAssembly.Memory,
    rings: RingAddress[],
    onevents: ((words: BigUint64Array) => void) | undefined,
  ) {
    this.#memory = memory;
    this.#rings = rings;
    this.#onevents = onevents;
    const next = () => {
      this.#frame = requestAnimationFrame(next);
      this.#drain();
    };
    this.#frame = requestAnimationFrame(next);
    this.#timer = setInterval(() => {
      if (document.hidden) this.#drain();
    }, HIDDEN_INTERVAL);
  }

  /** Reads what is left. After that the engine may use the memory for something else. */
  end(): void {
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#timer);
    this.#drain();
  }

  #drain(): void {
    // The buffer anew each time: the memory may have grown.
    const words = drainRings(this.#memory.buffer, this.#rings);
    if (words) this.#onevents?.(words);
  }
}
