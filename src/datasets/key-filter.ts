/** Bits per expected key, at least, and how many of them a key sets: one new key in a million is then taken for a known one. */
const BITS_PER_KEY = 40;
const SET_PER_KEY = 8;
const FEWEST_BITS = 2 ** 16;
const MOST_BITS = 2 ** 30;

/**
 * Remembers texts in a few bytes each, however long they are: whoever was added is known, and hardly anyone else (a Bloom filter). Beyond
 * 25 million texts it takes no more memory and errs more often.
 */
export class KeyFilter {
  readonly #bits: Uint32Array<ArrayBuffer>;
  readonly #mask: number;

  constructor(expected: number) {
    const wanted = Math.min(MOST_BITS, Math.max(FEWEST_BITS, expected * BITS_PER_KEY));
    const bits = 2 ** Math.ceil(Math.log2(wanted));
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  /** Adds a text; false when it is certain that it was not there before. */
  add(text: string): boolean {
    // Two independent 32-bit hashes in one go over the characters (FNV-1a with two primes), combined for every further bit.
    let first = 0x811c9dc5;
    let second = 0x9747b28c;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      first = Math.imul(first ^ unit, 0x01000193);
      second = Math.imul(second ^ unit, 0x5bd1e995);
    }
    second = mixed(second) | 1;
    first = mixed(first);
    let known = true;
    for (let time = 0; time < SET_PER_KEY; time += 1) {
      const place = first & this.#mask;
      const bit = 1 << (place & 31);
      const word = this.#bits[place >>> 5]!;
      if ((word & bit) === 0) {
        known = false;
        this.#bits[place >>> 5] = word | bit;
      }
      first = (first + second) | 0;
    }
    return known;
  }

  /** Gives its memory back at once, tens of megabytes that the collection of garbage is in no hurry for. The filter is used up. */
  release(): void {
    this.#bits.buffer.transfer(0);
  }
}

/** Lets every bit count for every other. */
function mixed(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
