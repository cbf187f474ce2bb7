import type { ByteReader } from "./bytes.js";
import { columnKind, ValueColumn } from "./value-column.js";

/** A pattern as read back, and its rows. See {@link PatternWriter}. */
export class TextPattern {
  readonly texts: readonly string[];
  readonly columns: readonly ValueColumn[];

  constructor(bytes: ByteReader, rows: number) {
    this.texts = Array.from({ length: bytes.varint() }, () => bytes.bytes(bytes.varint()).toString("latin1"));
    this.columns = this.texts.slice(1).map(() => new ValueColumn(bytes.bytes(bytes.u32()), rows));
  }

  /** The first row's text as its bytes, but for values that are dear to make: in their places is nothing. */
  sample(): Buffer {
    const { texts, columns } = this;
    const values = columns.map((column) => (column.kind === columnKind.texts ? "" : column.text(0)));
    return Buffer.from(texts[0]! + values.map((value, place) => value + texts[place + 1]!).join(""), "latin1");
  }

  /** The whole text of a row, as its bytes. */
  bytes(row: number): Buffer {
    return Buffer.from(this.#text(row), "latin1");
  }

  /** Whether that is what some bytes are, by way of a buffer longer than these. */
  isSame(row: number, body: Buffer, scratch: Buffer): boolean {
    const text = this.#text(row);
    if (text.length !== body.length) return false;
    scratch.write(text, "latin1");
    return body.compare(scratch, 0, body.length) === 0;
  }

  #text(row: number): string {
    const { texts, columns } = this;
    let text = texts[0]!;
    for (let place = 0; place < columns.length; place += 1) text += columns[place]!.text(row) + texts[place + 1]!;
    return text;
  }
}
