import type { Book } from "../book/book.js";
import type { BookEvent } from "../book/event.js";
import type { Level } from "../exchange/orderbook.js";
import { complement, type Price } from "../units/price.js";
import type { Duration, Timestamp } from "../units/time.js";
import type { RowMaker } from "./quote-rows.js";
import type { DepthLevel } from "./quotes.js";
import { SettledBooks } from "./settled-books.js";

/** How far to look into a book, from the best price of each side: so many levels, or so far in micro-dollars; all of it without either. */
export interface Reach {
  readonly levels?: number | undefined;
  readonly within?: Price | undefined;
}

/** Levels of books: all that are in reach whenever one of them has changed. An empty book is a row without a level, so is one not known. */
export function depthRows(give: (level: DepthLevel) => void, reach: Reach, from?: Timestamp): RowMaker {
  const last = new Map<string, string>();
  return new SettledBooks((time, ticker, book) => {
    const seen = book === null ? null : inReach(book, reach);
    const text = seen === null ? "unknown" : textOf(seen);
    if (last.get(ticker) === text) return;
    last.set(ticker, text);
    giveLevels(give, time, ticker, seen);
  }, from);
}

/**
 * Levels of whole books at regular moments, multiples of `every` since 1970: at each all messages up to and including it are applied. A
 * market has its first row at the first such moment after its first message.
 */
export function snapshotRows(give: (level: DepthLevel) => void, every: Duration, from?: Timestamp): RowMaker {
  return new Sampled(give, every, from);
}

class Sampled implements RowMaker {
  readonly #give: (level: DepthLevel) => void;
  readonly #every: Duration;
  readonly #books: SettledBooks;
  /** What stands until it is told otherwise, and the next moment to be told of. */
  readonly #standing = new Map<string, { sides: Sides | null; next: Timestamp }>();

  constructor(give: (level: DepthLevel) => void, every: Duration, from?: Timestamp) {
    this.#give = give;
    this.#every = every;
    this.#books = new SettledBooks((time, ticker, book) => this.#settled(time, ticker, book), from);
  }

  push(event: BookEvent): void {
    this.#books.push(event);
  }

  end(at: Timestamp = Number.NEGATIVE_INFINITY): void {
    this.#books.end();
    // The moment of the end itself was listened for too.
    for (const ticker of this.#standing.keys()) this.#tell(ticker, at + 1);
  }

  #settled(time: Timestamp, ticker: string, book: Book | null): void {
    this.#tell(ticker, time);
    const sides = book === null ? null : inReach(book, {});
    const standing = this.#standing.get(ticker);
    if (standing !== undefined) standing.sides = sides;
    else this.#standing.set(ticker, { sides, next: Math.ceil(time / this.#every) * this.#every });
  }

  /** Tells what stood at the moments before another. */
  #tell(ticker: string, before: Timestamp): void {
    const standing = this.#standing.get(ticker);
    if (standing === undefined) return;
    for (; standing.next < before; standing.next += this.#every) {
      giveLevels(this.#give, standing.next, ticker, standing.sides);
    }
  }
}

/** Both sides, ascending in their own prices. */
interface Sides {
  readonly yes: readonly Level[];
  readonly no: readonly Level[];
}

function inReach({ yes, no }: Book, { levels, within }: Reach): Sides {
  const cut = (side: readonly Level[]): readonly Level[] => {
    const near = within === undefined ? side : side.filter(({ price }) => price >= side.at(-1)!.price - within);
    return levels === undefined ? near : near.slice(Math.max(0, near.length - levels));
  };
  return { yes: cut(yes.levels()), no: cut(no.levels()) };
}

function textOf({ yes, no }: Sides): string {
  const text = (side: readonly Level[]) => side.map(({ price, count }) => `${price} ${count}`).join();
  return `${text(yes)};${text(no)}`;
}

function giveLevels(give: (level: DepthLevel) => void, time: Timestamp, ticker: string, sides: Sides | null): void {
  if (sides === null || (sides.yes.length === 0 && sides.no.length === 0)) {
    const trust = sides === null ? "unknown" : "ok";
    give({ time, ticker, side: null, price: null, yes_price: null, count: null, trust });
    return;
  }
  for (const { price, count } of sides.no)
    give({ time, ticker, side: "no", price, yes_price: complement(price), count, trust: "ok" });
  for (const { price, count } of sides.yes)
    give({ time, ticker, side: "yes", price, yes_price: price, count, trust: "ok" });
}
