import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { BookEvent, Stall } from "../../src/book/event.js";
import { Feed } from "../../src/book/feed.js";
import type { FeedState } from "../../src/book/feed-state.js";
import { SECOND } from "../../src/units/time.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";

const START = 1_795_329_089 * SECOND;

let events: BookEvent[];
let feed: Feed;
let seq: number;

beforeEach(() => {
  events = [];
  seq = 0;
  feed = new Feed((event) => events.push(event), { stallMs: 8_000 });
  feed.connected({ connection: 1, receivedAt: START, useYesPrice: false, tickers: ["A", "B"] });
  at(0, subscribed(1), whole("A"), whole("B"));
});

function at(seconds: number, ...frames: string[]): void {
  for (const text of frames) feed.push(text, START + seconds * SECOND);
}

function whole(ticker: string, yes: [string, string][] = [["0.4000", "1.00"]]): string {
  seq += 1;
  return snapshot({ sid: 1, seq }, ticker, yes, []);
}

function change(ticker: string, exchangeSeconds?: number): string {
  seq += 1;
  const ms = exchangeSeconds === undefined ? undefined : START / 1000 + exchangeSeconds * 1000;
  return delta({ sid: 1, seq }, ticker, "yes", "0.4000", "1.00", ms);
}

function stalls(): Partial<Stall>[] {
  return events.flatMap((event) => {
    if (event.type !== "stall") return [];
    const { reason, ticker, from, to } = event;
    const seconds = (time: number): number => (time - START) / SECOND;
    return [{ reason, ticker, from: seconds(from), to: to === null ? null : seconds(to) }];
  });
}

/** Messages of a market each second, both ends included. */
function lively(ticker: string, from: number, to: number): void {
  for (let second = from; second <= to; second += 1) at(second, change(ticker, second));
}

describe("a stall", () => {
  it("of a market is told by the connection's next messages, and again when the market speaks", () => {
    lively("A", 1, 12);
    expect(stalls()).toEqual([{ reason: "market", ticker: "B", from: 0, to: null }]);
    expect(feed.stalls).toHaveLength(1);
    at(13, change("B", 13));
    expect(stalls()[1]).toEqual({ reason: "market", ticker: "B", from: 0, to: 13 });
    expect(events.at(-1)).toMatchObject({ type: "delta", ticker: "B" });
    expect(feed.stalls).toEqual([]);
  });

  it("is not one before its time, nor of a book without levels, nor of one that is in a gap", () => {
    lively("A", 1, 7);
    at(7.9, change("B", 7.9));
    lively("A", 8, 15);
    expect(stalls()).toEqual([]);
    at(15, whole("B", []));
    lively("A", 16, 30);
    expect(stalls()).toEqual([]);
    at(30, whole("B"));
    seq += 1;
    lively("A", 31, 45);
    expect(stalls()).toEqual([]);
  });

  it("of the connection is told once, by the message that ends it, and is none of its markets", () => {
    at(1, change("A", 1));
    at(21, change("A", 21));
    expect(stalls()).toEqual([{ reason: "connection", ticker: null, from: 1, to: 21 }]);
    lively("A", 22, 28);
    expect(stalls()).toHaveLength(1);
    lively("A", 29, 30);
    expect(stalls().slice(1)).toEqual([{ reason: "market", ticker: "B", from: 0, to: null }]);
  });

  it("of the exchange's clock is told when messages come whose time stands still or goes back", () => {
    at(1, change("A", 1), change("B", 1));
    for (let second = 2; second <= 12; second += 1) at(second, change("A", second % 2), change("B", 1));
    expect(stalls()).toEqual([{ reason: "clock", ticker: null, from: 1, to: null }]);
    at(13, change("A", 13));
    at(15, change("A", 15), change("B", 15));
    expect(stalls()[1]).toEqual({ reason: "clock", ticker: null, from: 1, to: 13 });
  });

  it("ends with the connection, and with the market's subscription", () => {
    lively("A", 1, 10);
    seq += 1;
    at(11, frame("ok", { id: 3, sid: 1, seq }, { market_tickers: ["A"] }));
    expect(stalls()[1]).toEqual({ reason: "market", ticker: "B", from: 0, to: 11 });
    seq += 1;
    at(12, frame("ok", { id: 4, sid: 1, seq }, { market_tickers: ["A", "B"] }), whole("B"));
    lively("B", 13, 21);
    feed.disconnected(START + 22 * SECOND, "cut", 1006, START + 21 * SECOND);
    expect(stalls().slice(2)).toEqual([
      { reason: "market", ticker: "A", from: 10, to: null },
      { reason: "market", ticker: "A", from: 10, to: 22 },
    ]);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(["disconnect", "gap"]);
  });

  it("is looked for again where the local clock was set back", () => {
    lively("A", 1, 3);
    lively("A", -3600, -3590);
    expect(stalls()).toEqual([{ reason: "market", ticker: "B", from: 0, to: null }]);
  });

  it("is the same whether one feed hears everything, or another goes on from what was saved anywhere", () => {
    const step = fc.record({
      ticker: fc.constantFrom("A", "B", "C"),
      seconds: fc.constantFrom(0, 0.5, 1, 3, 7.9, 8, 20),
      exchange: fc.constantFrom(0, 1, -1),
      save: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const run = (isSaving: boolean): BookEvent[] => {
          const heard: BookEvent[] = [];
          const open = () => new Feed((event) => heard.push(event), { stallMs: 8_000 });
          let current = open();
          current.connected({ connection: 1, receivedAt: START, useYesPrice: false, tickers: ["A", "B", "C"] });
          let now = 0;
          steps.forEach(({ ticker, seconds, exchange, save }, index) => {
            now += seconds;
            const on = { sid: 1, seq: index + 1 };
            const ms = START / 1000 + (exchange === 0 ? 0 : now * 1000 * exchange);
            const text =
              index < 3
                ? snapshot(on, "ABC"[index]!, [["0.4000", "1.00"]], [])
                : delta(on, ticker, "yes", "0.4000", "1.00", ms);
            current.push(text, START + now * SECOND);
            if (!isSaving || !save) return;
            const state = JSON.parse(JSON.stringify(current.save())) as FeedState;
            const books = [...current.books.values()];
            current = open();
            current.restore(state, books);
          });
          return heard;
        };
        expect(run(true)).toEqual(run(false));
      }),
      { numRuns: 150 },
    );
  });
});
