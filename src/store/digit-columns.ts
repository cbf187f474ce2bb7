import { ByteReader, ByteWriter } from "./bytes.js";

/**
 * Texts of one shape differ in their digits. Apart from each other, what is alike and each column of digits compress to two thirds of what
 * the texts do as they come, whatever the shape is: nothing here knows what a message says.
 *
 * Each run of digits is replaced by one zero byte in the skeleton and stands, ended by a line feed, in the column of its place in the text.
 * Texts that begin differently, up to the first digit, have columns of their own.
 */
const GROUPS = 16;
const PLACES = 64;
const COLUMNS = GROUPS * PLACES;
/** How much of a text's start tells its group. */
const START = 24;
const LINE_FEED = 10;
const LINE_FEEDS = 0x0a0a0a0a;
const WORD = 4;

/** Takes texts (their bytes one after the other, and the length of each) apart; null where a text has a zero byte itself. */
export function splitDigits(texts: Buffer, lengths: readonly number[]): Buffer | null {
  const skeleton = Buffer.allocUnsafe(texts.length);
  const columns = new Array<ByteWriter | undefined>(COLUMNS);
  let used = 0;
  let at = 0;
  for (const length of lengths) {
    const end = at + length;
    const first = groupOf(texts, at, at + Math.min(length, START), 48, 57) * PLACES;
    let place = 0;
    while (at < end) {
      const byte = texts[at]!;
      if (!isDigit(byte)) {
        if (byte === 0) return null;
        skeleton[used] = byte;
        used += 1;
        at += 1;
        continue;
      }
      skeleton[used] = 0;
      used += 1;
      const column = first + Math.min(place, PLACES - 1);
      place += 1;
      let writer = columns[column];
      if (writer === undefined) {
        writer = new ByteWriter();
        columns[column] = writer;
      }
      for (; at < end && isDigit(texts[at]!); at += 1) writer.u8(texts[at]!);
      writer.u8(LINE_FEED);
    }
  }
  const whole = new ByteWriter(texts.length);
  whole.u32(used);
  whole.bytes(skeleton.subarray(0, used));
  columns.forEach((writer, column) => {
    if (writer === undefined) return;
    whole.u16(column);
    whole.u32(writer.length);
    whole.bytes(writer.done());
  });
  whole.u16(COLUMNS);
  return whole.done();
}

/** Puts texts together again. @throws RangeError when `apart` is not what {@link splitDigits} gave for these lengths */
export function joinDigits(apart: Buffer, lengths: readonly number[]): Buffer {
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const joiner = new Joiner(apart, size);
  for (const length of lengths) joiner.join(length);
  return joiner.done();
}

/** Puts one text after the other together: a method of its own for each, so that the compiler sees it called often. */
class Joiner {
  readonly #apart: Buffer;
  readonly #source: DataView;
  readonly #texts: Buffer;
  readonly #target: DataView;
  /** Where the next digits of each column stand, and where the column ends. */
  readonly #cursors = new Uint32Array(COLUMNS);
  readonly #ends = new Uint32Array(COLUMNS);
  readonly #skeletonEnd: number;
  #from: number;
  #at = 0;

  constructor(apart: Buffer, size: number) {
    this.#apart = apart;
    this.#source = viewOf(apart);
    // Four bytes are copied at a time, of which those behind the place that counts are overwritten by what comes next.
    this.#texts = Buffer.allocUnsafe(size + WORD);
    this.#target = viewOf(this.#texts);
    const reader = new ByteReader(apart);
    const length = reader.u32();
    this.#from = reader.at;
    this.#skeletonEnd = reader.at + length;
    reader.bytes(length);
    for (let column = reader.u16(); column < COLUMNS; column = reader.u16()) {
      const digits = reader.u32();
      this.#cursors[column] = reader.at;
      this.#ends[column] = reader.at + digits;
      reader.bytes(digits);
    }
  }

  done(): Buffer {
    return this.#texts.subarray(0, this.#at);
  }

  join(length: number): void {
    const source = this.#source;
    const target = this.#target;
    const skeletonEnd = this.#skeletonEnd;
    let from = this.#from;
    let at = this.#at;
    const end = at + length;
    let column = groupOf(this.#apart, from, Math.min(from + Math.min(length, START), skeletonEnd), 0, 0) * PLACES;
    const last = column + PLACES - 1;
    while (at < end) {
      if (from >= skeletonEnd) throw new RangeError("the skeleton is too short");
      const word = wordAt(source, from);
      target.setInt32(at, word, true);
      // Where the text ends, what follows is the next one's.
      const count = Math.min(bytesBefore(word, 0), end - at);
      from += count;
      at += count;
      if (count === WORD || at === end) continue;
      from += 1;
      at = this.#digits(column, at, end);
      if (column < last) column += 1;
    }
    if (at !== end) throw new RangeError("the skeleton does not fit");
    this.#from = from;
    this.#at = at;
  }

  /** Copies the next digits of a column; gives the place behind them. */
  #digits(column: number, to: number, end: number): number {
    const source = this.#source;
    let cursor = this.#cursors[column]!;
    let at = to;
    let count = WORD;
    while (count === WORD) {
      const word = wordAt(source, cursor);
      count = bytesBefore(word, LINE_FEEDS);
      if (at + count > end) throw new RangeError("a column does not fit");
      this.#target.setInt32(at, word, true);
      at += count;
      cursor += count;
    }
    if (cursor >= this.#ends[column]!) throw new RangeError("a column is too short");
    this.#cursors[column] = cursor + 1;
    return at;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Four bytes, little-endian; zeros where there are fewer. */
function wordAt(view: DataView, at: number): number {
  if (at + WORD <= view.byteLength) return view.getInt32(at, true);
  let word = 0;
  for (let i = view.byteLength - 1; i >= at; i -= 1) word = (word << 8) | view.getUint8(i);
  return word;
}

/** How many of a word's bytes come before the first that is the repeated one; four where none is. */
function bytesBefore(word: number, repeated: number): number {
  const other = word ^ repeated;
  const found = (other - 0x01010101) & ~other & 0x80808080;
  return found === 0 ? WORD : (31 - Math.clz32(found & -found)) >> 3;
}

/** By the text up to its first digit, a byte of `lowest` to `highest`, so that both directions see the same. */
function groupOf(bytes: Buffer, from: number, to: number, lowest: number, highest: number): number {
  let hash = 7;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    if (byte >= lowest && byte <= highest) break;
    hash = (hash * 31 + byte) & 0xffffff;
  }
  return hash % GROUPS;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
