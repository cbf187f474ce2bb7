import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { bookSnapshots } from "../../src/flow/book-snapshots.js";
import { deltaOf, gapOf, snapshotOf, tradeOf } from "../support/events.js";
import { applyPlainly, happenings, isCrossedPlainly, MS, type PlainBook, tickers } from "../support/plain-market.js";

const SECOND = 1_000 * MS;
const levels = (side: ReadonlyMap<number, number>) =>
  [...side].sort(([a], [b]) => a - b).map(([price, count]) => ({ price, count }));

/** Books by applying everything up to and including a moment, a gap from its start on. */
function booksAt(events: readonly BookEvent[], moment: number): Map<string, PlainBook> {
  const books = new Map<string, PlainBook>();
  for (const event of events) {
    if ((event.type === "gap" ? event.from : event.time!) <= moment) applyPlainly(books, event);
  }
  return books;
}

describe("bookSnapshots", () => {
  it("are the books at each point of the grid, as all messages up to it make them", () => {
    fc.assert(
      fc.property(happenings, fc.constantFrom(1, 7, 100, 1_000), (events, ms) => {
        const every = ms * MS;
        const given = [...bookSnapshots(every)(events.filter(({ type }) => type !== "trade"))];
        const first = Math.ceil(events[0]!.time! / every) * every;
        const last = Math.max(...events.filter(({ type }) => type !== "trade").map(({ time }) => time ?? 0));
        const points = Array.from(
          { length: Math.max(0, Math.floor((last - first) / every) + 1) },
          (_, at) => first + at * every,
        );
        for (const ticker of tickers) {
          const own = given.filter((one) => one.ticker === ticker);
          expect(own.map(({ time }) => time)).toEqual(points);
        }
        // Some of them: each is a book made from the start.
        for (const one of given.filter((_, at) => at % Math.ceil(given.length / 20) === 0)) {
          const book = booksAt(events, one.time).get(one.ticker)!;
          const trust = book.isKnown ? (isCrossedPlainly(book) ? "crossed" : "ok") : "unknown";
          const sides = book.isKnown ? { yes: levels(book.yes), no: levels(book.no) } : { yes: null, no: null };
          expect(one).toEqual({ type: "book", ticker: one.ticker, time: one.time, trust, ...sides });
        }
      }),
      { numRuns: 150 },
    );
  });

  it("are given for a quiet market too, as time passes with the messages of others", () => {
    const events = [
      snapshotOf(100 * MS, [[400_000, 500]], []),
      snapshotOf(200 * MS, [], [], { ticker: "B" }),
      deltaOf(3 * SECOND + 500 * MS, "yes", 10_000, 1, { ticker: "B" }),
      tradeOf(4 * SECOND + 500 * MS, 500_000, 1, "yes", { ticker: "B" }),
    ];
    const given = [...bookSnapshots("1s")(events)].filter(({ ticker }) => ticker === "A");
    expect(given.map(({ time, yes }) => [time / SECOND, yes])).toEqual(
      [1, 2, 3, 4].map((second) => [second, [{ price: 400_000, count: 500 }]]),
    );
  });

  it("have the best levels of each side, as many as asked for", () => {
    const events = [
      snapshotOf(
        0,
        [
          [100_000, 1],
          [200_000, 2],
          [300_000, 3],
        ],
        [[400_000, 4]],
      ),
      deltaOf(1, "yes", 150_000, 1),
    ];
    expect([...bookSnapshots("1s", { levels: 2 })(events)]).toMatchObject([
      {
        time: 0,
        yes: [
          { price: 200_000, count: 2 },
          { price: 300_000, count: 3 },
        ],
        no: [{ price: 400_000, count: 4 }],
      },
    ]);
    expect(() => bookSnapshots("1s", { levels: 0 })).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });

  it("are not known from a gap on until a whole book has come, on whichever connection", () => {
    const events: BookEvent[] = [
      snapshotOf(100 * MS, [[400_000, 500]], []),
      deltaOf(1_200 * MS, "yes", 410_000, 5),
      {
        ...{ type: "disconnect", receivedAt: 1_300 * MS, time: null, connection: 1, reason: "cut", code: 1006 },
        ...{ tickers: ["A"], from: 1_200 * MS },
      },
      gapOf(1_200 * MS, ["A"], { channel: null }),
      snapshotOf(3_400 * MS, [[420_000, 1]], [], { connection: 2 }),
      gapOf(1_200 * MS, ["A"], { channel: null, to: 3_400 * MS }),
      deltaOf(4_500 * MS, "yes", 410_000, 5, { connection: 2 }),
    ];
    const given = [...bookSnapshots("1s")(events)];
    expect(given.map(({ time, trust, yes }) => [time / SECOND, trust, yes?.length ?? null])).toEqual([
      [1, "ok", 1],
      [2, "unknown", null],
      [3, "unknown", null],
      [4, "ok", 1],
    ]);
  });
});
