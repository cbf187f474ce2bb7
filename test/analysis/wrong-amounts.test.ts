import { type ColumnTable, table } from "arquero";
import { describe, expect, it } from "vitest";
import * as lab from "../../src/index.js";
import { KalshiError } from "../../src/index.js";
import { fill, settlement } from "./profit/made-fills.js";

const terms = { feeType: "quadratic", multiplier: 1 };
const HOUR = 3_600_000;
const at = Date.UTC(2026, 9, 1);

function typed(columns: Record<string, readonly unknown[]>): ColumnTable {
  const kinds = {
    created_time: "time",
    time: "time",
    close_time: "time",
    yes_price: "dollars",
    yes_bid: "dollars",
    yes_ask: "dollars",
    settlement_value: "dollars",
    count: "contracts",
    fee_cost: "dollars",
    floor_strike: "number",
    p: "dollars",
  } as const;
  const own = Object.entries(kinds).filter(([name]) => name in columns);
  return lab.withSchema(table(columns as Record<string, unknown[]>), Object.fromEntries(own));
}

const fills = (price: number, count = 1) => {
  const rest = { created_time: [at], ticker: ["A"], outcome_side: ["yes"], is_taker: [true], order_id: ["o"] };
  return typed({ ...rest, yes_price: [price], count: [count], fee_cost: [0] });
};
const trades = (price: number, count = 1) =>
  typed({ created_time: [at], ticker: ["A"], yes_price: [price], count: [count] });
const quotes = (bid: number, ask: number) =>
  typed({ time: [at, at + 1000], ticker: ["A", "A"], yes_bid: [bid, bid], yes_ask: [ask, ask] });
const levels = (price: number, count = 10) =>
  typed({ ticker: ["A"], side: ["no"], yes_price: [price], count: [count] });
const market = (value: number | null) =>
  typed({ ticker: ["A"], event_ticker: ["E"], close_time: [at + HOUR], settlement_value: [value], result: ["yes"] });
const strikes = (price: number) => {
  const is = { ticker: ["A"], event_ticker: ["E"], strike_type: ["greater"], floor_strike: [50] };
  return typed({ ...is, p: [price], yes_bid: [price], yes_ask: [price] });
};
const order = { side: "bid", price: "0.6", count: "5" } as const;
const cost = { side: "bid", count: "5", terms } as const;

/** Every function that reads prices from a table, asked with one. */
const asked: Readonly<Record<string, (price: number) => unknown>> = {
  pnl: (price) => lab.pnl({ fills: fills(price) }),
  "pnl (markets)": (price) => lab.pnl({ fills: fills(0.5), markets: market(price) }),
  feesOf: (price) => lab.feesOf(fills(price), { terms }),
  estimateFee: (price) => lab.estimateFee(order, { terms, book: levels(price) }),
  costToTrade: (price) => lab.costToTrade(levels(price), cost),
  depthWithin: (price) => lab.depthWithin(levels(price)),
  arbitrages: (price) => lab.arbitrages(levels(price), market(null), { terms }),
  coherence: (price) => lab.coherence(strikes(price)),
  impliedDistribution: (price) => lab.impliedDistribution(strikes(price), { price: "p" }),
  spreadByMarket: (price) => lab.spreadByMarket(quotes(price, price)),
  volatilityByMarket: (price) => lab.volatilityByMarket(quotes(price, price)),
  quoteLifetimes: (price) => lab.quoteLifetimes(quotes(price, price)),
  tradeProfile: (price) => lab.tradeProfile(trades(price), { by: "hour" } as never),
  tradeBars: (price) => lab.tradeBars(trades(price), { every: "1h" }),
  forecastsAt: (price) => lab.forecastsAt(trades(price), market(1), { before: ["30m"] }),
  "forecastsAt (markets)": (price) => lab.forecastsAt(trades(0.5), market(price), { before: ["30m"] }),
  withOutcomes: (price) => lab.withOutcomes(trades(0.5), market(price)),
};

describe("prices in cents", () => {
  it.each(Object.keys(asked))("are refused by %s, not taken for dollars; so is one below zero", (name) => {
    for (const price of [56, -0.01]) expect(() => asked[name]!(price)).toThrow(code("BAD_PRICE"));
    asked[name]!(0.56);
  });

  it("are refused in records too, which have micro-dollars", async () => {
    expect(() => lab.pnl({ fills: [fill("bid 1 @ 0.56", { yes_price: 56_000_000 })] })).toThrow(code("BAD_PRICE"));
    const quote = { ticker: "A", time: at * 1000, yes_bid: 56_000_000, yes_ask: 57_000_000 };
    await expect(lab.spreadByMarket([quote] as never)).rejects.toThrow(code("BAD_RECORD"));
    const book = { ticker: "A", time: at * 1000, trust: "ok", yes: [], no: [{ price: 56_000_000, count: 100 }] };
    await expect(lab.costToTrade([book] as never, cost)).rejects.toThrow(code("BAD_RECORD"));
    for (const given of [{ value: 56_000_000 }, { value: -10_000 }])
      expect(() => lab.pnl({ fills: [fill("bid 1 @ 0.5")], settlements: [settlement("scalar", given)] })).toThrow(
        code("BAD_RECORD"),
      );
  });
});

describe("counts below zero", () => {
  const counted: Readonly<Record<string, (count: number) => unknown>> = {
    pnl: (count) => lab.pnl({ fills: fills(0.5, count) }),
    feesOf: (count) => lab.feesOf(fills(0.5, count), { terms }),
    estimateFee: (count) => lab.estimateFee(order, { terms, book: levels(0.5, count) }),
    costToTrade: (count) => lab.costToTrade(levels(0.5, count), cost),
    tradeBars: (count) => lab.tradeBars(trades(0.5, count), { every: "1h" }),
    returnsByPrice: (count) => lab.returnsByPrice(lab.withOutcomes(trades(0.5, count), market(1))),
  };

  it.each(Object.keys(counted))("are refused by %s: they would turn what was bought into what was sold", (name) => {
    expect(() => counted[name]!(-5)).toThrow(code("BAD_COUNT"));
    counted[name]!(5);
  });
});

describe("a book that is no book", () => {
  const rows = (columns: Record<string, readonly unknown[]>) =>
    typed({ side: ["no", "no"], count: [10, 10], ...columns });
  const twice = rows({ ticker: ["A", "A"], yes_price: [0.5, 0.5] });
  const ofTwoMoments = rows({ ticker: ["A", "A"], yes_price: [0.5, 0.4], time: [at, at + 1] });
  const ofTwoMarkets = rows({ ticker: ["A", "B"], yes_price: [0.5, 0.4] });
  const sideless = rows({ ticker: ["A", "A"], yes_price: [0.5, 0.4], side: ["bid", "ask"] });
  const asks = {
    estimateFee: (book: ColumnTable) => lab.estimateFee(order, { terms, book }),
    arbitrages: (book: ColumnTable) => lab.arbitrages(book, market(null), { terms }),
    costToTrade: (book: ColumnTable) => lab.costToTrade(book, cost),
    depthWithin: (book: ColumnTable) => lab.depthWithin(book),
  };

  it.each(Object.keys(asks) as (keyof typeof asks)[])("is refused by %s: a level twice, or of no side", (name) => {
    for (const book of [twice, sideless]) expect(() => asks[name](book)).toThrow(code("BAD_RECORD"));
  });

  it.each(["estimateFee", "arbitrages"] as const)("is refused by %s, which meets one: books of two moments", (name) => {
    expect(() => asks[name](ofTwoMoments)).toThrow(code("BAD_ARGUMENT"));
  });

  it("is refused by estimateFee: levels of two markets, of which an order meets one", () => {
    expect(() => asks.estimateFee(ofTwoMarkets)).toThrow(code("BAD_ARGUMENT"));
    expect(asks.costToTrade(ofTwoMarkets).numRows()).toBe(2);
    expect(asks.costToTrade(ofTwoMoments).numRows()).toBe(2);
  });
});

describe("a market that is there twice", () => {
  const stated = table({ event_ticker: ["E"], mutually_exclusive: [true] });
  const event = (tickers: readonly string[]) => {
    const of = (value: number | null | string) => tickers.map(() => value);
    return typed({ ticker: tickers, event_ticker: of("E"), yes_bid: of(0.35), yes_ask: of(0.4) });
  };
  const books = typed({ ticker: ["A", "B"], side: ["yes", "yes"], yes_price: [0.6, 0.3], count: [10, 10] });

  it("makes no arbitrage of what is none, and no sum of what is half of it", () => {
    expect(lab.arbitrages(books, event(["A", "B"]), { terms, events: stated })).toEqual([]);
    expect(() => lab.arbitrages(books, event(["A", "A", "B"]), { terms, events: stated })).toThrow(code("BAD_RECORD"));
    expect(() => lab.coherence(event(["A", "A", "B"]))).toThrow(code("BAD_RECORD"));
  });

  it.each([
    [1, null],
    [null, 1],
    [1, 1],
  ])("counts by what became of it, as %s and %s", (first, second) => {
    const both = typed({
      ...{ ticker: ["A", "A"], event_ticker: ["E", "E"], close_time: [at + HOUR, at + HOUR] },
      settlement_value: [first, second],
    });
    const rows = lab.forecastsAt(trades(0.4), both, { before: ["30m"] }).objects();
    expect(rows).toMatchObject([{ price: 0.4, outcome: 1 }]);
    expect(lab.withOutcomes(trades(0.4), both).objects()).toMatchObject([{ outcome: 1 }]);
  });

  it("is refused where it paid two things", () => {
    const both = typed({
      ...{ ticker: ["A", "A"], event_ticker: ["E", "E"], close_time: [at + HOUR, at + HOUR] },
      settlement_value: [1, 0],
    });
    expect(() => lab.forecastsAt(trades(0.4), both, { before: ["30m"] })).toThrow(code("BAD_RECORD"));
    expect(() => lab.withOutcomes(trades(0.4), both)).toThrow(code("BAD_RECORD"));
    expect(() => lab.pnl({ fills: fills(0.5), settlements: [], markets: both })).toThrow(code("BAD_RECORD"));
  });

  it("has the exact value of its settlement whichever record has it", () => {
    const ticker = "KXA-26OCT01-T1";
    const records = [
      { ticker, settlement_value: 333_300 },
      { ticker, settlement_value: null },
    ];
    for (const markets of [records, records.toReversed()]) {
      const settlements = [settlement("scalar", { yes_count: 100, value: 330_000 })];
      const { realized, notes } = lab.pnl({ fills: [fill("bid 1 @ 0.5")], settlements, markets });
      expect([realized.toString(), notes]).toEqual(["-0.1667", []]);
    }
  });
});

describe("a settlement that lacks something", () => {
  const whole = {
    ...{ settled_time: [at], ticker: ["KXA-26OCT01-T1"], market_result: ["yes"] },
    ...{ yes_count: [1], no_count: [0], value: [1] },
  };
  const kinds = { settled_time: "time", yes_count: "contracts", no_count: "contracts", value: "dollars" } as const;

  it.each(["settled_time", "ticker", "market_result", "yes_count", "no_count"])(
    "is refused, from a table and as a record: %s",
    (name) => {
      const given = (columns: Record<string, unknown[]>) =>
        lab.pnl({ fills: [fill("bid 1 @ 0.5")], settlements: lab.withSchema(table(columns), kinds) });
      given(whole);
      expect(() => given({ ...whole, [name]: [null] })).toThrow(new RegExp(`no value in \`${name}\``));
      const record = { ...settlement("yes"), [name]: null };
      expect(() => lab.pnl({ fills: [], settlements: [record] })).toThrow(new RegExp(`no value in \`${name}\``));
    },
  );
});

function code(expected: string) {
  return expect.objectContaining({ constructor: KalshiError, code: expected }) as unknown as Error;
}
