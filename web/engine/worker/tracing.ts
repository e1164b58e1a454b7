// The event log of a run, on its way to the page: where the engine's memory is shared, the page reads the rings itself;
// otherwise it is sent what is in them.

import { drainRings } from '../rings';
import type { RingAddress } from '../rings';
import type { FromWorker } from '../protocol';
import type { EngineRun } from './module';

/** Milliseconds between two messages with events. */
const EVENTS_INTERVAL = 33;

export class Tracing {
  readonly #memory: WebAssembly.Memory;
  readonly #rings: RingAddress[];
  readonly #send: (message: FromWorker, transfer?: Transferable[]) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #drained: Promise<void> | undefined;
  #settle: (() => void) | undefined;

  /** Begins to hand over the events of a run, if it has any. */
  constructor(
    run: EngineRun,
    memory: WebAssembly.Memory,
    send: (message: FromWorker, transfer?: Transferable[]) => void,
  ) {
    this.#memory = memory;
    this.#send = send;
    this.#rings = run.rings().map((ring) => {
      const { written, read, words, capacity } = ring;
      ring.free();
      return { written, read, words, capacity };
    });
    if (this.#rings.length === 0) return;
    if (isShared(memory)) {
      this.#drained = new Promise((settle) => {
        this.#settle = settle;
      });
      send({ type: 'tracing', memory, rings: this.#rings });
    } else {
      this.#timer = setInterval(() => {
        this.#sendEvents();
      }, EVENTS_INTERVAL);
    }
  }

  /** The run has ended: hands over the rest, unless the page reads it itself. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#sendEvents();
  }

  /** The page has read the rest. */
  wasDrained(): void {
    this.#settle?.();
  }

  /** Resolves when nobody reads the rings any more. */
  async drained(): Promise<void> {
    await this.#drained;
  }

  #sendEvents(): void {
    // The buffer anew each time: the memory may have grown.
    const words = drainRings(this.#memory.buffer, this.#rings);
    if (words) this.#send({ type: 'events', words }, [words.buffer]);
  }
}

function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
}
