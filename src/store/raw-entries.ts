import { ENTRY_HEAD, type Entry } from "./segment.js";

/**
 * The entries of some batches of a raw segment, which stand in one piece of memory. An entry is made when it is asked for: who reads the bytes
 * makes no objects.
 */
export class RawEntries implements Iterable<Entry> {
  /** What they stand in; a body goes from `start` to `end`. */
  readonly bytes: Buffer;
  /** Where the head of each begins, and where its body ends. */
  readonly #heads: readonly number[];
  readonly #ends: readonly number[];
  readonly #view: DataView;

  /** @param payloads of batches whose check sums are right, one after the other in the same memory */
  constructor(payloads: readonly Buffer[]) {
    const first = payloads[0]!;
    const last = payloads.at(-1)!;
    const { buffer, byteOffset } = first;
    this.bytes = Buffer.from(buffer, byteOffset, last.byteOffset + last.length - byteOffset);
    this.#view = new DataView(buffer, byteOffset, this.bytes.length);
    const heads: number[] = [];
    const ends: number[] = [];
    for (const payload of payloads) {
      const from = payload.byteOffset - byteOffset;
      const to = from + payload.length;
      for (let at = from; at + ENTRY_HEAD <= to; ) {
        heads.push(at);
        at += ENTRY_HEAD + this.#view.getUint32(at + 11, true);
        // As where a view ends with its batch.
        ends.push(Math.min(at, to));
      }
    }
    this.#heads = heads;
    this.#ends = ends;
  }

  get length(): number {
    return this.#heads.length;
  }

  kindAt(index: number): number {
    return this.#view.getUint8(this.#heads[index]!);
  }

  timeAt(index: number): number {
    return this.#view.getFloat64(this.#heads[index]! + 3, true);
  }

  startAt(index: number): number {
    return this.#heads[index]! + ENTRY_HEAD;
  }

  endAt(index: number): number {
    return this.#ends[index]!;
  }

  /** The entry at a place, from the end where it is negative; undefined where there is none. */
  at(index: number): Entry | undefined {
    const place = index < 0 ? this.length + index : index;
    if (place < 0 || place >= this.length) return undefined;
    return {
      kind: this.kindAt(place),
      nanos: this.#view.getUint16(this.#heads[place]! + 1, true),
      time: this.timeAt(place),
      body: this.bytes.subarray(this.startAt(place), this.endAt(place)),
    };
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let at = 0; at < this.length; at += 1) yield this.at(at)!;
  }
}
