/** As many tickers as are remembered; beyond, all are forgotten. */
const MOST = 32_768;
const FIRST_SIZE = 32;
/** What a ticker takes: its length, eight words of it, the length of its market's id, six words of that. */
const STRIDE = 16;
const TICKER = 0;
const ID = 9;

/** Lengths of tickers that are remembered, the first at least one word, and of market ids. */
export const SHORTEST_TICKER = 8;
export const LONGEST_TICKER = 64;
const LONGEST_ID = 48;

/**
 * Tickers by their bytes, the text of each made once, and the id of its market, which goes with it. Their bytes are ASCII and compared as
 * doubles (see `fixed-text.ts`); all of a market's stand together, since with many markets it is memory that takes the time.
 */
export class TickerTable {
  /** Hash and number (counted from 1; 0 is free) in turn. */
  #places = new Int32Array(2 * FIRST_SIZE);
  #words = new Float64Array((FIRST_SIZE / 2) * STRIDE);
  #texts: string[] = [];

  /** The number of the ticker whose bytes stand at a place; −1 for a new one. */
  find(view: DataView, at: number, length: number, hash: number): number {
    const places = this.#places;
    const mask = places.length - 2;
    for (let place = (2 * hash) & mask; ; place = (place + 2) & mask) {
      const number = places[place + 1]!;
      if (number === 0) return -1;
      if (places[place] === hash && this.#isAt((number - 1) * STRIDE + TICKER, view, at, length)) return number - 1;
    }
  }

  text(ticker: number): string {
    return this.#texts[ticker]!;
  }

  /** Adds the ticker at a place, which is neither too short nor too long, and gives its number. */
  add(view: DataView, at: number, length: number, hash: number): number {
    if (this.#texts.length >= MOST) {
      this.#places = new Int32Array(2 * FIRST_SIZE);
      this.#texts = [];
    } else if (this.#texts.length * 4 >= this.#places.length) this.#grow();
    const ticker = this.#texts.length;
    this.#texts.push(Buffer.from(view.buffer, at, length).toString("latin1"));
    const start = ticker * STRIDE;
    if (start + STRIDE > this.#words.length) {
      const words = new Float64Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    this.#put(start + TICKER, view, at, length);
    this.#words[start + ID] = 0;
    place(this.#places, hash, ticker + 1);
    return ticker;
  }

  /** Length of the id of a ticker's market where it is the one that stands at a place and ends before `end`; else 0. */
  idAt(ticker: number, view: DataView, at: number, end: number): number {
    const start = ticker * STRIDE + ID;
    const length = this.#words[start]!;
    return length > 0 && at + length < end && this.#isAt(start, view, at, length) ? length : 0;
  }

  /** What stands as the id of a ticker's market from now on. One of another length than ids have is not remembered. */
  learnId(ticker: number, view: DataView, at: number, length: number): void {
    const start = ticker * STRIDE + ID;
    if (length >= 8 && length <= LONGEST_ID) this.#put(start, view, at, length);
    else this.#words[start] = 0;
  }

  #isAt(start: number, view: DataView, at: number, length: number): boolean {
    const words = this.#words;
    if (words[start] !== length) return false;
    const last = at + length - 8;
    let word = start + 1;
    for (let next = at; next < last; next += 8, word += 1) {
      if (view.getFloat64(next, true) !== words[word]) return false;
    }
    return view.getFloat64(last, true) === words[word];
  }

  #put(start: number, view: DataView, at: number, length: number): void {
    this.#words[start] = length;
    const count = Math.ceil(length / 8);
    for (let word = 0; word < count; word += 1) {
      this.#words[start + 1 + word] = view.getFloat64(at + Math.min(word * 8, length - 8), true);
    }
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Int32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] !== 0) place(this.#places, before[at]!, before[at + 1]!);
    }
  }
}

function place(places: Int32Array, hash: number, number: number): void {
  const mask = places.length - 2;
  let at = (2 * hash) & mask;
  while (places[at + 1] !== 0) at = (at + 2) & mask;
  places[at] = hash;
  places[at + 1] = number;
}
