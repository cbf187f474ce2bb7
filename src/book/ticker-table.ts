import { type FixedText, fixedText, isAt } from "./fixed-text.js";

/** As many tickers as are remembered; beyond, all are forgotten. */
const MOST = 32_768;
const FIRST_SIZE = 256;

/** A ticker whose bytes have been seen. */
export interface KnownTicker {
  readonly text: string;
  readonly bytes: FixedText;
  readonly hash: number;
  /** What stands as the market's id behind it, or null before it was seen. */
  marketId: FixedText | null;
}

/** Tickers by their bytes, the text of each made once. */
export class TickerTable {
  #places: (KnownTicker | undefined)[] = new Array<KnownTicker | undefined>(FIRST_SIZE);
  #count = 0;

  /** The ticker whose `length` bytes stand at a place; undefined for a new one. */
  find(view: DataView, at: number, length: number, hash: number): KnownTicker | undefined {
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const known = places[place];
      if (known === undefined || (known.bytes.length === length && isAt(view, at, known.bytes))) return known;
    }
  }

  /** Adds one; its bytes are plain ASCII. */
  add(bytes: Uint8Array, hash: number): KnownTicker {
    if (this.#count >= MOST) this.#resize(FIRST_SIZE, []);
    else if (this.#count * 2 >= this.#places.length) this.#resize(this.#places.length * 2, this.#places);
    const known = { text: Buffer.from(bytes).latin1Slice(), bytes: fixedText(bytes), hash, marketId: null };
    this.#put(known);
    return known;
  }

  #put(known: KnownTicker): void {
    const mask = this.#places.length - 1;
    let place = known.hash & mask;
    while (this.#places[place] !== undefined) place = (place + 1) & mask;
    this.#places[place] = known;
    this.#count += 1;
  }

  #resize(size: number, kept: readonly (KnownTicker | undefined)[]): void {
    this.#places = new Array<KnownTicker | undefined>(size);
    this.#count = 0;
    for (const known of kept) if (known !== undefined) this.#put(known);
  }
}
