import { describe, expect, it } from "vitest";
import { bookOf } from "../../src/book/apply.js";
import type { BookEvent, Delta, Gap, Snapshot } from "../../src/book/event.js";
import { bookTable, quotesOf } from "../../src/frames/books.js";
import { rawOf } from "../../src/frames/exact.js";

const on = { receivedAt: 0, connection: 1, ticker: "A", sid: 1, sequence: 1 };

function snapshot(time: number, yes: [number, number][], no: [number, number][]): Snapshot {
  const levels = (side: [number, number][]): { price: number; count: number }[] =>
    side.map(([price, count]) => ({ price, count }));
  return { ...on, type: "snapshot", time, yes: levels(yes), no: levels(no) };
}

function delta(time: number, side: "yes" | "no", price: number, change: number, state: "ok" | "stale" = "ok"): Delta {
  return { ...on, type: "delta", time, side, price, delta: change, count: 0, state, client_order_id: null };
}

function gap(from: number, recoveredBy: Gap["recoveredBy"]): Gap {
  return {
    receivedAt: 0,
    connection: 1,
    type: "gap",
    time: null,
    reason: "sequence",
    sid: 1,
    channel: "orderbook_delta",
    fromSequence: 2,
    toSequence: 3,
    tickers: ["A"],
    from,
    to: recoveredBy === null ? null : from + 1_000,
    recoveredBy,
  };
}

async function rows(events: readonly BookEvent[]): Promise<(number | null)[][]> {
  const table = await quotesOf(events);
  const columns = ["time", "yes_bid", "yes_bid_size", "yes_ask", "yes_ask_size", "spread"].map((name) =>
    rawOf(table, name),
  );
  return columns[0]!.map((_, row) => columns.map((column) => column[row] ?? null));
}

describe("quotesOf", () => {
  it("gives a row whenever the best level of a side has changed, asks from NO bids, and none for a change behind the best", async () => {
    const events = [
      snapshot(1_000, [[400_000, 500]], [[550_000, 300]]),
      delta(2_000, "yes", 390_000, 100),
      delta(3_000, "yes", 410_000, 200),
      delta(4_000, "no", 550_000, -300),
    ];
    expect(await rows(events)).toEqual([
      [1_000, 400_000, 500, 450_000, 300, 50_000],
      [3_000, 410_000, 200, 450_000, 300, 40_000],
      [4_000, 410_000, 200, null, null, null],
    ]);
  });

  it("takes what changes within one millisecond of the exchange as one change: a requote shows no wider spread in between", async () => {
    const events = [
      snapshot(
        1_000,
        [
          [400_000, 500],
          [300_000, 50],
        ],
        [[550_000, 300]],
      ),
      delta(2_000, "yes", 400_000, -500),
      delta(2_000, "yes", 410_000, 500),
    ];
    expect((await rows(events)).map(([time, bid]) => [time, bid])).toEqual([
      [1_000, 400_000],
      [2_000, 410_000],
    ]);
  });

  it("is silent while a book is crossed, and shows a gap as a row of nulls until the book is whole again", async () => {
    const events = [
      snapshot(1_000, [[400_000, 500]], [[550_000, 300]]),
      delta(2_000, "yes", 500_000, 100),
      gap(3_000, null),
      delta(4_000, "yes", 350_000, 100, "stale"),
      snapshot(5_000, [[420_000, 10]], [[550_000, 300]]),
      gap(3_000, "snapshot"),
    ];
    expect((await rows(events)).map(([time, bid, , ask]) => [time, bid, ask])).toEqual([
      [1_000, 400_000, 450_000],
      [3_000, null, null],
      [5_000, 420_000, 450_000],
    ]);
  });

  it("goes on quoting a sound book when messages of a channel that keeps none are missing", async () => {
    const events: BookEvent[] = [
      snapshot(1_000, [[400_000, 500]], [[550_000, 300]]),
      // Told once, its end known and nothing to recover.
      { ...gap(2_000, null), channel: "trade", to: 2_500 },
      delta(3_000, "yes", 410_000, 200),
    ];
    expect((await rows(events)).map(([time, bid, , ask]) => [time, bid, ask])).toEqual([
      [1_000, 400_000, 450_000],
      [3_000, 410_000, 450_000],
    ]);
  });
});

describe("bookTable", () => {
  it("has a row for every level, each in its own price and in YES prices", () => {
    const book = bookOf({ ticker: "A", yes: [{ price: 400_000, count: 500 }], no: [{ price: 555_000, count: 25 }] });
    const table = bookTable(book);
    const sides = table.array("side") as string[];
    const found = sides.map((side, row) => [
      side,
      ...["price", "yes_price", "count"].map((name) => rawOf(table, name)[row]),
    ]);
    expect(found.sort()).toEqual([
      ["no", 555_000, 445_000, 25],
      ["yes", 400_000, 400_000, 500],
    ]);
  });
});
