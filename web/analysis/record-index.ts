// An index of the events of each record. Each event links to the previous one of the same record, and the last one of
// each record is known. Grows with the log, and forgets what the log has dropped.

import { NONE } from '../recording/event-log';
import type { EventLog } from '../recording/event-log';

export class RecordIndex {
  readonly #log: EventLog;
  /** For each event, the distance to the previous one of the same record; 0 if there is none. */
  #back = new Uint32Array(2 ** 12);
  /** The last event of each record. */
  readonly #last = new Map<number, number>();
  /** The records in the order of their first event, which is the order of production. */
  #order: number[] = [];
  /** The beginning of the log at the last cleanup. */
  #cleanedAt = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Adds the next event of the log. Events must be added in order. */
  add(index: number): void {
    const record = this.#log.record(index);
    this.#reserve();
    const at = index & (this.#back.length - 1);
    this.#back[at] = 0;
    if (record === NONE) return;
    const last = this.#last.get(record);
    if (last !== undefined && last >= this.#log.begin) this.#back[at] = index - last;
    else if (record > (this.#order.at(-1) ?? -1)) this.#order.push(record);
    this.#last.set(record, index);
    if (this.#log.begin - this.#cleanedAt > this.#back.length / 2) this.#clean();
  }

  /** Returns the previous event of the same record, or [`NONE`] if the log has none any more. */
  previous(index: number): number {
    const back = this.#back[index & (this.#back.length - 1)] as number;
    const before = index - back;
    return back === 0 || before < this.#log.begin ? NONE : before;
  }

  /** Returns the indexes of a record's events, in order. */
  eventsOf(record: number): number[] {
    const indexes: number[] = [];
    let index = this.#last.get(record) ?? NONE;
    if (index < this.#log.begin) return indexes;
    while (index !== NONE) {
      indexes.push(index);
      index = this.previous(index);
    }
    return indexes.reverse();
  }

  has(record: number): boolean {
    return (this.#last.get(record) ?? NONE) >= this.#log.begin;
  }

  /** Returns the nearest record in the log after (or, with −1, before) a number, or null if there is none. */
  neighbour(record: number, direction: 1 | -1): number | null {
    const order = this.#order;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = order[middle] as number;
      if (direction === 1 ? found > record : found >= record) high = middle;
      else low = middle + 1;
    }
    let at = direction === 1 ? low : low - 1;
    // Skip what the log has dropped since.
    while (order[at] !== undefined && !this.has(order[at] as number)) at += direction;
    return order[at] ?? null;
  }

  /** The number of known records. */
  get records(): number {
    return this.#last.size;
  }

  #reserve(): void {
    const log = this.#log;
    const room = this.#back.length;
    if (log.length <= room) return;
    let wanted = room;
    while (wanted < log.length) wanted *= 2;
    const back = new Uint32Array(wanted);
    for (let index = log.begin; index < log.end; index += 1) {
      back[index & (wanted - 1)] = this.#back[index & (room - 1)] as number;
    }
    this.#back = back;
  }

  #clean(): void {
    const { begin } = this.#log;
    this.#cleanedAt = begin;
    for (const [record, last] of this.#last) if (last < begin) this.#last.delete(record);
    this.#order = this.#order.filter((record) => this.#last.has(record));
  }
}
