// Writes numbers as bytes, as event logs have them.

export class Bytes {
  #bytes = new Uint8Array(1 << 12);
  #length = 0;

  /** What has been written. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  bytes(values: Uint8Array): void {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** A text of ASCII characters. */
  ascii(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.byte(text.charCodeAt(at));
  }

  /** Four bytes, the lowest first. */
  u32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  /** Eight bytes, the lowest first; the number is at most 2⁵³. */
  u64(value: number): void {
    this.u32(value % 2 ** 32);
    this.u32(Math.floor(value / 2 ** 32));
  }

  /** LEB128: seven bits a byte, the lowest first; the highest bit says that another byte follows. */
  number(value: number): void {
    // Without bitwise operations, which have 32 bits.
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** The difference from an expected number: 0, −1, 1, −2, 2 become 0, 1, 2, 3, 4. */
  change(value: number, expected: number): void {
    const change = value - expected;
    this.number(change < 0 ? -2 * change - 1 : 2 * change);
  }

  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + by));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
