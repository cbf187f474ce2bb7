import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookEvent, TradeEvent } from "../../src/book/event.js";
import type { Bar } from "../../src/flow/bar.js";
import { type BarSize, bars } from "../../src/flow/bars.js";
import { deltaOf, gapOf, snapshotOf, tradeOf } from "../support/events.js";
import { happenings, MS, roundedPlainly, tickers } from "../support/plain-market.js";

const SECOND = 1_000 * MS;
const isTrade = (event: BookEvent): event is TradeEvent => event.type === "trade";
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A bar of some trades by the definition of each column. */
function barPlainly(trades: readonly TradeEvent[]) {
  const prices = trades.map(({ yes_price }) => yes_price);
  const volume = sum(trades.map(({ count }) => count));
  const notional = trades.reduce((total, { yes_price, count }) => total + BigInt(yes_price) * BigInt(count), 0n);
  const taken = (side: string) =>
    sum(trades.filter((one) => one.taker_outcome_side === side).map(({ count }) => count));
  return {
    price_open: prices[0],
    price_high: Math.max(...prices),
    price_low: Math.min(...prices),
    price_close: prices.at(-1),
    vwap: roundedPlainly(notional, BigInt(volume)),
    volume,
    taker_yes_volume: taken("yes"),
    taker_no_volume: taken("no"),
    trades: trades.length,
  };
}

const ofMarket = (ticker: string) => (one: { readonly ticker: string | null }) => one.ticker === ticker;
const withTrades = ({ trades }: Bar): boolean => trades > 0;
const sizes: fc.Arbitrary<BarSize> = fc.oneof(
  fc.record({ every: fc.constantFrom("1ms", "50ms", "1s", "1m") }),
  fc.record({ volume: fc.integer({ min: 1, max: 100_000_000 }) }),
  fc.record({ trades: fc.integer({ min: 1, max: 9 }) }),
);

describe("bars", () => {
  it("share out every trade once, of any size and through any gap: trades, volume and taker volumes add up exactly", () => {
    fc.assert(
      fc.property(happenings, sizes, (events, size) => {
        const given = [...bars(size)(events)];
        for (const ticker of tickers) {
          const trades = events.filter(isTrade).filter(ofMarket(ticker));
          const own = given.filter(ofMarket(ticker));
          expect(sum(own.map((bar) => bar.trades))).toBe(trades.length);
          expect(sum(own.map((bar) => bar.volume))).toBe(sum(trades.map(({ count }) => count)));
          expect(sum(own.map((bar) => bar.taker_yes_volume + bar.taker_no_volume))).toBe(
            sum(trades.map(({ count }) => count)),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it("by time hold the trades of their span on the grid, as a plain model groups them", () => {
    fc.assert(
      fc.property(happenings, fc.constantFrom(1, 20, 250, 1_000), (events, ms) => {
        const every = ms * MS;
        const given = [...bars({ every })(events)];
        for (const ticker of tickers) {
          const own = given.filter(ofMarket(ticker)).filter(withTrades);
          const trades = events.filter(isTrade).filter(ofMarket(ticker));
          const model = Map.groupBy(trades, ({ time }) => Math.floor(time! / every) * every);
          expect(own.map(({ start_time, end_time }) => [start_time, end_time])).toEqual(
            [...model.keys()].map((start) => [start, start + every]),
          );
          for (const bar of own) expect(bar).toMatchObject(barPlainly(model.get(bar.start_time)!));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("by volume and by count are full, the last aside, and end with the trade that fills them", () => {
    fc.assert(
      fc.property(
        happenings,
        fc.integer({ min: 1, max: 50_000_000 }),
        fc.integer({ min: 1, max: 7 }),
        (events, volume, count) => {
          const trades = events.filter(isTrade);
          const counted = [...bars({ trades: count })(events)].filter(ofMarket("A"));
          expect(counted.slice(0, -1).every((bar) => bar.trades === count)).toBe(true);
          let at = 0;
          const own = trades.filter(ofMarket("A"));
          for (const bar of [...bars({ volume })(events)].filter(ofMarket("A"))) {
            const within = own.slice(at, at + bar.trades);
            at += bar.trades;
            expect(bar).toMatchObject({
              ...barPlainly(within),
              start_time: within[0]!.time,
              end_time: within.at(-1)!.time,
            });
            const isFull = bar.volume >= volume * 100;
            expect(isFull || at === own.length).toBe(true);
            if (isFull) expect(bar.volume - within.at(-1)!.count).toBeLessThan(volume * 100);
            else expect(bar.trust).toBe("partial");
          }
        },
      ),
    );
  });

  it("are given when a trade of a later one has come, or any message a second after their end", () => {
    const given: Bar[] = [];
    function* feed(): Generator<BookEvent> {
      yield snapshotOf(0, [], []);
      yield tradeOf(10 * MS, 500_000, 100);
      yield tradeOf(10 * MS, 500_000, 200, "no", { ticker: "B" });
      yield deltaOf(SECOND + 500 * MS, "yes", 400_000, 1);
      expect(given).toHaveLength(0);
      yield tradeOf(SECOND + 600 * MS, 500_000, 100);
      expect(given.map(({ ticker }) => ticker)).toEqual(["A", "B"]);
      yield deltaOf(2 * SECOND + 999 * MS, "yes", 400_000, 1);
      expect(given).toHaveLength(2);
      yield deltaOf(3 * SECOND, "yes", 400_000, 1);
      expect(given).toHaveLength(3);
    }
    for (const bar of bars({ every: "1s" })(feed())) given.push(bar);
    expect(given.map(({ start_time, trust }) => [start_time, trust])).toEqual([
      [0, "ok"],
      // Its first message came within it.
      [0, "partial"],
      [SECOND, "ok"],
    ]);
  });

  it("take a trade that comes after its bar was given into the next, and count it as late", () => {
    const events = [
      snapshotOf(0, [], []),
      tradeOf(500 * MS, 500_000, 100),
      deltaOf(2 * SECOND, "yes", 400_000, 1),
      tradeOf(900 * MS, 600_000, 300),
      tradeOf(2 * SECOND, 510_000, 100),
      tradeOf(3 * SECOND, 520_000, 100),
    ];
    const given = [...bars({ every: "1s" })(events)];
    expect(given.map(({ start_time, trades, late_trades }) => [start_time / SECOND, trades, late_trades])).toEqual([
      [0, 1, 0],
      [1, 1, 1],
      [2, 1, 0],
      [3, 1, 0],
    ]);
  });

  it("are partial where trades may be missing, one long bar without trades where nothing is known", () => {
    const events = [
      snapshotOf(0, [], []),
      tradeOf(500 * MS, 500_000, 100),
      tradeOf(1_500 * MS, 500_000, 100),
      gapOf(1_600 * MS, ["A"], { channel: null }),
      deltaOf(5 * SECOND, "yes", 400_000, 1, { ticker: "B" }),
      deltaOf(9 * SECOND + 500 * MS, "yes", 400_000, 1, { ticker: "B" }),
      snapshotOf(9 * SECOND + 600 * MS, [], []),
      gapOf(1_600 * MS, ["A"], { channel: null, to: 9 * SECOND + 600 * MS }),
      tradeOf(9 * SECOND + 700 * MS, 510_000, 100),
      tradeOf(10 * SECOND, 510_000, 100),
      deltaOf(20 * SECOND, "yes", 400_000, 1),
    ];
    const given = [...bars({ every: "1s" })(events)].filter(ofMarket("A"));
    expect(
      given.map(({ start_time, end_time, trades, trust }) => [start_time / SECOND, end_time / SECOND, trades, trust]),
    ).toEqual([
      [0, 1, 1, "ok"],
      [1, 2, 1, "partial"],
      [2, 9, 0, "partial"],
      [9, 10, 1, "partial"],
      [10, 11, 1, "ok"],
    ]);
    expect(given[2]).toMatchObject({ price_open: null, vwap: null, volume: 0 });
  });

  it("are partial where a hole in the trade channel was, whose end is told with it; holes in the books are none of theirs", () => {
    const events = [
      snapshotOf(0, [], []),
      gapOf(100 * MS, ["A"]),
      tradeOf(500 * MS, 500_000, 100),
      tradeOf(1_500 * MS, 500_000, 100),
      gapOf(1_500 * MS, ["A"], { channel: "trade", to: 1_800 * MS }),
      tradeOf(1_900 * MS, 500_000, 100),
      tradeOf(2_500 * MS, 500_000, 100),
      tradeOf(3_500 * MS, 500_000, 100),
    ];
    const given = [...bars({ every: "1s" })(events)];
    expect(given.map(({ trust, trades }) => [trust, trades])).toEqual([
      ["ok", 1],
      ["partial", 2],
      ["ok", 1],
      // The events end within it.
      ["partial", 1],
    ]);
    expect([...bars({ trades: 3 })(events)].map(({ trades, trust }) => [trades, trust])).toEqual([
      [3, "partial"],
      [2, "partial"],
    ]);
    expect([...bars({ trades: 2 })(events)].map(({ trust }) => trust)).toEqual(["ok", "ok", "partial"]);
  });

  it("refuses sizes that cannot be meant", () => {
    const wrong: BarSize[] = [
      { every: "0s" },
      { every: "week" },
      { volume: 0 },
      { trades: -1 },
      { trades: Number.NaN },
    ];
    for (const size of wrong) expect(() => bars(size)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});
