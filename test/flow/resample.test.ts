import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bars } from "../../src/flow/bars.js";
import { bookSnapshots } from "../../src/flow/book-snapshots.js";
import { changes } from "../../src/flow/changes.js";
import { resample } from "../../src/flow/resample.js";
import { type Quote, topOfBook } from "../../src/flow/top-of-book.js";
import { filter, map, merge, pipe } from "../../src/flow/transform.js";
import { asFeed, deltaOf, gapOf, snapshotOf, tradeOf } from "../support/events.js";
import { happenings, MS, tickers } from "../support/plain-market.js";

const SECOND = 1_000 * MS;
/** Nothing of another channel: what it says of the time may be given before a gap is noticed, and stays. */
const ofBooks = happenings.map((events) => events.filter(({ type }) => type !== "trade"));

describe("resample", () => {
  it("gives the last record at or before each point, market by market, from the first one on", () => {
    fc.assert(
      fc.property(ofBooks, fc.constantFrom(1, 30, 1_000), (events, ms) => {
        const every = ms * MS;
        const quotes = [...topOfBook()(events)];
        const sampled = [...pipe(events, topOfBook(), resample(every))];
        for (const ticker of tickers) {
          const own = quotes.filter((quote) => quote.ticker === ticker);
          const points = sampled.filter((quote) => quote.ticker === ticker);
          const wrong = points.filter((point, at) => {
            const held = own.findLast(({ time }) => time <= point.time)!;
            const isNext = at === 0 || point.time === points[at - 1]!.time + every;
            return (
              point.time % every !== 0 ||
              !isNext ||
              JSON.stringify(point) !== JSON.stringify({ ...held, time: point.time })
            );
          });
          expect(wrong).toEqual([]);
          if (own.length > 0 && points.length > 0) expect(points[0]!.time - own[0]!.time).toBeLessThan(every);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("gives the same over a list of quotes as in one pass over the events, as far as the quotes reach", () => {
    fc.assert(
      fc.property(ofBooks, (events) => {
        const quotes = [...topOfBook()(events)];
        const order = (list: readonly Quote[]) =>
          list
            .filter(({ time }) => time <= Math.max(...quotes.map((quote) => quote.time)))
            .map((quote) => JSON.stringify(quote))
            .sort();
        const inOrder = quotes.toSorted((a, b) => a.time - b.time);
        expect(order([...pipe(inOrder, resample("50ms"))])).toEqual(
          order([...pipe(events, topOfBook(), resample("50ms"))]),
        );
      }),
    );
  });

  it("carries on what is not known, never a price from before a gap", () => {
    const events = [
      snapshotOf(100 * MS, [[400_000, 500]], []),
      deltaOf(1_500 * MS, "yes", 410_000, 1),
      gapOf(1_500 * MS, ["A"]),
      deltaOf(4_100 * MS, "yes", 10_000, 1, { ticker: "B" }),
    ];
    const given = [...pipe(events, topOfBook(), resample("1s"))].filter(({ ticker }) => ticker === "A");
    expect(given.map(({ time, trust, yes_bid }) => [time / SECOND, trust, yes_bid])).toEqual([
      [1, "ok", 400_000],
      [2, "unknown", null],
      [3, "unknown", null],
      [4, "unknown", null],
    ]);
  });

  it("carries a record on no longer than it may, and begins again with the next", () => {
    const events = [
      snapshotOf(100 * MS, [[400_000, 500]], []),
      deltaOf(8_500 * MS, "yes", 410_000, 1),
      deltaOf(9_500 * MS, "yes", 420_000, 1),
    ];
    const seconds = (list: Iterable<{ readonly time: number }>) => [...list].map(({ time }) => time / SECOND);
    expect(seconds(pipe(events, topOfBook(), resample("1s", { maxAge: "3s" })))).toEqual([1, 2, 3, 9]);
    expect(seconds(pipe([...topOfBook()(events)], resample("1s", { maxAge: "3s" })))).toEqual([1, 2, 3, 9]);
    expect(seconds(bookSnapshots("1s", { maxAge: "3s" })(events))).toEqual([1, 2, 3, 9]);
    expect(seconds(bookSnapshots("1s")(events))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("gives a point as soon as time has passed it on the feed, while its market is quiet", () => {
    let given = 0;
    function* feed() {
      yield snapshotOf(100 * MS, [[400_000, 500]], []);
      yield deltaOf(200 * MS, "yes", 10_000, 1, { ticker: "B" });
      yield deltaOf(1_001 * MS, "yes", 10_000, 1, { ticker: "B" });
      expect(given).toBe(2);
    }
    for (const _ of pipe(feed(), topOfBook(), resample("1s"))) given += 1;
    expect(given).toBe(2);
  });
});

describe("transforms", () => {
  const events = [
    snapshotOf(0, [[400_000, 500]], [[550_000, 300]]),
    tradeOf(1 * MS, 450_000, 100),
    deltaOf(2 * MS, "yes", 400_000, 100),
    deltaOf(3 * MS, "yes", 420_000, 100),
    deltaOf(4 * MS, "yes", 100_000, 100),
  ];

  it("run behind one another and beside one another over one pass, live or not", async () => {
    const both = merge(topOfBook(), bars({ trades: 1 }));
    const listed = [...pipe(events, both)].map(({ type }) => type);
    expect(listed).toEqual(["bar", "quote", "quote", "quote"]);
    const fed: string[] = [];
    for await (const record of pipe(asFeed(events), both)) fed.push(record.type);
    expect(fed).toEqual(listed);
    const spreads = pipe(
      events,
      topOfBook(),
      filter((quote) => quote.spread !== null),
      changes("spread"),
      map(({ ticker, spread }) => [ticker, spread] as const),
    );
    expect([...spreads]).toEqual([
      ["A", 50_000],
      ["A", 30_000],
    ]);
  });

  it("end the source's loop with their own", async () => {
    let ended = 0;
    async function* feed() {
      try {
        yield* events;
      } finally {
        ended += 1;
      }
    }
    for await (const _ of pipe(feed(), topOfBook())) break;
    expect(ended).toBe(1);
  });

  it("refuse a source that cannot be iterated", () => {
    expect(() => pipe(null as never, topOfBook())).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});
