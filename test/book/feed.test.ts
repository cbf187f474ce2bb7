import { beforeEach, describe, expect, it } from "vitest";
import { bestAsk, bestBid } from "../../src/book/best.js";
import type { BookEvent, Gap } from "../../src/book/event.js";
import { Feed } from "../../src/book/feed.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";

let events: BookEvent[];
let feed: Feed;
let clock: number;

beforeEach(() => {
  events = [];
  clock = 1_000_000_000;
  feed = new Feed((event) => events.push(event));
});

function start(useYesPrice = false, tickers: string[] = [], connection = 1): void {
  feed.connected({ connection, receivedAt: clock, useYesPrice, tickers });
}

function push(...frames: string[]): void {
  for (const text of frames) {
    clock += 1_000;
    feed.push(text, clock);
  }
}

function gaps(): Gap[] {
  return events.filter((event) => event.type === "gap");
}

function wire(ticker: string): unknown[] {
  const book = feed.book(ticker)!;
  return [book.toJSON().yes_dollars, book.toJSON().no_dollars, book.state];
}

describe("Feed", () => {
  it("counts ok replies between snapshots as numbers of the subscription", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []),
      frame("ok", { id: 2, sid: 1, seq: 2 }, { market_tickers: ["A", "B"] }),
      snapshot({ sid: 1, seq: 3 }, "B", [], [["0.3000", "2.00"]]),
      frame("ok", { id: 3, sid: 1, seq: 4 }, { market_tickers: ["A", "B", "C"] }),
      snapshot({ sid: 1, seq: 5 }, "C", [], []),
      delta({ sid: 1, seq: 6 }, "A", "yes", "0.4100", "5.00"),
    );
    expect(gaps()).toEqual([]);
    expect(bestBid(feed.book("A")!)).toBe(410_000);
    expect(feed.book("C")!.state).toBe("ok");
  });

  it("replaces the book by a snapshot in mid-stream, and empties it by one without levels", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [["0.5000", "2.00"]]),
      snapshot({ sid: 1, seq: 2 }, "A", [["0.1000", "3.00"]], []),
    );
    expect(wire("A")).toEqual([[["0.1000", "3.00"]], [], "ok"]);
    push(snapshot({ sid: 1, seq: 3 }, "A", [], []));
    expect(wire("A")).toEqual([[], [], "ok"]);
    expect(gaps()).toEqual([]);
  });

  it("empties a full book when its market closes, by one snapshot or by two, and it is no gap", () => {
    start();
    const full = Array.from({ length: 96 }, (_, at) => [`0.${String(at + 2).padStart(2, "0")}00`, "7.50"] as const);
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "A", full, full));
    expect(feed.book("A")!.yes.levels()).toHaveLength(96);
    push(frame("orderbook_snapshot", { sid: 1, seq: 2 }, { market_ticker: "A", market_id: "" }));
    expect(wire("A")).toEqual([[], [], "ok"]);
    push(frame("orderbook_snapshot", { sid: 1, seq: 3 }, { market_ticker: "A" }));
    expect(wire("A")).toEqual([[], [], "ok"]);
    expect(gaps()).toEqual([]);
    expect(events.filter((event) => event.type === "snapshot").slice(1)).toMatchObject([
      { yes: [], no: [] },
      { yes: [], no: [] },
    ]);
  });

  it("reads times whose trailing zeros were trimmed as what they are, in order", () => {
    start();
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "A", [], []));
    const texts = [
      "2026-04-21T01:45:49Z",
      "2026-04-21T01:45:49.27Z",
      "2026-04-21T01:45:49.5Z",
      "2026-04-21T01:45:49.501234Z",
    ];
    texts.forEach((ts, at) => {
      const msg = { market_ticker: "A", price_dollars: "0.4000", delta_fp: "1.00", side: "yes", ts };
      push(frame("orderbook_delta", { sid: 1, seq: at + 2 }, msg));
    });
    const second = Date.UTC(2026, 3, 21, 1, 45, 49) * 1000;
    const times = events.flatMap((event) => (event.type === "delta" ? [event.time! - second] : []));
    expect(times).toEqual([0, 270_000, 500_000, 501_234]);
    expect(feed.book("A")!.time).toBe(second + 501_234);
  });

  it("takes up a market again that was dropped, with a book that starts anew", () => {
    start();
    const listed = (seq: number, ...tickers: string[]) =>
      frame("ok", { id: 3, sid: 1, seq }, { market_tickers: tickers });
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []),
      snapshot({ sid: 1, seq: 2 }, "B", [], []),
      listed(3, "A"),
      listed(4),
      listed(5, "A", "B"),
      snapshot({ sid: 1, seq: 6 }, "A", [["0.0250", "2.00"]], []),
      snapshot({ sid: 1, seq: 7 }, "B", [["0.1235", "0.01"]], []),
      delta({ sid: 1, seq: 8 }, "B", "no", "0.4000", "1.00"),
    );
    expect(gaps()).toEqual([]);
    expect(wire("A")).toEqual([[["0.0250", "2.00"]], [], "ok"]);
    expect(wire("B")).toEqual([[["0.1235", "0.01"]], [["0.4000", "1.00"]], "ok"]);
  });

  it("waits no longer for a market that was deleted while its gap was open, nor for one the next connection does not ask for", () => {
    start(false, ["A", "B", "C"]);
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
      snapshot({ sid: 1, seq: 2 }, "B", [], []),
      snapshot({ sid: 1, seq: 3 }, "C", [], []),
      delta({ sid: 1, seq: 5 }, "A", "yes", "0.4000", "1.00"),
      frame("ok", { id: 3, sid: 1, seq: 6 }, { market_tickers: ["A", "C"] }),
      snapshot({ id: 4, sid: 1, seq: 7 }, "A", [], []),
      snapshot({ id: 4, sid: 1, seq: 8 }, "C", [], []),
    );
    expect(gaps()).toMatchObject([{ recoveredBy: null }, { reason: "sequence", recoveredBy: "get_snapshot" }]);
    clock += 5_000_000;
    feed.disconnected(clock, "cut", 1006, clock);
    expect(gaps()[2]!.tickers).toEqual(["A", "C"]);
    start(false, ["A"], 2);
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "A", [], []));
    expect(gaps()[3]).toMatchObject({ reason: "disconnect", recoveredBy: "resubscribe" });
  });

  it("lets a level vanish at exactly zero, also after fractional and sub-penny changes", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "0.30"]], []),
      delta({ sid: 1, seq: 2 }, "A", "yes", "0.4005", "0.10", 50),
      delta({ sid: 1, seq: 3 }, "A", "yes", "0.4005", "0.20", 51),
      delta({ sid: 1, seq: 4 }, "A", "yes", "0.4005", "-0.30", 52),
    );
    expect(wire("A")).toEqual([[["0.4000", "0.30"]], [], "ok"]);
    expect(events.at(-1)).toMatchObject({ type: "delta", count: 0, time: 52_000, sequence: 4, state: "ok" });
  });

  it("turns NO levels that come in YES prices back into NO prices", () => {
    start(true);
    push(
      subscribed(1),
      snapshot(
        { sid: 1, seq: 1 },
        "A",
        [["0.4700", "3.00"]],
        [
          ["0.5200", "2.00"],
          ["0.5500", "9.00"],
        ],
      ),
      delta({ sid: 1, seq: 2 }, "A", "no", "0.5200", "1.00"),
      delta({ sid: 1, seq: 3 }, "A", "yes", "0.4700", "1.00"),
    );
    expect(wire("A")).toEqual([
      [["0.4700", "4.00"]],
      [
        ["0.4500", "9.00"],
        ["0.4800", "3.00"],
      ],
      "ok",
    ]);
    expect(bestAsk(feed.book("A")!)).toBe(520_000);
    expect(events.at(-2)).toMatchObject({ side: "no", price: 480_000 });
    expect(events.find((event) => event.type === "snapshot")).toMatchObject({
      no: [
        { price: 450_000, count: 900 },
        { price: 480_000, count: 200 },
      ],
    });
  });

  it("ignores duplicates and older messages", () => {
    start();
    const second = delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00");
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
      second,
      second,
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
    );
    expect(wire("A")).toEqual([[["0.4000", "1.00"]], [], "ok"]);
    expect(feed.counts.duplicates).toBe(2);
    expect(events.filter((event) => event.type === "delta")).toHaveLength(1);
  });

  it("makes every book of a subscription stale on a hole, names it, and is whole again by the replies to get_snapshot", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
      snapshot({ sid: 1, seq: 2 }, "B", [], []),
      delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "1.00", 900_000),
      delta({ sid: 1, seq: 6 }, "A", "yes", "0.4100", "1.00", 905_000),
    );
    expect(gaps()).toMatchObject([
      { reason: "sequence", sid: 1, fromSequence: 4, toSequence: 5, from: 900_000_000, to: null, recoveredBy: null },
    ]);
    expect(gaps()[0]!.tickers).toEqual(["A", "B"]);
    expect(feed.book("B")!.state).toBe("stale");
    expect(events.at(-1)).toMatchObject({ type: "delta", state: "stale" });

    push(snapshot({ id: 9, sid: 1, seq: 7 }, "A", [["0.4100", "1.00"]], []));
    expect(feed.book("A")!.state).toBe("ok");
    expect(feed.book("B")!.state).toBe("stale");
    expect(gaps()).toHaveLength(1);

    push(snapshot({ id: 9, sid: 1, seq: 8 }, "B", [], []));
    expect(gaps()).toHaveLength(2);
    expect(gaps()[1]).toMatchObject({ fromSequence: 4, recoveredBy: "get_snapshot" });
    expect(gaps()[1]!.to).toBeGreaterThanOrEqual(905_000_000);
  });

  it("takes a reply to get_snapshot that was overtaken, once, with what is numbered after it, and leaves the count alone", () => {
    start();
    const reply = snapshot({ id: 9, sid: 1, seq: 2 }, "A", [["0.2000", "5.00"]], []);
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
      delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "1.00"),
      reply,
    );
    const merged = [
      ["0.2000", "5.00"],
      ["0.4000", "1.00"],
    ];
    expect(wire("A")).toEqual([merged, [], "ok"]);
    // Who keeps books from the events has the same.
    expect(events.findLast((event) => event.type === "snapshot")).toMatchObject({
      sequence: 2,
      yes: [
        { price: 200_000, count: 500 },
        { price: 400_000, count: 100 },
      ],
    });
    push(delta({ sid: 1, seq: 4 }, "A", "yes", "0.2000", "1.00"), reply);
    expect(wire("A")[0]).toEqual([["0.2000", "6.00"], merged[1]]);
    expect(gaps()).toHaveLength(2);
  });

  it("takes no reply that something which is missing has overtaken, nor one that does not fit what followed", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []),
      delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "1.00"),
      delta({ sid: 1, seq: 6 }, "A", "yes", "0.4000", "-2.00"),
      // Number 5 was lost, and is in neither.
      snapshot({ id: 9, sid: 1, seq: 4 }, "A", [["0.4000", "2.00"]], []),
    );
    expect(feed.book("A")!.state).toBe("stale");
    push(snapshot({ id: 10, sid: 1, seq: 5 }, "A", [["0.4000", "1.00"]], []));
    expect(feed.book("A")!.state).toBe("stale");
    push(snapshot({ id: 11, sid: 1, seq: 5 }, "A", [["0.4000", "2.00"]], []));
    expect(wire("A")).toEqual([[], [], "ok"]);
  });

  it("takes no overtaken reply for a book that is whole already", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
      snapshot({ sid: 1, seq: 2 }, "B", [], []),
      delta({ sid: 1, seq: 4 }, "A", "yes", "0.4000", "1.00"),
      snapshot({ id: 8, sid: 1, seq: 5 }, "A", [["0.4000", "1.00"]], []),
      delta({ sid: 1, seq: 7 }, "A", "yes", "0.4000", "1.00"),
      snapshot({ id: 9, sid: 1, seq: 8 }, "A", [["0.4000", "7.00"]], []),
      snapshot({ id: 10, sid: 1, seq: 6 }, "A", [["0.4000", "3.00"]], []),
    );
    expect(wire("A")).toEqual([[["0.4000", "7.00"]], [], "ok"]);
    expect(feed.book("B")!.state).toBe("stale");
  });

  it("notices that the first message of a subscription is missing, and covers the markets asked for", () => {
    start(false, ["A", "B"]);
    push(subscribed(1), snapshot({ sid: 1, seq: 2 }, "B", [], []));
    expect(gaps()[0]).toMatchObject({ fromSequence: 1, toSequence: 1 });
    expect(gaps()[0]!.tickers).toContain("A");
    expect(feed.book("A")).toBeNull();
  });

  it("accepts a capture that begins in the middle of a connection", () => {
    start();
    push(snapshot({ sid: 1, seq: 131 }, "A", [], []), delta({ sid: 1, seq: 132 }, "A", "no", "0.4000", "1.00"));
    expect(gaps()).toEqual([]);
  });

  it("treats a level below zero as a lost message of that market alone", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []),
      snapshot({ sid: 1, seq: 2 }, "B", [], []),
      delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "-1.01"),
    );
    expect(gaps()).toMatchObject([{ reason: "negative_level", tickers: ["A"], fromSequence: null }]);
    expect(wire("A")).toEqual([[], [], "stale"]);
    expect(feed.book("B")!.state).toBe("ok");
  });

  it.each([
    ["above a dollar", "1.0001", false],
    ["below nothing", "-0.0001", false],
    ["above a dollar of a NO level in YES prices", "-0.5000", true],
    ["below nothing of a NO level in YES prices", "1.0100", true],
  ])("trusts a book no longer into which a level %s was sent, until its next snapshot", (_, price, useYesPrice) => {
    start(useYesPrice);
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []),
      snapshot({ sid: 1, seq: 2 }, "B", [], []),
      delta({ sid: 1, seq: 3 }, "A", "no", price, "5.00"),
    );
    expect(gaps()).toMatchObject([{ reason: "invalid_price", tickers: ["A"], fromSequence: null, to: null }]);
    expect(wire("A")).toEqual([[["0.4000", "1.00"]], [], "stale"]);
    expect(feed.book("B")!.state).toBe("ok");
    // Nor by a snapshot from before it, brought up to date with it.
    push(delta({ sid: 1, seq: 4 }, "A", "no", price, "5.00"));
    push(snapshot({ id: 1, sid: 1, seq: 3 }, "A", [["0.4000", "1.00"]], []));
    expect(feed.book("A")!.state).toBe("stale");
    push(snapshot({ id: 2, sid: 1, seq: 5 }, "A", [["0.4000", "2.00"]], []));
    expect(wire("A")).toEqual([[["0.4000", "2.00"]], [], "ok"]);
    expect(gaps().at(-1)).toMatchObject({ reason: "invalid_price", recoveredBy: "get_snapshot" });
  });

  it("does not take a snapshot with a level at no price: keeps it as unknown, and the book is not to be trusted", () => {
    start();
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []));
    push(
      snapshot(
        { sid: 1, seq: 2 },
        "A",
        [
          ["0.4000", "1.00"],
          ["1.0100", "1.00"],
        ],
        [],
      ),
    );
    expect(feed.book("A")!.state).toBe("stale");
    expect(events.filter(({ type }) => type === "unknown")).toMatchObject([
      { ticker: "A", problem: expect.stringContaining("1.0100") },
    ]);
    expect(gaps()).toMatchObject([{ reason: "unreadable", tickers: ["A"], to: null }]);
  });

  it("takes levels at nothing and at a dollar, the ends of every grid", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.0000", "1.00"]], [["1.0000", "1.00"]]),
      delta({ sid: 1, seq: 2 }, "A", "yes", "1.0000", "1.00"),
      delta({ sid: 1, seq: 3 }, "A", "no", "0.0000", "1.00"),
    );
    expect(gaps()).toEqual([]);
    expect(feed.book("A")!.state).toBe("ok");
  });

  it("keeps counts of channels apart, and tells a hole among trades once, without touching books", () => {
    start();
    const trade = (seq: number) =>
      frame(
        "trade",
        { sid: 2, seq },
        {
          trade_id: `t${seq}`,
          market_ticker: "A",
          yes_price_dollars: "0.5200",
          no_price_dollars: "0.4800",
          count_fp: "1.00",
          ts: 1_795_329_089,
        },
      );
    push(subscribed(1), subscribed(2, "trade"), snapshot({ sid: 1, seq: 1 }, "A", [], []), trade(1), trade(4));
    expect(gaps()).toMatchObject([{ sid: 2, channel: "trade", fromSequence: 2, toSequence: 3, recoveredBy: null }]);
    expect(gaps()[0]!.to).not.toBeNull();
    expect(feed.book("A")!.state).toBe("ok");
    expect(events.at(-1)).toMatchObject({ type: "trade", yes_price: 520_000, time: 1_795_329_089_000_000 });
  });

  it("voids every subscription on a disconnect and names the missed interval once the books are back", () => {
    start(false, ["A"]);
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []));
    const heard = clock + 3_000_000;
    clock += 5_000_000;
    feed.disconnected(clock, "cut", 1006, heard);
    expect(feed.book("A")!.state).toBe("stale");
    start(true, ["A"], 2);
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "A", [], [["0.6000", "1.00"]]));
    expect(events.filter((event) => event.type === "disconnect")).toMatchObject([
      { code: 1006, from: heard - 1_000_000, tickers: ["A"] },
    ]);
    expect(gaps()).toMatchObject([
      { reason: "disconnect", fromSequence: null, to: null, connection: 1 },
      { reason: "disconnect", fromSequence: null, from: heard - 1_000_000, to: clock, recoveredBy: "resubscribe" },
    ]);
    expect(wire("A")).toEqual([[], [["0.4000", "1.00"]], "ok"]);
  });

  it("ends a subscription on a terminal error and on unsubscribed", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
      frame("error", { sid: 1 }, { code: 25, msg: "Subscription buffer overflow" }),
    );
    expect(gaps()).toMatchObject([{ reason: "channel_error", tickers: ["A"] }]);
    expect(feed.subscription("orderbook_delta")).toBeNull();
    push(subscribed(2), snapshot({ sid: 2, seq: 1 }, "A", [], []));
    expect(gaps()[1]).toMatchObject({ recoveredBy: "resubscribe" });
    push(frame("unsubscribed", { id: 4, sid: 2, seq: 2 }));
    expect(feed.book("A")!.state).toBe("stale");
    expect(gaps()).toHaveLength(2);
  });

  it("knows no more after thousands of markets that came and went than before them, gaps, stalls and repairs of theirs included", () => {
    start(false, ["STAYS"]);
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "STAYS", [["0.4000", "1.00"]], []));
    let seq = 1;
    const next = () => {
      seq += 1;
      return { sid: 1, seq };
    };
    const size = () => JSON.stringify(feed.save()).length;
    let first = 0;
    for (let at = 0; at < 3_000; at += 1) {
      const ticker = `KXQUICK-26NOV27-T${1_000_000 + at}`;
      push(frame("ok", { id: at + 2, ...next() }, { market_tickers: ["STAYS", ticker] }));
      push(snapshot(next(), ticker, [["0.4000", "1.00"]], []), delta(next(), ticker, "no", "0.3000", "5.00"));
      if (at % 3 === 1) seq += 2;
      push(delta(next(), ticker, "no", "0.3000", "-5.00"));
      if (at % 9 === 1) push(...["STAYS", ticker].map((one) => snapshot({ id: at + 2, ...next() }, one, [], [])));
      if (at % 7 === 0) clock += 70_000_000;
      push(frame("ok", { id: at + 2, ...next() }, { market_tickers: ["STAYS"] }));
      feed.forget([ticker]);
      if (at % 500 === 499) push(snapshot({ id: at + 2, ...next() }, "STAYS", [["0.4000", "1.00"]], []));
      if (at === 499) first = size();
    }
    expect([...feed.books.keys()]).toEqual(["STAYS"]);
    expect(Math.abs(size() - first)).toBeLessThan(50);
  });

  it("lets go of a market that was given up while there was no connection, and waits for it no longer", () => {
    start(false, ["A", "B"]);
    push(
      subscribed(1),
      ...["A", "B"].map((ticker, at) => snapshot({ sid: 1, seq: at + 1 }, ticker, [["0.4000", "1.00"]], [])),
    );
    feed.disconnected(clock, "cut", 1006, clock);
    feed.forget(["A"]);
    expect([...feed.books.keys()]).toEqual(["B"]);
    start(false, ["B"], 2);
    push(subscribed(1), snapshot({ sid: 1, seq: 1 }, "B", [["0.4000", "1.00"]], []));
    expect(gaps().at(-1)).toMatchObject({ reason: "disconnect", recoveredBy: "resubscribe" });
    expect([...feed.books.keys()]).toEqual(["B"]);
  });

  it("lets go of markets that were deleted when it is told to, and of no other", () => {
    start(false, ["A", "B"]);
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []),
      snapshot({ sid: 1, seq: 2 }, "B", [["0.4000", "1.00"]], []),
      frame("ok", { id: 2, sid: 1, seq: 3 }, { market_tickers: ["B"] }),
    );
    feed.forget(["A", "B"]);
    expect([...feed.books.keys()]).toEqual(["B"]);
    push(delta({ sid: 1, seq: 4 }, "B", "yes", "0.4100", "5.00"));
    expect(wire("B")).toEqual([
      [
        ["0.4000", "1.00"],
        ["0.4100", "5.00"],
      ],
      [],
      "ok",
    ]);
    // It may come again.
    push(
      frame("ok", { id: 3, sid: 1, seq: 5 }, { market_tickers: ["A", "B"] }),
      snapshot({ sid: 1, seq: 6 }, "A", [["0.2000", "1.00"]], []),
    );
    expect(wire("A")).toEqual([[["0.2000", "1.00"]], [], "ok"]);
    expect(gaps()).toEqual([]);
  });

  it("keeps what it cannot read, counts its number, and makes the book it spoke of stale", () => {
    start();
    push(
      subscribed(1),
      snapshot({ sid: 1, seq: 1 }, "A", [], []),
      "not json",
      frame("orderbook_delta", { sid: 1, seq: 2 }, { market_ticker: "A", side: "yep" }),
      frame("rfq_created", { sid: 3, seq: 1 }, { id: "r1", market_ticker: "A" }),
    );
    const unknown = events.filter((event) => event.type === "unknown");
    expect(unknown).toMatchObject([
      { kind: null, text: "not json" },
      { kind: "orderbook_delta", ticker: "A", sequence: 2 },
      { kind: "rfq_created", ticker: "A", problem: null },
    ]);
    expect(gaps()).toMatchObject([{ reason: "unreadable", tickers: ["A"] }]);
    expect(feed.counts.unreadable).toBe(2);
  });

  it("gives the same from bytes as from text", () => {
    start();
    feed.push(Buffer.from(snapshot({ sid: 1, seq: 1 }, "KÖLN", [["0.4000", "1.00"]], [])), clock);
    expect(wire("KÖLN")).toEqual([[["0.4000", "1.00"]], [], "ok"]);
  });
});
