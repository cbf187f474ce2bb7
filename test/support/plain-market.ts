import fc from "fast-check";
import type { BookEvent } from "../../src/book/event.js";
import { deltaOf, gapOf, snapshotOf, tradeOf } from "./events.js";

/** A book in the plainest form, for models that are slow and easily seen to be right: contracts by price. */
export interface PlainBook {
  readonly yes: Map<number, number>;
  readonly no: Map<number, number>;
  isKnown: boolean;
}

export const MS = 1_000;
export const tickers = ["A", "B", "C"];

const step = fc.record({
  /** Milliseconds since the step before: many share one. */
  later: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.integer({ min: 1, max: 400 }) }),
  ticker: fc.constantFrom(...tickers),
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constant("delta" as const) },
    { weight: 3, arbitrary: fc.constant("trade" as const) },
    { weight: 1, arbitrary: fc.constant("snapshot" as const) },
    { weight: 1, arbitrary: fc.constant("gap" as const) },
  ),
  side: fc.constantFrom("yes" as const, "no" as const),
  // Near enough to each other to cross now and then, a fifth of them below the cent.
  tick: fc.integer({ min: 380, max: 620 }),
  amount: fc.integer({ min: 1, max: 3_000_000_000 }),
  takes: fc.boolean(),
  latency: fc.integer({ min: -50, max: 50 }),
});

/** What happens on three markets that were whole at first: deltas that never go below zero, trades, whole books, gaps and their ends. */
export const happenings: fc.Arbitrary<readonly BookEvent[]> = fc.array(step, { maxLength: 120 }).map((steps) => {
  const books = new Map(tickers.map((ticker) => [ticker, emptyBook()]));
  const open = new Map<string, number>();
  let time = 1_795_329_089_000 * MS;
  let last = time;
  const events: BookEvent[] = tickers.map((ticker) => snapshotOf(time, [], [], { ticker }));
  for (const { later, ticker, what, side, tick, amount, takes, latency } of steps) {
    time += later * MS;
    const where = { ticker, receivedAt: time + latency * MS };
    const book = books.get(ticker)!;
    const price = tick % 5 === 0 ? tick * 1_000 : Math.round(tick / 10) * 10_000;
    if (what === "trade") events.push(tradeOf(time, price, amount, side, where));
    else if (what === "gap") {
      if (open.has(ticker)) continue;
      open.set(ticker, last);
      events.push(gapOf(last, [ticker]));
    } else if (what === "snapshot") {
      const own = { yes: [[price - 200_000, amount]], no: [[800_000 - price, amount]] } as const;
      for (const one of ["yes", "no"] as const) book[one].clear();
      for (const one of ["yes", "no"] as const) for (const [at, count] of own[one]) book[one].set(at, count);
      events.push(snapshotOf(time, own.yes, own.no, where));
      const from = open.get(ticker);
      if (from !== undefined) events.push(gapOf(from, [ticker], { to: time }));
      open.delete(ticker);
      last = time;
    } else {
      const there = book[side].get(price) ?? 0;
      const change = takes && there > 0 ? -Math.min(there, amount) : amount;
      book[side].set(price, there + change);
      events.push(deltaOf(time, side, price, change, { ...where, state: open.has(ticker) ? "stale" : "ok" }));
      last = time;
    }
  }
  return events;
});

export function emptyBook(): PlainBook {
  return { yes: new Map(), no: new Map(), isKnown: false };
}

/** Applies one event to plain books. */
export function applyPlainly(books: Map<string, PlainBook>, event: BookEvent): void {
  const bookOf = (ticker: string): PlainBook => {
    const book = books.get(ticker) ?? emptyBook();
    books.set(ticker, book);
    return book;
  };
  if (event.type === "gap" && event.to === null) for (const ticker of event.tickers) bookOf(ticker).isKnown = false;
  if (event.type === "snapshot") {
    const book = bookOf(event.ticker);
    for (const side of ["yes", "no"] as const) {
      book[side].clear();
      for (const { price, count } of event[side]) book[side].set(price, count);
    }
    book.isKnown = true;
  }
  if (event.type === "delta") {
    const book = bookOf(event.ticker)[event.side];
    const count = (book.get(event.price) ?? 0) + event.delta;
    if (count > 0) book.set(event.price, count);
    else book.delete(event.price);
  }
}

export const bestOf = (side: ReadonlyMap<number, number>): number | null =>
  side.size === 0 ? null : Math.max(...side.keys());

export function isCrossedPlainly({ yes, no }: PlainBook): boolean {
  const [bid, other] = [bestOf(yes), bestOf(no)];
  return bid !== null && other !== null && bid + other >= 1_000_000;
}

/** Contracts at `lowest` and above. */
export function countFromPlainly(side: ReadonlyMap<number, number>, lowest: number): number {
  return [...side].reduce((sum, [price, count]) => (price >= lowest ? sum + count : sum), 0);
}

/** A quotient of integers rounded half up. */
export function roundedPlainly(value: bigint, divisor: bigint): number {
  return Number((2n * value + divisor) / (2n * divisor));
}
