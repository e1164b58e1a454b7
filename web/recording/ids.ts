// The ids of traced records of the user's own data: events have only numbers.

/** As many as may be in a log. */
const MOST = 2 ** 17;

export class RecordIds {
  readonly #ids = new Map<number, string>();
  /** Of the records with an id the first that was traced. */
  readonly #numbers = new Map<string, number>();
  /** Ids that several traced records have. */
  readonly #repeated = new Set<string>();

  /** Takes numbers and ids, in turn. */
  add(found: readonly (number | string)[]): void {
    for (let at = 0; at + 1 < found.length; at += 2) {
      const [number, id] = [Number(found[at]), String(found[at + 1])];
      this.#ids.set(number, id);
      const first = this.#numbers.get(id);
      if (first !== undefined && first !== number) this.#repeated.add(id);
      if (first === undefined || number < first) this.#numbers.set(id, number);
      if (this.#ids.size > MOST) this.#forgetOldest();
    }
  }

  idOf(record: number): string | null {
    return this.#ids.get(record) ?? null;
  }

  /** The number of the record with an id; null if none is known. */
  numberOf(id: string): number | null {
    return this.#numbers.get(id) ?? null;
  }

  /** Whether several traced records have this id. */
  isRepeated(id: string): boolean {
    return this.#repeated.has(id);
  }

  #forgetOldest(): void {
    const [oldest] = this.#ids;
    if (!oldest) return;
    const [number, id] = oldest;
    this.#ids.delete(number);
    if (this.#numbers.get(id) === number) this.#numbers.delete(id);
    this.#repeated.delete(id);
  }
}
