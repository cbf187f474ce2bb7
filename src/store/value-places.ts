const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const MAX_VALUES = 40;

/** Where the values of one text are; the same object for one text after the other. */
export class ValuePlaces {
  count = 0;
  readonly #starts = new Uint32Array(MAX_VALUES + 1);
  readonly #ends = new Uint32Array(MAX_VALUES + 1);
  #length = 0;

  start(value: number): number {
    return this.#starts[value]!;
  }

  end(value: number): number {
    return this.#ends[value]!;
  }

  /** Where the piece before a value begins, or that behind the last. */
  pieceStart(piece: number): number {
    return piece === 0 ? 0 : this.#ends[piece - 1]!;
  }

  pieceEnd(piece: number): number {
    return piece === this.count ? this.#length : this.#starts[piece]!;
  }

  /** Finds the values of a text. False for one with escapes, without values, or with too many for columns of their own. */
  find(body: Buffer): boolean {
    const { length } = body;
    this.#length = length;
    // The first value is not counted.
    let count = -1;
    let at = 0;
    while (at < length) {
      const byte = body[at]!;
      let start = at;
      let end: number;
      if (byte === QUOTE) {
        start += 1;
        end = start;
        while (end < length && isPlain(body[end]!)) end += 1;
        if (body[end] !== QUOTE) return false;
        at = end + 1;
        if (body[at] === COLON) continue;
      } else if (isOfNumber(byte)) {
        while (at < length && isOfNumber(body[at]!)) at += 1;
        end = at;
      } else {
        at += 1;
        continue;
      }
      if (count >= 0) {
        if (count === MAX_VALUES) return false;
        this.#starts[count] = start;
        this.#ends[count] = end;
      }
      count += 1;
    }
    this.count = Math.max(count, 0);
    return count > 0;
  }

  /** The same for all texts of a pattern, and seldom for others. */
  hash(body: Buffer): number {
    let hash = this.count;
    for (let piece = 0; piece <= this.count; piece += 1) {
      const end = this.pieceEnd(piece);
      for (let at = this.pieceStart(piece); at < end; at += 1) hash = Math.imul(hash, 31) + body[at]!;
      hash = Math.imul(hash, 31) + 7;
    }
    return hash | 0;
  }
}

/** Digits, and a sign before them. Anything else of a number stands between two. */
function isOfNumber(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || byte === 45;
}

function isPlain(byte: number): boolean {
  return byte >= 32 && byte < 127 && byte !== QUOTE && byte !== BACKSLASH;
}
