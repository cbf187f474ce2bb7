import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ListedMarket,
  type Look,
  type MarketNews,
  type Subject,
  WantedMarkets,
} from "../../src/recorder/wanted.js";

const SECOND = 1_000_000;
const PATIENCE = { settled: 30 * SECOND, closed: 600 * SECOND };
const series: Subject = { tickers: [], events: [], series: ["S"] };

function wanted(subject: Subject = series): WantedMarkets {
  return new WantedMarkets(subject, PATIENCE, 0);
}

function created(ticker: string, event: string, closeTime = 900 * SECOND): MarketNews {
  return { event_type: "created", ticker, event_ticker: event, close_time: closeTime };
}

function news(what: string, ticker: string, closeTime: number | null = null): MarketNews {
  return { event_type: what, ticker, event_ticker: null, close_time: closeTime };
}

function open(ticker: string, closeTime = 900 * SECOND, status = "active"): ListedMarket {
  return { ticker, event: `${ticker}-EVENT`, status, closeTime };
}

/** A look at a moment of both clocks. */
function at(time: number, ...markets: readonly ListedMarket[]): Look {
  return { askedAt: time, exchangeTime: time, markets };
}

describe("the markets that are wanted of a series", () => {
  it("are those that are listed, before they open and while they are paused too", () => {
    const markets = wanted();
    markets.look(at(0, open("A"), open("B", 900 * SECOND, "initialized"), open("C", 900 * SECOND, "inactive")));
    expect(markets.changes(0)).toEqual({ add: ["A", "B", "C"], drop: [] });
    expect(markets.changes(0)).toEqual({ add: [], drop: [] });
    expect(markets.tickers).toEqual(["A", "B", "C"]);
  });

  it("are added by the message that creates them, once the channel has said that the event is of the series", () => {
    const markets = wanted();
    markets.tellEvent("E", "S", 0);
    markets.tellEvent("F", "OTHER", 0);
    markets.tellMarket(created("E-1", "E"), 1);
    markets.tellMarket(created("F-1", "F"), 1);
    expect(markets.doubts).toEqual([]);
    expect(markets.changes(1)).toEqual({ add: ["E-1"], drop: [] });
  });

  it("wait while nobody knows of which series their event is, and are added or forgotten when it is told", () => {
    const markets = wanted();
    markets.tellMarket(created("E-1", "E"), 1);
    markets.tellMarket(created("E-2", "E"), 1);
    markets.tellMarket(created("F-1", "F"), 1);
    expect(markets.changes(1).add).toEqual([]);
    expect(markets.doubts).toEqual(["E", "F"]);
    markets.tellEvent("E", "S", 2);
    markets.tellEvent("F", "OTHER", 2);
    expect(markets.doubts).toEqual([]);
    expect(markets.changes(2).add).toEqual(["E-1", "E-2"]);
    markets.tellMarket(created("F-2", "F"), 3);
    expect(markets.doubts).toEqual([]);
  });

  it("are found by the next look when the message was lost", () => {
    const markets = wanted();
    markets.look(at(0, open("A")));
    markets.changes(0);
    markets.look(at(60 * SECOND, open("A"), open("B")));
    expect(markets.changes(60 * SECOND)).toEqual({ add: ["B"], drop: [] });
  });

  it("are dropped when they are settled and have been quiet, counted from the last frame", () => {
    const markets = wanted();
    markets.look(at(0, open("A")));
    markets.changes(0);
    markets.tellMarket(news("determined", "A"), 10 * SECOND);
    markets.tellMarket(news("settled", "A"), 20 * SECOND);
    markets.heard("A", 25 * SECOND);
    expect(markets.changes(54 * SECOND).drop).toEqual([]);
    expect(markets.changes(55 * SECOND).drop).toEqual(["A"]);
    expect(markets.tickers).toEqual([]);
    expect(markets.changes(90 * SECOND)).toEqual({ add: [], drop: [] });
  });

  it("stay while frames of them come, whatever the list says", () => {
    const markets = wanted();
    markets.look(at(0, open("A", 5 * SECOND)));
    markets.changes(0);
    for (let time = 60 * SECOND; time < 3_000 * SECOND; time += 60 * SECOND) {
      markets.look(at(time));
      markets.heard("A", time);
      expect(markets.changes(time).drop).toEqual([]);
    }
  });

  it("are dropped when a list asked for after their close lacks them and they have been quiet long enough", () => {
    const markets = wanted();
    markets.look(at(0, open("A", 100 * SECOND)));
    markets.changes(0);
    markets.look(at(120 * SECOND));
    expect(markets.changes(719 * SECOND).drop).toEqual([]);
    expect(markets.changes(720 * SECOND).drop).toEqual(["A"]);
  });

  it("are not taken for ended because one list lacks them that should have them, or one older than they are", () => {
    const markets = wanted();
    markets.tellEvent("E", "S", 0);
    markets.tellMarket(created("E-1", "E", 9_000 * SECOND), 10 * SECOND);
    markets.changes(10 * SECOND);
    markets.look(at(11 * SECOND));
    markets.look(at(20 * SECOND));
    markets.look(at(60 * SECOND));
    expect(markets.changes(5_000 * SECOND).drop).toEqual([]);
    markets.look(at(5_060 * SECOND));
    expect(markets.changes(5_100 * SECOND).drop).toEqual([]);
    expect(markets.changes(5_660 * SECOND).drop).toEqual(["E-1"]);
  });

  it.each(["activated", "close_date_updated"])("are wanted again when they are opened again: %s", (what) => {
    const markets = wanted();
    markets.look(at(0, open("A", 100 * SECOND)));
    markets.changes(0);
    markets.tellMarket(news("determined", "A"), 101 * SECOND);
    markets.tellMarket(news(what, "A", 5_000 * SECOND), 200 * SECOND);
    expect(markets.changes(2_000 * SECOND).drop).toEqual([]);
    markets.tellMarket(news("determined", "A"), 2_100 * SECOND);
    expect(markets.changes(2_700 * SECOND).drop).toEqual(["A"]);
    markets.tellMarket(news(what, "A", 9_000 * SECOND), 2_800 * SECOND);
    expect(markets.changes(2_800 * SECOND)).toEqual({ add: ["A"], drop: [] });
  });

  it("are not brought back to life by a list that is older than their end", () => {
    const markets = wanted();
    markets.look(at(0, open("A")));
    markets.changes(0);
    markets.tellMarket(news("settled", "A"), 50 * SECOND);
    markets.look(at(49 * SECOND, open("A")));
    markets.look(at(55 * SECOND, open("A")));
    expect(markets.changes(80 * SECOND).drop).toEqual(["A"]);
  });

  it("hold no more memory after a year of strangers than after a day", () => {
    const markets = wanted();
    for (let n = 0; n < 25_000; n += 1) markets.tellMarket(created(`X${n}-1`, `X${n}`), n);
    expect(markets.doubts.length).toBeLessThanOrEqual(20_000);
    expect(markets.doubts.at(-1)).toBe("X24999");
  });
});

describe("the markets that are wanted of an event, and by name", () => {
  it("are added as the event gets them, and those of no other event", () => {
    const markets = wanted({ tickers: ["N"], events: ["E"], series: [] });
    markets.tellMarket(created("E-1", "E"), 0);
    markets.tellMarket(created("F-1", "F"), 0);
    expect(markets.changes(0)).toEqual({ add: ["N", "E-1"], drop: [] });
    expect(markets.doubts).toEqual([]);
  });

  it("are kept when they were named and merely closed, and dropped when settled", () => {
    const markets = wanted({ tickers: ["N"], events: ["E"], series: [] });
    markets.changes(0);
    markets.look(at(60 * SECOND));
    markets.look(at(120 * SECOND));
    markets.tellMarket(news("determined", "N"), 130 * SECOND);
    expect(markets.changes(9_000 * SECOND).drop).toEqual([]);
    markets.tellMarket(news("settled", "N"), 9_000 * SECOND);
    expect(markets.changes(9_030 * SECOND).drop).toEqual(["N"]);
  });
});

describe("whatever is told in whatever order", () => {
  const ticker = fc.constantFrom("A", "B", "C");
  const step = fc.oneof(
    fc.record({ do: fc.constant("look" as const), open: fc.subarray(["A", "B", "C"]) }),
    fc.record({
      do: fc.constant("tell" as const),
      ticker,
      what: fc.constantFrom("created", "activated", "deactivated", "determined", "settled", "close_date_updated"),
    }),
    fc.record({ do: fc.constant("heard" as const), ticker }),
    fc.record({ do: fc.constant("changes" as const) }),
  );

  it("no market is added twice or dropped without having been added, and what was added and not dropped is what is wanted", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.integer({ min: 0, max: 400 }))), (steps) => {
        const markets = wanted();
        const subscribed = new Set<string>();
        let time = 0;
        for (const [one, seconds] of steps) {
          time += seconds * SECOND;
          if (one.do === "look") markets.look(at(time, ...one.open.map((name) => open(name, time + 100 * SECOND))));
          else if (one.do === "tell") {
            markets.tellMarket({ ...news(one.what, one.ticker, time), event_ticker: `${one.ticker}-EVENT` }, time);
          } else if (one.do === "heard") markets.heard(one.ticker, time);
          const { add, drop } = markets.changes(time);
          for (const name of drop) expect(subscribed.delete(name)).toBe(true);
          for (const name of add) {
            expect(subscribed.has(name)).toBe(false);
            subscribed.add(name);
          }
          expect([...subscribed].sort()).toEqual([...markets.tickers].sort());
        }
      }),
    );
  });

  it("a market that a new list has as open is wanted, and one that has long been settled is not", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.integer({ min: 0, max: 400 }))), (steps) => {
        const markets = wanted();
        let time = 0;
        for (const [one, seconds] of steps) {
          time += seconds * SECOND;
          if (one.do === "look") markets.look(at(time, ...one.open.map((name) => open(name, time + 100 * SECOND))));
          else if (one.do === "tell") markets.tellMarket(news(one.what, one.ticker, time), time);
          markets.changes(time);
        }
        time += 1_000 * SECOND;
        markets.look(at(time, open("A", time + SECOND), open("D", time + SECOND)));
        markets.changes(time);
        expect(markets.tickers).toContain("D");
        markets.tellMarket(news("settled", "A"), time);
        markets.changes(time + PATIENCE.settled);
        expect(markets.tickers).not.toContain("A");
      }),
    );
  });
});
