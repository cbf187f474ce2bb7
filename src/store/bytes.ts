/** Collects numbers and bytes one after the other; little-endian. */
export class ByteWriter {
  #bytes: Buffer<ArrayBuffer>;
  #length = 0;

  constructor(expected = 1024) {
    this.#bytes = Buffer.allocUnsafe(expected);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#length = this.#bytes.writeUInt16LE(value, this.#length);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** An integer from 0 to 2^53, short when small. */
  varint(value: number): void {
    this.#reserve(8);
    let left = value;
    while (left >= 128) {
      this.#bytes[this.#length] = (left % 128) | 128;
      this.#length += 1;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#length] = left;
    this.#length += 1;
  }

  /** An integer from −2^52 to 2^52, short when near to zero. */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Adds what stands between two places of some bytes. */
  part(bytes: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    // Of short ones a copy by hand is faster than a call.
    if (to - from > 64) this.#length += bytes.copy(this.#bytes, this.#length, from, to);
    else for (let at = from; at < to; at += 1, this.#length += 1) this.#bytes[this.#length] = bytes[at]!;
  }

  /** Writes a number of 32 bits over what stands at a place. */
  u32At(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value, at);
  }

  /** Begins anew, in the same room. */
  clear(): void {
    this.#length = 0;
  }

  /** What was collected: a view, valid until the next addition. */
  done(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    this.#bytes = withRoom(this.#bytes, this.#length, more);
  }
}

/** A buffer that has room for more bytes behind its first `length`: the same, or one at least twice as large with those copied. */
export function withRoom(bytes: Buffer<ArrayBuffer>, length: number, more: number): Buffer<ArrayBuffer> {
  const needed = length + more;
  if (needed <= bytes.length) return bytes;
  const larger = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2));
  bytes.copy(larger, 0, 0, length);
  return larger;
}

/** Reads what a {@link ByteWriter} wrote. Going beyond the end throws a `RangeError`. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  u8(): number {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1);
  }

  u16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16LE(this.#at - 2);
  }

  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  f64(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  varint(): number {
    const first = this.u8();
    if (first < 128) return first;
    let value = first & 127;
    for (let scale = 128; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** As many signed integers, one after the other. */
  signed(count: number): Float64Array {
    const bytes = this.#bytes;
    const values = new Float64Array(count);
    let at = this.#at;
    for (let index = 0; index < count; index += 1) {
      const first = bytes[at]!;
      if (first < 128) {
        at += 1;
        values[index] = signedOf(first);
        continue;
      }
      const second = bytes[at + 1]!;
      if (second < 128) {
        at += 2;
        values[index] = signedOf((first & 127) | (second << 7));
        continue;
      }
      const third = bytes[at + 2]!;
      if (third < 128) {
        at += 3;
        values[index] = signedOf((first & 127) | ((second & 127) << 7) | (third << 14));
        continue;
      }
      this.#at = at;
      const value = this.varint();
      at = this.#at;
      values[index] = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    if (at > bytes.length) throw new RangeError(`${at} is beyond ${bytes.length} bytes`);
    this.#at = at;
    return values;
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  /** A view of all that is left. */
  rest(): Buffer {
    return this.bytes(this.#bytes.length - this.#at);
  }

  /** A view of the next bytes. */
  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`${end} is beyond ${this.#bytes.length} bytes`);
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

/** What {@link ByteWriter.signed} wrote as a small number. */
function signedOf(value: number): number {
  return (value >> 1) ^ -(value & 1);
}
