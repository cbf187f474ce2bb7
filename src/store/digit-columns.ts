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

/** Takes texts (their bytes one after the other, and the length of each) apart; null where a text has a zero byte itself. */
export function splitDigits(texts: Buffer, lengths: readonly number[]): Buffer | null {
  const skeleton = Buffer.allocUnsafe(texts.length);
  const columns = new Array<ByteWriter | undefined>(COLUMNS);
  let used = 0;
  let at = 0;
  for (const length of lengths) {
    const end = at + length;
    const first = groupOf(texts, at, length, isDigit) * PLACES;
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
  const reader = new ByteReader(apart);
  const skeleton = reader.bytes(reader.u32());
  const columns = new Array<Buffer>(COLUMNS).fill(Buffer.alloc(0));
  const cursors = new Uint32Array(COLUMNS);
  for (let column = reader.u16(); column < COLUMNS; column = reader.u16()) columns[column] = reader.bytes(reader.u32());
  const texts = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
  let from = 0;
  let at = 0;
  for (const length of lengths) {
    const end = at + length;
    const first = groupOf(skeleton, from, length, isZero) * PLACES;
    let place = 0;
    while (at < end) {
      if (from >= skeleton.length) throw new RangeError("the skeleton is too short");
      const byte = skeleton[from]!;
      from += 1;
      if (byte !== 0) {
        texts[at] = byte;
        at += 1;
        continue;
      }
      const column = first + Math.min(place, PLACES - 1);
      place += 1;
      const digits = columns[column]!;
      let cursor = cursors[column]!;
      for (; digits[cursor] !== LINE_FEED; cursor += 1, at += 1) {
        if (cursor >= digits.length || at >= end) throw new RangeError("a column does not fit");
        texts[at] = digits[cursor]!;
      }
      cursors[column] = cursor + 1;
    }
  }
  return texts;
}

/** By the text up to its first digit, so that both directions see the same. */
function groupOf(bytes: Buffer, at: number, length: number, ends: (byte: number) => boolean): number {
  let hash = 7;
  const end = Math.min(at + Math.min(length, START), bytes.length);
  for (let i = at; i < end; i += 1) {
    const byte = bytes[i]!;
    if (ends(byte)) break;
    hash = (hash * 31 + byte) & 0xffffff;
  }
  return hash % GROUPS;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function isZero(byte: number): boolean {
  return byte === 0;
}
