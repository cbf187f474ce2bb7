import { compareNulls, mix, type Nulls, TableColumn, takeNulls, takeNullsOrNull } from "./columns.js";

const BYTES = 16;
const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const nibbles = new Int8Array(128).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) nibbles[digit.charCodeAt(0)] = value;

/** Where the two characters of each byte stand in a canonical UUID. */
const places = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);

/** Canonical lower-case UUIDs as 16 bytes each, rendered when read. */
export class UuidColumn extends TableColumn<string> {
  /** 16 bytes per row, in the order of the text; zeros where the value is absent. */
  readonly bytes: Uint8Array;
  readonly nulls: Nulls;
  /** The same bytes, four at a time. */
  readonly #words: Int32Array;

  constructor(about: string, bytes: Uint8Array, nulls: Nulls = null) {
    super("uuid", about);
    // Words are read too, so the bytes have to begin where a word may.
    this.bytes = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    this.nulls = nulls;
    this.#words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length >> 2);
  }

  get length(): number {
    return this.bytes.length / BYTES;
  }

  at(row: number): string | null {
    if (row < 0 || row >= this.length || (this.nulls !== null && this.nulls[row] === 1)) return null;
    return renderUuid(this.bytes, row * BYTES);
  }

  take(rows: Uint32Array): UuidColumn {
    const bytes = new Uint8Array(rows.length * BYTES);
    for (let at = 0; at < rows.length; at += 1) {
      const from = rows[at]! * BYTES;
      const to = at * BYTES;
      for (let byte = 0; byte < BYTES; byte += 1) bytes[to + byte] = this.bytes[from + byte]!;
    }
    return new UuidColumn(this.about, bytes, takeNulls(this.nulls, rows));
  }

  takeOrNull(rows: Int32Array): UuidColumn {
    const bytes = new Uint8Array(rows.length * BYTES);
    for (let at = 0; at < rows.length; at += 1) {
      const from = rows[at]! * BYTES;
      if (from >= 0) bytes.set(this.bytes.subarray(from, from + BYTES), at * BYTES);
    }
    return new UuidColumn(this.about, bytes, takeNullsOrNull(this.nulls, rows));
  }

  share(about: string = this.about): UuidColumn {
    return new UuidColumn(about, this.bytes, this.nulls);
  }

  compare(a: number, b: number): number {
    if (this.nulls !== null && (this.nulls[a] === 1 || this.nulls[b] === 1)) {
      return compareNulls(this.nulls[a]!, this.nulls[b]!);
    }
    const { bytes } = this;
    for (let byte = 0; byte < BYTES; byte += 1) {
      const difference = bytes[a * BYTES + byte]! - bytes[b * BYTES + byte]!;
      if (difference !== 0) return difference;
    }
    return 0;
  }

  hash(row: number): number {
    const words = this.#words;
    const at = row * 4;
    const half = Math.imul(words[at]!, 31) ^ words[at + 1]!;
    return mix(Math.imul(half, 31) ^ Math.imul(words[at + 2]!, 961) ^ words[at + 3]!);
  }
}

/** Writes the 16 bytes of a canonical lower-case UUID at `at`; false, with nothing promised about them, when the text is none. */
export function parseUuid(text: string, bytes: Uint8Array, at: number): boolean {
  if (text.length !== 36) return false;
  // Dashes at 8, 13, 18 and 23; every other character a lower-case digit, which the sign of `seen` tells at the end.
  if (
    text.charCodeAt(8) !== 45 ||
    text.charCodeAt(13) !== 45 ||
    text.charCodeAt(18) !== 45 ||
    text.charCodeAt(23) !== 45
  ) {
    return false;
  }
  let seen = 0;
  for (let byte = 0; byte < BYTES; byte += 1) {
    const place = places[byte]!;
    const x = text.charCodeAt(place);
    const y = text.charCodeAt(place + 1);
    if ((x | y) > 127) return false;
    const high = nibbles[x]!;
    const low = nibbles[y]!;
    seen |= high | low;
    bytes[at + byte] = (high << 4) | low;
  }
  return seen >= 0;
}

/** The canonical text of the 16 bytes at `at`. */
export function renderUuid(bytes: Uint8Array, at: number): string {
  let text = "";
  for (let byte = 0; byte < BYTES; byte += 1) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) text += "-";
    text += hexPairs[bytes[at + byte]!]!;
  }
  return text;
}
