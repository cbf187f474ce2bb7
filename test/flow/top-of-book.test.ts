import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { type Quote, topOfBook } from "../../src/flow/top-of-book.js";
import { pipe } from "../../src/flow/transform.js";
import { asFeed, deltaOf, gapOf, snapshotOf, tradeOf } from "../support/events.js";
import { bestOf, happenings, MS, type PlainBook, roundedPlainly, tickers } from "../support/plain-market.js";
import { settledPlainly } from "./settled-plainly.js";

/** Bid, size, ask, size, spread, midpoint, microprice, imbalance, each by its definition. */
function readPlainly({ yes, no }: PlainBook): (number | null)[] {
  const [bid, other] = [bestOf(yes), bestOf(no)];
  const ask = other === null ? null : 1_000_000 - other;
  const bidSize = bid === null ? null : yes.get(bid)!;
  const askSize = other === null ? null : no.get(other)!;
  const tops = [bid, bidSize, ask, askSize];
  const [b, a] = [bidSize ?? 0, askSize ?? 0];
  const imbalance = b + a === 0 ? null : (b - a) / (b + a);
  if (bid === null || ask === null) return [...tops, null, null, null, imbalance];
  const sum = BigInt(bid) * BigInt(a) + BigInt(ask) * BigInt(b);
  return [...tops, ask - bid, Math.ceil((bid + ask) / 2), roundedPlainly(sum, BigInt(a + b)), imbalance];
}

const read = (quote: Quote): (number | null)[] => [
  ...[quote.yes_bid, quote.yes_bid_size, quote.yes_ask, quote.yes_ask_size],
  ...[quote.spread, quote.midpoint, quote.microprice, quote.imbalance],
];

const times = (events: readonly BookEvent[]): (readonly [number, number | null])[] =>
  [...topOfBook()(events)].map(({ time, yes_bid }) => [time, yes_bid]);

describe("topOfBook", () => {
  it("is what a plain model says, market by market, through crossings, gaps and whole books", () => {
    fc.assert(
      fc.property(happenings, (events) => {
        const quotes = [...topOfBook()(events)];
        const model = settledPlainly(events, readPlainly);
        for (const ticker of tickers) {
          const own = quotes.filter((quote) => quote.ticker === ticker);
          const known = own.map((quote) => ({
            ...{ time: quote.time, trust: quote.trust },
            value: quote.trust === "ok" ? read(quote) : null,
          }));
          expect(known).toEqual(model.get(ticker) ?? []);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("never gives a bid at or above its ask, and never a price where it is not sure", () => {
    fc.assert(
      fc.property(happenings, (events) => {
        for (const quote of topOfBook()(events)) {
          if (quote.trust !== "ok") expect(read(quote).every((value) => value === null)).toBe(true);
          else if (quote.yes_bid !== null && quote.yes_ask !== null) expect(quote.yes_bid).toBeLessThan(quote.yes_ask);
        }
      }),
    );
  });

  it("gives the same over a feed as over a list", async () => {
    const [events] = fc.sample(happenings, { numRuns: 1, seed: 5 });
    const quotes: Quote[] = [];
    for await (const quote of pipe(asFeed(events!), topOfBook())) quotes.push(quote);
    expect(quotes).toEqual([...topOfBook()(events!)]);
  });

  it("keeps silent about a book that is crossed inside one millisecond, on either side of a trade of that millisecond", () => {
    const at = 5_000 * MS;
    const events = [
      snapshotOf(at - MS, [[400_000, 500]], [[550_000, 300]]),
      deltaOf(at, "yes", 450_000, 300),
      tradeOf(at, 450_000, 300),
      deltaOf(at, "no", 550_000, -300),
      deltaOf(at, "yes", 450_000, -300),
      deltaOf(at, "no", 540_000, 100),
      deltaOf(at + 2 * MS, "yes", 390_000, 1),
    ];
    const quotes = [...topOfBook()(events)];
    expect(quotes.map(({ time, yes_bid, yes_ask }) => [time, yes_bid, yes_ask])).toEqual([
      [at - MS, 400_000, 450_000],
      [at, 400_000, 460_000],
    ]);
  });

  it("says so where a book stays crossed beyond its millisecond", () => {
    const events = [
      snapshotOf(1 * MS, [[400_000, 500]], [[550_000, 300]]),
      deltaOf(2 * MS, "yes", 500_000, 1),
      deltaOf(7 * MS, "yes", 500_000, -1),
      deltaOf(9 * MS, "yes", 100_000, 1),
    ];
    expect([...topOfBook()(events)].map(({ time, trust, yes_bid }) => [time, trust, yes_bid])).toEqual([
      [1 * MS, "ok", 400_000],
      [2 * MS, "crossed", null],
      [7 * MS, "ok", 400_000],
    ]);
  });

  it("gives a quote with the next delta of a later millisecond, whatever market it is of, before the source has more", () => {
    const given: number[] = [];
    function* feed(): Generator<BookEvent> {
      yield snapshotOf(1 * MS, [[400_000, 500]], []);
      yield snapshotOf(1 * MS, [], [], { ticker: "B" });
      yield deltaOf(2 * MS, "yes", 410_000, 1);
      expect(given).toEqual([400_000]);
      yield deltaOf(3 * MS, "yes", 10_000, 1, { ticker: "B" });
      expect(given).toContain(410_000);
    }
    for (const { ticker, yes_bid } of topOfBook()(feed())) if (ticker === "A") given.push(yes_bid!);
    expect(given).toEqual([400_000, 410_000]);
  });

  it("waits a tenth of a second for deltas that are behind the messages of other channels", () => {
    const events = [
      snapshotOf(1 * MS, [[400_000, 500]], []),
      deltaOf(2 * MS, "yes", 400_000, -500),
      tradeOf(4 * MS, 400_000, 500),
      deltaOf(2 * MS, "yes", 390_000, 500),
      tradeOf(103 * MS, 390_000, 1),
    ];
    expect(times(events)).toEqual([
      [1 * MS, 400_000],
      [2 * MS, 390_000],
    ]);
    // Beyond that it is told.
    const late = [...topOfBook()(events.toSpliced(3, 0, tradeOf(103 * MS, 390_000, 1)))];
    expect(late.map(({ yes_bid }) => yes_bid)).toEqual([400_000, null, 390_000]);
  });

  it("is not known before a whole book has come, nor after a gap until another has", () => {
    const events = [
      deltaOf(1 * MS, "yes", 300_000, 5),
      snapshotOf(2 * MS, [[400_000, 500]], []),
      deltaOf(3 * MS, "yes", 410_000, 5),
      gapOf(3 * MS, ["A", "B"]),
      deltaOf(5 * MS, "yes", 420_000, 5, { state: "stale" }),
      snapshotOf(6 * MS, [[430_000, 500]], []),
      gapOf(3 * MS, ["A", "B"], { to: 6 * MS }),
    ];
    const quotes = [...topOfBook()(events)];
    expect(quotes.map(({ ticker, time, trust, yes_bid }) => [ticker, time / MS, trust, yes_bid])).toEqual([
      ["A", 1, "unknown", null],
      ["A", 2, "ok", 400_000],
      ["A", 3, "ok", 410_000],
      ["A", 3, "unknown", null],
      ["B", 3, "unknown", null],
      ["A", 6, "ok", 430_000],
    ]);
  });

  it("does not believe a delta that claims to be sound where no whole book has come since the gap", () => {
    const events = [snapshotOf(1 * MS, [[400_000, 500]], []), gapOf(2 * MS, ["A"]), deltaOf(3 * MS, "yes", 410_000, 5)];
    expect([...topOfBook()(events)].map(({ trust }) => trust)).toEqual(["ok", "unknown"]);
  });

  it("reads the time of what carries none by the least delay, once the exchange has told any", () => {
    const start = 1_000_000 * MS;
    const ahead = 3_600_000 * MS;
    const events = [
      snapshotOf(null, [[400_000, 500]], [], { receivedAt: start + ahead }),
      deltaOf(start + 30 * MS, "yes", 410_000, 5, { receivedAt: start + ahead + 40 * MS }),
      deltaOf(start + 50 * MS, "yes", 420_000, 5, { receivedAt: start + ahead + 90 * MS }),
      // Belongs to what is pending, though it came later.
      deltaOf(null, "yes", 430_000, 5, { receivedAt: start + ahead + 95 * MS }),
      deltaOf(start + 51 * MS, "yes", 1_000, 5, { receivedAt: start + ahead + 96 * MS }),
    ];
    expect(times(events)).toEqual([
      [start - 10 * MS, 400_000],
      [start + 30 * MS, 410_000],
      [start + 50 * MS, 430_000],
    ]);
  });

  it("goes by the local clock where the exchange tells no time at all", () => {
    const second = 1_000 * MS;
    const events = [
      snapshotOf(null, [[400_000, 500]], [], { receivedAt: 1 * second }),
      deltaOf(null, "yes", 410_000, 5, { receivedAt: 3 * second }),
      deltaOf(null, "yes", 420_000, 5, { receivedAt: 4 * second }),
    ];
    expect(times(events)).toEqual([
      [1 * second, 400_000],
      [3 * second, 410_000],
      [4 * second, 420_000],
    ]);
  });

  it("begins anew with each loop", () => {
    const flow = pipe([snapshotOf(1 * MS, [[400_000, 500]], [])], topOfBook());
    expect([...flow]).toEqual([...flow]);
    expect([...flow]).toHaveLength(1);
  });
});
