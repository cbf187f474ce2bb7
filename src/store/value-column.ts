import { ByteReader, type ByteWriter } from "./bytes.js";
import { joinDigits, splitDigits } from "./digit-columns.js";
import type { ValueTexts } from "./value-texts.js";

/**
 * A column of short texts, kept as what they have in common: whole numbers, decimals of as many places, a few texts that come again, or
 * texts. What kind it is shows in the texts alone, and each gives them back to the letter.
 */
export const columnKind = { whole: 1, decimal: 2, dictionary: 3, texts: 4 } as const;

/** Of more than this a dictionary is no gain. */
const MAX_TEXTS = 65_536;
const MAX_DECIMAL = 2 ** 31 - 1;
const [MAX_WHOLE_DIGITS, MAX_DIGITS, MAX_PLACES] = [15, 9, 6];
const [MINUS, POINT, ZERO, NINE] = [45, 46, 48, 57];

/** Writes the column of some texts, of letters of one byte each. */
export function writeColumn(texts: ValueTexts, bytes: ByteWriter): void {
  const places = placesOf(texts);
  if (places === 0) {
    bytes.u8(columnKind.whole);
    let before = 0;
    for (let row = 0; row < texts.count; row += 1) {
      const value = wholeAt(texts.bytes, texts.start(row), texts.end(row));
      bytes.signed(value - before);
      before = value;
    }
  } else if (places !== null) {
    bytes.u8(columnKind.decimal);
    bytes.u8(places);
    for (let row = 0; row < texts.count; row += 1) {
      bytes.signed(decimalAt(texts.bytes, texts.start(row), texts.end(row), places));
    }
  } else if (!writeDictionary(texts, bytes)) writeTexts(texts, bytes);
}

/** Writes a few texts that come again and again; false, and nothing is written, where they are not few. */
function writeDictionary(texts: ValueTexts, bytes: ByteWriter): boolean {
  const most = Math.min(MAX_TEXTS, Math.max(1, texts.count / 4));
  const numbers = new Map<string, number>();
  const rows = new Uint16Array(texts.count);
  for (let row = 0; row < rows.length; row += 1) {
    const text = texts.bytes.toString("latin1", texts.start(row), texts.end(row));
    let number = numbers.get(text);
    if (number === undefined) {
      number = numbers.size;
      if (number + 1 > most) return false;
      numbers.set(text, number);
    }
    rows[row] = number;
  }
  bytes.u8(columnKind.dictionary);
  bytes.varint(numbers.size);
  for (const text of numbers.keys()) {
    bytes.varint(text.length);
    bytes.bytes(Buffer.from(text, "latin1"));
  }
  if (numbers.size === 1) return true;
  for (const number of rows) {
    if (numbers.size <= 256) bytes.u8(number);
    else bytes.u16(number);
  }
  return true;
}

function writeTexts(texts: ValueTexts, bytes: ByteWriter): void {
  const lengths = Array.from({ length: texts.count }, (_, row) => texts.end(row) - texts.start(row));
  const apart = splitDigits(texts.bytes, lengths);
  bytes.u8(columnKind.texts);
  bytes.u8(apart === null ? 0 : 1);
  for (const length of lengths) bytes.varint(length);
  bytes.bytes(apart ?? texts.bytes);
}

/**
 * How many places behind the point all of these numbers have, so that they are written again as they were: 0 where they are whole, null
 * where some are none or differ.
 */
function placesOf(texts: ValueTexts): number | null {
  const { bytes, count } = texts;
  if (count === 0) return 0;
  const point = bytes.subarray(0, texts.end(0)).indexOf(POINT);
  const places = point < 0 ? 0 : texts.end(0) - point - 1;
  if (point >= 0 && (places === 0 || places > MAX_PLACES)) return null;
  for (let row = 0; row < count; row += 1) {
    const [start, end] = [texts.start(row), texts.end(row)];
    const value = places === 0 ? wholeAt(bytes, start, end) : decimalAt(bytes, start, end, places);
    if (Number.isNaN(value)) return null;
  }
  return places;
}

/** A whole number that is written again as it was, or NaN. */
function wholeAt(bytes: Buffer, start: number, end: number, most = MAX_WHOLE_DIGITS): number {
  const length = end - start;
  if (length <= 0 || length > most || (length > 1 && bytes[start] === ZERO)) return Number.NaN;
  return digitsAt(bytes, start, end);
}

/** A decimal of so many places that is written again as it was, as an integer of its last place; or NaN. */
function decimalAt(bytes: Buffer, start: number, end: number, places: number): number {
  const point = end - places - 1;
  if (point < start || bytes[point] !== POINT) return Number.NaN;
  const isBelow = bytes[start] === MINUS;
  const whole = wholeAt(bytes, isBelow ? start + 1 : start, point, MAX_DIGITS);
  const value = whole * 10 ** places + digitsAt(bytes, point + 1, end);
  if (!(value <= MAX_DECIMAL) || (isBelow && value === 0)) return Number.NaN;
  return isBelow ? -value : value;
}

/** NaN where anything but digits stands. */
function digitsAt(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    value = value * 10 + byte - ZERO;
  }
  return value;
}

/** A column as read back. What it holds is taken apart when it is first asked for. */
export class ValueColumn {
  readonly kind: number;
  /** Decimals: digits behind the point. */
  readonly places: number = 0;
  readonly #bytes: ByteReader;
  /** Rows. */
  readonly count: number;
  #numbers: Float64Array | null = null;
  #dictionary: { readonly texts: readonly string[]; readonly numbers: Uint16Array } | null = null;
  #texts: { readonly bytes: Buffer; readonly ends: Uint32Array } | null = null;

  constructor(bytes: Buffer, count: number) {
    this.#bytes = new ByteReader(bytes);
    this.count = count;
    this.kind = this.#bytes.u8();
    if (this.kind === columnKind.decimal) this.places = this.#bytes.u8();
  }

  /** Whole numbers as they are, decimals as integers of their last place. */
  get numbers(): Float64Array {
    this.#numbers ??= this.#readNumbers();
    return this.#numbers;
  }

  /** The texts of a dictionary, and which of them stands in each row. */
  get dictionary(): { readonly texts: readonly string[]; readonly numbers: Uint16Array } {
    this.#dictionary ??= this.#readDictionary();
    return this.#dictionary;
  }

  /** The text of a row. */
  text(row: number): string {
    switch (this.kind) {
      case columnKind.whole:
        return String(this.numbers[row]!);
      case columnKind.decimal:
        return decimalText(this.numbers[row]!, this.places);
      case columnKind.dictionary: {
        const { texts, numbers } = this.dictionary;
        return texts[numbers[row]!]!;
      }
      default: {
        this.#texts ??= this.#readTexts();
        const { bytes, ends } = this.#texts;
        return bytes.toString("latin1", row === 0 ? 0 : ends[row - 1]!, ends[row]!);
      }
    }
  }

  #readNumbers(): Float64Array {
    const numbers = this.#bytes.signed(this.count);
    if (this.kind !== columnKind.whole) return numbers;
    for (let row = 1; row < numbers.length; row += 1) numbers[row]! += numbers[row - 1]!;
    return numbers;
  }

  #readDictionary() {
    const bytes = this.#bytes;
    const size = bytes.varint();
    const texts = Array.from({ length: size }, () => bytes.bytes(bytes.varint()).toString("latin1"));
    const numbers = new Uint16Array(this.count);
    if (size > 256) for (let row = 0; row < numbers.length; row += 1) numbers[row] = bytes.u16();
    else if (size > 1) numbers.set(bytes.bytes(this.count));
    return { texts, numbers };
  }

  #readTexts() {
    const bytes = this.#bytes;
    const isApart = bytes.u8() === 1;
    const lengths = Array.from({ length: this.count }, () => bytes.varint());
    const ends = new Uint32Array(lengths.length);
    let end = 0;
    lengths.forEach((length, row) => {
      end += length;
      ends[row] = end;
    });
    return { bytes: isApart ? joinDigits(bytes.rest(), lengths) : bytes.rest(), ends };
  }
}

function decimalText(value: number, places: number): string {
  const digits = String(Math.abs(value)).padStart(places + 1, "0");
  const point = digits.length - places;
  return `${value < 0 ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}
