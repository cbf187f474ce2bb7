import type { ByteWriter } from "./bytes.js";
import { writeColumn } from "./value-column.js";
import type { ValuePlaces } from "./value-places.js";
import { ValueTexts } from "./value-texts.js";

/**
 * Texts of one pattern differ only in their values: quoted texts that are no keys, and numbers. What is between the values is kept once and
 * each value in the column of its place. The first value is of the pattern: it tells what kind of message this is. Nothing here knows
 * what a message says.
 */
export class PatternWriter {
  /** What is between the values, one piece after the other: one before each value and one behind the last. */
  readonly #between: Buffer;
  readonly #pieces: Uint32Array;
  readonly #columns: readonly ValueTexts[];

  constructor(body: Buffer, values: ValuePlaces) {
    const { count } = values;
    this.#pieces = Uint32Array.from(
      { length: count + 1 },
      (_, piece) => values.pieceEnd(piece) - values.pieceStart(piece),
    );
    this.#between = Buffer.concat(
      Array.from({ length: count + 1 }, (_, piece) => body.subarray(values.pieceStart(piece), values.pieceEnd(piece))),
    );
    this.#columns = Array.from({ length: count }, () => new ValueTexts());
  }

  get rows(): number {
    return this.#columns[0]!.count;
  }

  /** Whether a text is of this pattern. */
  fits(body: Buffer, values: ValuePlaces): boolean {
    const { count } = values;
    if (count !== this.#columns.length) return false;
    const between = this.#between;
    let at = 0;
    for (let piece = 0; piece <= count; piece += 1) {
      const end = values.pieceEnd(piece);
      let from = values.pieceStart(piece);
      if (end - from !== this.#pieces[piece]!) return false;
      for (; from < end; from += 1, at += 1) if (body[from] !== between[at]) return false;
    }
    return true;
  }

  /** Adds the values of a text that is of this pattern. */
  add(body: Buffer, values: ValuePlaces): void {
    for (let place = 0; place < this.#columns.length; place += 1) {
      this.#columns[place]!.add(body, values.start(place), values.end(place));
    }
  }

  write(bytes: ByteWriter): void {
    bytes.varint(this.#pieces.length);
    let at = 0;
    for (const length of this.#pieces) {
      bytes.varint(length);
      bytes.part(this.#between, at, at + length);
      at += length;
    }
    for (const column of this.#columns) {
      const start = bytes.length;
      bytes.u32(0);
      writeColumn(column, bytes);
      bytes.u32At(start, bytes.length - start - 4);
    }
  }

  clear(): void {
    for (const column of this.#columns) column.clear();
  }
}
