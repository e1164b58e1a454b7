// The ids of traced records from the user's own data. Events contain only numbers.

/** As many as there may be in a log. */
const MAX_IDS = 2 ** 17;

export class RecordIds {
  readonly #ids = new Map<number, string>();
  /** The traced record with an id, or all of them if there are several. */
  readonly #recordsById = new Map<string, number | Set<number>>();

  /** Adds alternating numbers and ids. */
  add(found: readonly (number | string)[]): void {
    for (let at = 0; at + 1 < found.length; at += 2) {
      const [number, id] = [Number(found[at]), String(found[at + 1])];
      // An empty id doesn't identify a record.
      if (id === '') continue;
      this.#ids.set(number, id);
      const known = this.#recordsById.get(id);
      if (typeof known === 'object') known.add(number);
      else if (known === undefined) this.#recordsById.set(id, number);
      else if (known !== number) this.#recordsById.set(id, new Set([known, number]));
      if (this.#ids.size > MAX_IDS) this.#evictOldest();
    }
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Numbers and ids, in the order in which they were added. */
  [Symbol.iterator](): IterableIterator<[number, string]> {
    return this.#ids.entries();
  }

  idOf(record: number): string | null {
    return this.#ids.get(record) ?? null;
  }

  /** Returns the number of the first traced record with an id, or null if none is known. */
  numberOf(id: string): number | null {
    const known = this.#recordsById.get(id) ?? null;
    if (typeof known !== 'object' || known === null) return known;
    let first = Infinity;
    for (const number of known) first = Math.min(first, number);
    return first;
  }

  /** Whether several traced records have this id. */
  isRepeated(id: string): boolean {
    return typeof this.#recordsById.get(id) === 'object';
  }

  #evictOldest(): void {
    const [oldest] = this.#ids;
    if (!oldest) return;
    const [number, id] = oldest;
    this.#ids.delete(number);
    const known = this.#recordsById.get(id);
    if (typeof known !== 'object') {
      this.#recordsById.delete(id);
      return;
    }
    known.delete(number);
    const [next] = known;
    if (known.size === 1 && next !== undefined) this.#recordsById.set(id, next);
  }
}
