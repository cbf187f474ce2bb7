import { ByteReader, ByteWriter } from "./bytes.js";
import { joinDigits, splitDigits } from "./digit-columns.js";

/**
 * A column of short texts, kept as what they have in common: whole numbers, decimals of as many places, a few texts that come again, or
 * texts. What kind it is shows in the texts alone, and each gives them back to the letter.
 */
export const columnKind = { whole: 1, decimal: 2, dictionary: 3, texts: 4 } as const;

const WHOLE = /^(?:0|[1-9]\d{0,14})$/;
const DECIMAL = /^-?(?:0|[1-9]\d{0,8})\.(\d{1,6})$/;
/** Of more than this a dictionary is no gain. */
const MAX_TEXTS = 65_536;
const MAX_DECIMAL = 2 ** 31 - 1;

/** The column of some texts, of letters of one byte each. */
export function writeColumn(texts: readonly string[]): Buffer {
  const bytes = new ByteWriter(texts.length * 4 + 16);
  const places = placesOf(texts);
  if (texts.every((text) => WHOLE.test(text))) {
    bytes.u8(columnKind.whole);
    let before = 0;
    for (const text of texts) {
      const value = Number(text);
      bytes.signed(value - before);
      before = value;
    }
  } else if (places > 0) {
    bytes.u8(columnKind.decimal);
    bytes.u8(places);
    for (const text of texts) bytes.signed(Number(text.replace(".", "")));
  } else writeTexts(texts, bytes);
  return bytes.done();
}

function writeTexts(texts: readonly string[], bytes: ByteWriter): void {
  const numbers = new Map<string, number>();
  for (const text of texts) if (!numbers.has(text)) numbers.set(text, numbers.size);
  if (numbers.size <= Math.min(MAX_TEXTS, Math.max(1, texts.length / 4))) {
    bytes.u8(columnKind.dictionary);
    bytes.varint(numbers.size);
    for (const text of numbers.keys()) {
      bytes.varint(text.length);
      bytes.bytes(Buffer.from(text, "latin1"));
    }
    if (numbers.size === 1) return;
    for (const text of texts) {
      if (numbers.size <= 256) bytes.u8(numbers.get(text)!);
      else bytes.u16(numbers.get(text)!);
    }
    return;
  }
  const whole = Buffer.from(texts.join(""), "latin1");
  const lengths = texts.map(({ length }) => length);
  const apart = splitDigits(whole, lengths);
  bytes.u8(columnKind.texts);
  bytes.u8(apart === null ? 0 : 1);
  for (const length of lengths) bytes.varint(length);
  bytes.bytes(apart ?? whole);
}

/** How many places all of these decimals have, so that they are written again as they were; 0 where they are none or differ. */
function placesOf(texts: readonly string[]): number {
  const places = DECIMAL.exec(texts[0] ?? "")?.[1]?.length ?? 0;
  const isAlike = texts.every((text) => {
    const value = Number(text.replace(".", ""));
    return DECIMAL.exec(text)?.[1]?.length === places && !Object.is(value, -0) && Math.abs(value) <= MAX_DECIMAL;
  });
  return isAlike ? places : 0;
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
