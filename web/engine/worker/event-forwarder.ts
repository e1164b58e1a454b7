// Makes the engine's events available to the page: in shared memory, or as copies if there is none.

import type { FromWorker } from '../protocol';
import { drainRings } from '../rings';
import type { RingAddress } from '../rings';
import type { EngineRun } from './module';

/** Milliseconds between two batches of copies. */
const INTERVAL = 33;

export class EventForwarder {
  readonly #memory: WebAssembly.Memory;
  readonly #rings: RingAddress[];
  readonly #send: (message: FromWorker) => void;
  readonly #isShared: boolean;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #drained: () => void = () => undefined;

  constructor(run: EngineRun, memory: WebAssembly.Memory, send: (message: FromWorker) => void) {
    this.#memory = memory;
    this.#send = send;
    this.#rings = run.rings().map((ring) => {
      const { written, read, words, capacity } = ring;
      ring.free();
      return { written, read, words, capacity };
    });
    this.#isShared =
      typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
    if (this.#rings.length === 0) return;
    if (this.#isShared) send({ type: 'tracing', memory, rings: this.#rings });
    else
      this.#timer = setInterval(() => {
        this.#copy();
      }, INTERVAL);
  }

  /** Makes sure that the page gets the last events. The run must not be freed before. */
  async end(): Promise<void> {
    this.stop();
    if (this.#rings.length === 0) return;
    if (!this.#isShared) {
      this.#copy();
      return;
    }
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    this.#send({ type: 'drain' });
    await drained;
  }

  /** The page has taken the last events. */
  drained(): void {
    this.#drained();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #copy(): void {
    const words = drainRings(this.#memory.buffer, this.#rings);
    if (words.length > 0) this.#send({ type: 'events', words });
  }
}
