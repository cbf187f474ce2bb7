import type { ByteReader, ByteWriter } from "./bytes.js";
import { columnKind, ValueColumn, writeColumn } from "./value-column.js";

/**
 * Texts of one pattern differ only in their values: quoted texts that are no keys, and numbers. What is between the values is kept once and
 * each value in the column of its place. The first value is of the pattern: it tells what kind of message this is. Nothing here knows
 * what a message says.
 */
export interface SplitText {
  /** One before each value and one behind the last, as letters of one byte each. */
  readonly texts: readonly string[];
  readonly values: readonly string[];
}

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const MAX_VALUES = 40;

/** A text and its values; null for one with escapes, without values, or with too many for columns of their own. */
export function splitText(body: Buffer): SplitText | null {
  const texts: string[] = [];
  const values: string[] = [];
  let isFirst = true;
  let from = 0;
  let at = 0;
  const put = (start: number, end: number): void => {
    if (!isFirst) {
      texts.push(body.toString("latin1", from, start));
      values.push(body.toString("latin1", start, end));
      from = end;
    }
    isFirst = false;
  };
  while (at < body.length) {
    const byte = body[at]!;
    if (byte === QUOTE) {
      const start = at + 1;
      let end = start;
      while (end < body.length && isPlain(body[end]!)) end += 1;
      if (body[end] !== QUOTE) return null;
      at = end + 1;
      if (body[at] !== COLON) put(start, end);
    } else if (isOfNumber(byte)) {
      const start = at;
      while (at < body.length && isOfNumber(body[at]!)) at += 1;
      put(start, at);
    } else at += 1;
    if (values.length > MAX_VALUES) return null;
  }
  texts.push(body.toString("latin1", from, body.length));
  return values.length === 0 ? null : { texts, values };
}

/** Digits, and a sign before them. Anything else of a number stands between two. */
function isOfNumber(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || byte === 45;
}

function isPlain(byte: number): boolean {
  return byte >= 32 && byte < 127 && byte !== QUOTE && byte !== BACKSLASH;
}

/** Writes a pattern with its rows. */
export function writePattern(rows: readonly SplitText[], bytes: ByteWriter): void {
  const { texts } = rows[0]!;
  bytes.varint(texts.length);
  for (const text of texts) {
    bytes.varint(text.length);
    bytes.bytes(Buffer.from(text, "latin1"));
  }
  for (let place = 0; place < texts.length - 1; place += 1) {
    const column = writeColumn(rows.map(({ values }) => values[place]!));
    bytes.u32(column.length);
    bytes.bytes(column);
  }
}

/** A pattern as read back, and its rows. */
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
    const { texts, columns } = this;
    let text = texts[0]!;
    for (let place = 0; place < columns.length; place += 1) text += columns[place]!.text(row) + texts[place + 1]!;
    return Buffer.from(text, "latin1");
  }
}
