import { ByteWriter } from "./bytes.js";

/** Emptied, a list keeps its room up to this much: what once was large need not stay with the process. */
const ROOM_KEPT = 1 << 20;
const ROOM_AT_FIRST = 32;

/** Short texts one after the other as their bytes, in room that is used again when they are cleared: there are many, and soon gone. */
export class ValueTexts {
  // Little at first: a text that is like no other has forty of these for itself.
  #bytes = new ByteWriter(ROOM_AT_FIRST);
  #ends = new Uint32Array(8);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The bytes of all of them: a view, valid until the next addition. */
  get bytes(): Buffer {
    return this.#bytes.done();
  }

  /** Where a text begins in {@link bytes}. */
  start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  /** Where it ends; not included. */
  end(index: number): number {
    return this.#ends[index]!;
  }

  /** Adds the text that stands between two places of some bytes. */
  add(source: Buffer, from: number, to: number): void {
    this.#bytes.part(source, from, to);
    if (this.#count === this.#ends.length) {
      const ends = new Uint32Array(this.#ends.length * 2);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#ends[this.#count] = this.#bytes.length;
    this.#count += 1;
  }

  clear(): void {
    this.#count = 0;
    if (this.#bytes.length > ROOM_KEPT) this.#bytes = new ByteWriter(ROOM_AT_FIRST);
    else this.#bytes.clear();
  }
}
