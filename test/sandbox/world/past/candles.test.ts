import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Books, BookView, EngineEvent, TradeRecord } from "../../../../src/sandbox/types.js";
import { easternMidnightBefore, easternMidnightFrom } from "../../../../src/sandbox/world/eastern.js";
import {
  type Candle,
  candlesOf,
  carriedCandle,
  type Interval,
  periodEnd,
  periodStart,
} from "../../../../src/sandbox/world/past/candles.js";
import { QuoteHistory } from "../../../../src/sandbox/world/past/quotes.js";
import { movingCutoffs } from "../../../../src/sandbox/world/tiers.js";
import { MemoryWorld } from "../../../../src/sandbox/world/world.js";
import { CENT } from "../../../../src/units/price.js";
import { DAY, formatTime, HOUR, MINUTE, parseTime, SECOND } from "../../../../src/units/time.js";
import { ManualClock, START, tinyMarket } from "../../../support/tiny-world.js";

/** A world of one market, whose book a test sets by hand. */
function oneMarket(options: { readonly real?: boolean } = {}) {
  const clock = new ManualClock(START);
  const world = new MemoryWorld({ seed: "s", clock, cutoffs: movingCutoffs });
  const market = tinyMarket({ ticker: "A", open: START - 3 * DAY });
  world.add({ ticker: market.eventTicker, seriesTicker: "SANDBOX", wire: {} }, [market]);
  if (options.real === true) world.found.set("A", { from: 0, to: 0, fields: {} });
  let book: BookView = { yes: [], no: [] };
  let listener: (event: EngineEvent) => void = () => {};
  const books: Books = {
    book: () => book,
    on: (hear) => {
      listener = hear;
      return () => {};
    },
  };
  const quotes = new QuoteHistory(world, books);
  const quote = (bid: number, ask: number) => {
    book = { yes: [[bid * CENT, 100]], no: [[(100 - ask) * CENT, 100]] };
    listener({ type: "ticker", ticker: "A", time: clock.now() });
  };
  const trade = (id: string, time: number, cents: number, count = 100, openInterest?: number): void => {
    const one: TradeRecord = {
      id,
      ticker: "A",
      price: cents * CENT,
      count,
      taker: "yes",
      time,
      isBlock: false,
      openInterest,
    };
    world.trades.append(one);
  };
  const candles = (from: number, to: number, interval: Interval) =>
    candlesOf(world, quotes, market, { from, to, interval });
  return { clock, world, market, quotes, quote, trade, candles };
}

const brief = ({ end, price, previous, volume }: Candle) => [
  formatTime(end).slice(11, 16),
  price?.open,
  price?.close,
  previous,
  volume,
];

describe("candles", () => {
  it("hold what came after the start of their period, up to and including its end", () => {
    const { trade, candles } = oneMarket();
    const hour = START - 2 * HOUR;
    trade("a", hour, 10);
    trade("b", hour + 1, 20);
    trade("c", hour + HOUR, 30);
    trade("d", hour + HOUR + 1, 40);
    expect(candles(hour, hour + 2 * HOUR, 60).map(brief)).toEqual([
      ["10:00", 10 * CENT, 10 * CENT, null, 100],
      ["11:00", 20 * CENT, 30 * CENT, 10 * CENT, 200],
      ["12:00", 40 * CENT, 40 * CENT, 30 * CENT, 100],
    ]);
  });

  it("are those whose ends lie between the bounds, both included", () => {
    const { trade, candles } = oneMarket();
    for (const [i, id] of ["a", "b", "c", "d"].entries()) trade(id, START - 4 * HOUR + i * HOUR - 1, 10 + i);
    const ends = (from: number, to: number) => candles(from, to, 60).map(({ end }) => (START - end) / HOUR);
    expect(ends(START - 4 * HOUR, START - 2 * HOUR)).toEqual([4, 3, 2]);
    expect(ends(START - 4 * HOUR + SECOND, START - 2 * HOUR - SECOND)).toEqual([3]);
    expect(ends(START - 4 * HOUR, START - 4 * HOUR)).toEqual([4]);
  });

  it("leave out periods in which nothing happened", () => {
    const { trade, candles } = oneMarket();
    trade("a", START - 90 * MINUTE, 10);
    trade("b", START - 3 * MINUTE, 12);
    expect(candles(START - DAY, START, 1)).toHaveLength(2);
  });

  it("weigh the mean by contracts, to the micro-dollar, halves up", () => {
    const { trade, candles } = oneMarket();
    trade("a", START - 3, 10, 100);
    trade("b", START - 2, 11, 200);
    expect(candles(START, START, 60)[0]?.price?.mean).toBe(106_667);
  });

  it("order the trades of one microsecond by their ids", () => {
    const { trade, candles } = oneMarket();
    trade("b", START - 5, 20);
    trade("a", START - 5, 10);
    expect(candles(START, START, 60)[0]?.price).toMatchObject({ open: 10 * CENT, close: 20 * CENT });
  });

  it("add up to the same volume whatever the interval", () => {
    const moment = fc.record({ ago: fc.integer({ min: 0, max: 2 * DAY }), cents: fc.integer({ min: 1, max: 99 }) });
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 30 }), (moments) => {
        const { trade, candles } = oneMarket();
        for (const [i, { ago, cents }] of moments.entries()) trade(String(i), START - ago, cents);
        for (const interval of [1, 60, 1440] as const) {
          const all = candles(START - 4 * DAY, START + 2 * DAY, interval);
          expect(all.reduce((sum, { volume }) => sum + volume, 0)).toBe(100 * moments.length);
          for (const { end, price, previous } of all) {
            expect(periodEnd(end, interval)).toBe(end);
            expect(price!.low <= price!.open && price!.open <= price!.high).toBe(true);
            expect(previous === null).toBe(end === all[0]?.end);
          }
        }
      }),
    );
  });

  it("carry the open interest of the last trade that states it", () => {
    const { trade, candles } = oneMarket();
    trade("a", START - 2 * HOUR, 10, 100, 100);
    trade("b", START - 2, 10, 500, 600);
    expect(candles(START - 2 * HOUR, START, 60).map(({ openInterest }) => openInterest)).toEqual([100, 600]);
  });

  it("open with the quotes that stood before, and take in every quote seen", () => {
    const { clock, quote, candles } = oneMarket();
    quote(40, 44);
    clock.advance(10 * MINUTE);
    quote(38, 47);
    quote(41, 43);
    const [first, second] = candles(START - HOUR, START + HOUR, 1);
    expect(first).toMatchObject({ price: null, volume: 0, bid: { open: 40 * CENT, close: 40 * CENT } });
    expect(second?.bid).toEqual({ open: 40 * CENT, high: 41 * CENT, low: 38 * CENT, close: 41 * CENT });
    expect(second?.ask).toEqual({ open: 44 * CENT, high: 47 * CENT, low: 43 * CENT, close: 43 * CENT });
  });

  it("know no quotes and no open interest of real records", () => {
    const { trade, candles } = oneMarket({ real: true });
    trade("a", START - 2, 10);
    expect(candles(START, START, 60)[0]).toMatchObject({ bid: null, ask: null, openInterest: null, volume: 100 });
  });

  it("show nothing that the clock has not reached", () => {
    const { clock, trade, candles } = oneMarket();
    trade("a", START + HOUR, 10);
    expect(candles(START, START + DAY, 60)).toEqual([]);
    clock.advance(2 * HOUR);
    expect(candles(START, START + DAY, 60)).toHaveLength(1);
  });

  it("carry the last one over to the first end after the start, when asked", () => {
    const { world, quotes, market, trade } = oneMarket();
    const range = { from: START - HOUR, to: START, interval: 60 } as const;
    expect(carriedCandle(world, quotes, market, range)).toBeNull();
    trade("a", START - 5 * HOUR, 33);
    expect(carriedCandle(world, quotes, market, range)).toMatchObject({
      end: START,
      price: null,
      previous: 33 * CENT,
      volume: 0,
    });
  });
});

describe("daily candles", () => {
  const end = (time: string) => formatTime(periodEnd(parseTime(time), 1440));

  it("end at midnight in New York, through the changes of the clock", () => {
    expect(end("2026-07-01T04:00:00Z")).toBe("2026-07-01T04:00:00Z");
    expect(end("2026-07-01T04:00:00.000001Z")).toBe("2026-07-02T04:00:00Z");
    expect(end("2026-01-15T04:30:00Z")).toBe("2026-01-15T05:00:00Z");
    expect(end("2026-03-08T12:00:00Z")).toBe("2026-03-09T04:00:00Z");
    expect(end("2026-11-01T12:00:00Z")).toBe("2026-11-02T05:00:00Z");
    const length = (time: string) => (parseTime(time) - periodStart(parseTime(time), 1440)) / HOUR;
    expect([length("2026-03-09T04:00:00Z"), length("2026-11-02T05:00:00Z"), length("2026-07-02T04:00:00Z")]).toEqual([
      23, 25, 24,
    ]);
  });

  it("leave no moment out and count none twice", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: parseTime("2024-01-01T00:00:00Z"), max: parseTime("2027-01-01T00:00:00Z") }),
        (time) => {
          const from = easternMidnightFrom(time);
          const before = easternMidnightBefore(from);
          expect(before < time && time <= from).toBe(true);
          expect(easternMidnightFrom(before + 1)).toBe(from);
        },
      ),
    );
  });
});
