import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "../../../../src/sandbox/rest/cursor.js";
import type { MarketRecord, TradeRecord } from "../../../../src/sandbox/types.js";
import { MemoryTradeLog } from "../../../../src/sandbox/world/past/trade-log.js";

function trade(id: string, time: number, ticker = "A", isBlock = false): TradeRecord {
  return { id, ticker, price: 500_000, count: 100, taker: "yes", time, isBlock };
}

const anyTrade = fc
  .record({ id: fc.uuid(), time: fc.integer({ min: 0, max: 6 }), ticker: fc.constantFrom("A", "B") })
  .map(({ id, time, ticker }) => trade(id, time, ticker));
const someTrades = fc.uniqueArray(anyTrade, { selector: ({ id }) => id, maxLength: 40 });

function newestFirst(a: TradeRecord, b: TradeRecord): number {
  return b.time - a.time || (a.id < b.id ? 1 : -1);
}

describe("the log of trades", () => {
  it("yields every trade once over pages of any size, newest first, however the trades came in", () => {
    const ticker = fc.constantFrom("A", "B", undefined);
    const limit = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(someTrades, fc.nat({ max: 40 }), ticker, limit, (trades, split, only, size) => {
        const log = new MemoryTradeLog(new Map());
        for (const name of ["A", "B"]) {
          log.load(
            name,
            trades.slice(0, split).filter((one) => one.ticker === name),
          );
        }
        for (const one of trades.slice(split)) log.append(one);
        const seen: string[] = [];
        for (let cursor: string | null = null; ; ) {
          const page = log.page({ ticker: only, before: decodeCursor(cursor), limit: size });
          seen.push(...page.map(({ id }) => id));
          const last = page.at(-1);
          if (last === undefined) break;
          cursor = encodeCursor({ time: last.time, id: last.id });
        }
        const wanted = trades.filter((one) => only === undefined || one.ticker === only);
        expect(seen).toEqual(wanted.sort(newestFirst).map(({ id }) => id));
      }),
    );
  });

  it("keeps to a span of which the start is part and the end is not", () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }));
    fc.assert(
      fc.property(someTrades, span, (trades, [from, to]) => {
        const log = new MemoryTradeLog(new Map());
        for (const one of trades) log.append(one);
        const inside = trades.filter(({ time, ticker }) => ticker === "A" && time >= from && time < to);
        expect(log.page({ ticker: "A", from, to, limit: 100 })).toEqual(inside.sort(newestFirst));
        expect(log.between("A", from, to)).toEqual(inside.sort(newestFirst).reverse());
      }),
    );
  });

  it("shows a trade that came in between two pages on neither of them twice", () => {
    const log = new MemoryTradeLog(new Map());
    for (const [id, time] of [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ] as const)
      log.append(trade(id, time));
    const [first] = log.page({ limit: 1 });
    log.append(trade("d", 4));
    const rest = log.page({ limit: 10, before: { time: first!.time, id: first!.id } });
    expect(rest.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  it("keeps a market's volume, last price and open interest", () => {
    const stats = { lastPrice: null, volume: 0, openInterest: 0, yesBid: null, yesAsk: null };
    const log = new MemoryTradeLog(new Map([["A", { stats } as unknown as MarketRecord]]));
    log.append({ ...trade("a", 1), price: 420_000, count: 250, openInterest: 250 });
    log.append({ ...trade("b", 2), price: 430_000, count: 100 });
    expect(stats).toMatchObject({ lastPrice: 430_000, volume: 350, openInterest: 250 });
  });

  it("tells block trades from the others when asked", () => {
    const log = new MemoryTradeLog(new Map());
    log.append(trade("a", 1, "A", true));
    log.append(trade("b", 2));
    expect(log.page({ limit: 9, isBlock: true }).map(({ id }) => id)).toEqual(["a"]);
    expect(log.page({ limit: 9, isBlock: false }).map(({ id }) => id)).toEqual(["b"]);
    expect(log.page({ limit: 9 })).toHaveLength(2);
  });
});
