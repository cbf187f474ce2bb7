import { table } from "arquero";
import { describe, expect, it } from "vitest";
import * as lab from "../../src/index.js";

type Anything = never;

const terms = { feeType: "quadratic", multiplier: 1 };
const other = table({ other: [1] });
const levels = table({ ticker: ["A"], side: ["yes"], yes_price: [0.5], count: [1] });
const order = { side: "bid", price: "0.5", count: "1" } as const;
const records = { series: [], events: [], markets: [], seriesChanges: [], eventChanges: [], asOf: 0 };

/** Every function of the analysis that takes a table, and what of another table it says to be missing. */
const takesTable: Readonly<Record<string, readonly [ask: (given: Anything) => unknown, missing: string]>> = {
  withDates: [(given) => lab.withDates(given, "UTC"), "times"],
  arbitrages: [(given) => lab.arbitrages(given, other, { terms }), "`ticker`; `side`; `yes_price`; `count`"],
  "arbitrages (markets)": [(given) => lab.arbitrages(levels, given, { terms }), "`ticker`; `event_ticker`"],
  coherence: [lab.coherence, "`ticker`; `event_ticker`; `yes_bid`; `yes_ask`"],
  impliedDistribution: [
    lab.impliedDistribution,
    "`strike_type`; one of `floor_strike`, `cap_strike`; `yes_bid`; `yes_ask`",
  ],
  calibration: [lab.calibration, "`price`; `outcome`"],
  forecastScores: [lab.forecastScores, "`price`; `outcome`"],
  returnsByPrice: [lab.returnsByPrice, "`yes_price`; `outcome`"],
  forecastsAt: [(given) => lab.forecastsAt(given, other, { before: ["1h"] }), "`ticker`"],
  "forecastsAt (markets)": [
    (given) => lab.forecastsAt(levels, given, { before: ["1h"] }),
    "`ticker`; `close_time`; `settlement_value`",
  ],
  withOutcomes: [(given) => lab.withOutcomes(levels, given), "`ticker`; `settlement_value`"],
  asofJoin: [(given) => lab.asofJoin(given, other), "time, created_time, end_time"],
  "asofJoin (right)": [(given) => lab.asofJoin(table({ time: [1] }), given), "time, created_time, end_time"],
  resampleTable: [(given) => lab.resampleTable(given, "1m"), "time, created_time, end_time"],
  tradeBars: [
    (given) => lab.tradeBars(given, { every: "1h" }),
    "one of `time`, `created_time`, `end_time`; `ticker`; `yes_price`; `count`",
  ],
  depthWithin: [(given) => lab.depthWithin(given), "`ticker`; `side`; `yes_price`; `count`"],
  "estimateFee (book)": [(given) => lab.estimateFee(order, { terms, book: given }), "`side`; `yes_price`; `count`"],
};

const QUOTES = "`time`; `ticker`; `yes_bid`; `yes_ask`";
const TRADES = "`created_time`; `ticker`; `yes_price`; `count`";
const FILLS =
  "one of `created_time`, `ts`; `ticker`; one of `outcome_side`, `book_side`, `side`; `yes_price`; `count`; `fee_cost`";
const POSITIONS = "`ticker`; `position`; `market_exposure`; `realized_pnl`; `fees_paid`; `total_traded`";
const SETTLEMENTS = "`settled_time`; `ticker`; `market_result`; `yes_count`; `no_count`; `value`";

/** Those that take records too, and refuse such as have nothing of what is needed. */
const takesRows: typeof takesTable = {
  spreadByMarket: [lab.spreadByMarket, QUOTES],
  liquidityByMarket: [lab.liquidityByMarket, `${QUOTES}; \`yes_bid_size\`; \`yes_ask_size\``],
  quoteLifetimes: [lab.quoteLifetimes, QUOTES],
  volatilityByMarket: [lab.volatilityByMarket, QUOTES],
  depthByMarket: [lab.depthByMarket, "`time`; `ticker`; `bid_depth`; `ask_depth`"],
  costToTrade: [
    (given) => lab.costToTrade(given, { side: "bid", count: "1", terms }),
    "`ticker`; `side`; `yes_price`; `count`",
  ],
  tradeProfile: [(given) => lab.tradeProfile(given, { by: "hour" }), TRADES],
  tradeSpreads: [(given) => lab.tradeSpreads(given, table({ time: [], ticker: [], yes_bid: [], yes_ask: [] })), TRADES],
  "tradeSpreads (quotes)": [(given) => lab.tradeSpreads([], given), QUOTES],
  executionByMarket: [(given) => lab.executionByMarket([], given), QUOTES],
  feesOf: [(given) => lab.feesOf(given, { terms }), FILLS],
  pnl: [(given) => lab.pnl({ fills: given }), FILLS],
  "pnl (settlements)": [(given) => lab.pnl({ fills: [], settlements: given }), SETTLEMENTS],
  "pnl (markets)": [(given) => lab.pnl({ fills: [], markets: given }), "`ticker`; `settlement_value`"],
  reconcile: [(given) => lab.reconcile({ fills: given, positions: [] }), FILLS],
  "reconcile (positions)": [(given) => lab.reconcile({ fills: [], positions: given }), POSITIONS],
};

interface Good {
  readonly good: object;
  /** Fields that hold integers, and those that are never null. */
  readonly whole: readonly string[];
  readonly known: readonly string[];
}

const quote = { time: 0, ticker: "A", yes_bid: 400_000, yes_ask: 420_000, yes_bid_size: 100, yes_ask_size: 100 };
const quotes: Good = { good: quote, whole: ["time", "yes_bid", "yes_ask"], known: ["time", "ticker"] };
const trades: Good = {
  good: { created_time: 0, ticker: "A", yes_price: 400_000, count: 100 },
  whole: ["created_time", "yes_price", "count"],
  known: ["created_time", "ticker", "yes_price", "count"],
};
const fills: Good = {
  good: {
    ...trades.good,
    outcome_side: "yes",
    book_side: null,
    side: null,
    is_taker: true,
    order_id: "a",
    fee_cost: 0,
  },
  whole: ["created_time", "yes_price", "count", "fee_cost"],
  known: ["ticker", "yes_price", "count", "fee_cost"],
};
const settled = { settled_time: 0, ticker: "A", market_result: "scalar", yes_count: 100, no_count: 0, value: 400_000 };
const held = { position: 100, market_exposure: 0, realized_pnl: 0, fees_paid: 0, total_traded: 0 };

/** A record of each kind that is as it should be. */
const goodRecords: Readonly<Record<string, Good>> = {
  ...{ spreadByMarket: quotes, quoteLifetimes: quotes, volatilityByMarket: quotes, "tradeSpreads (quotes)": quotes },
  ...{ executionByMarket: quotes, tradeProfile: trades, tradeSpreads: trades, feesOf: fills, pnl: fills },
  liquidityByMarket: { ...quotes, whole: [...quotes.whole, "yes_bid_size", "yes_ask_size"] },
  depthByMarket: {
    good: { time: 0, ticker: "A", bid_depth: 100, ask_depth: null },
    whole: ["time", "bid_depth", "ask_depth"],
    known: ["time", "ticker"],
  },
  costToTrade: {
    good: { time: 0, ticker: "A", trust: "ok", yes: [{ price: 400_000, count: 100 }], no: null },
    whole: ["time"],
    known: ["ticker"],
  },
  "pnl (settlements)": { good: settled, whole: ["settled_time", "yes_count", "no_count", "value"], known: [] },
  "pnl (markets)": { good: { ticker: "A", settlement_value: 400_000 }, whole: ["settlement_value"], known: [] },
  "reconcile (positions)": { good: { ticker: "A", ...held }, whole: Object.keys(held), known: [] },
};

/** What a call is refused with, at once or by its promise. */
async function refusal(ask: () => unknown): Promise<lab.KalshiError> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof lab.KalshiError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("functions of the analysis, given something else than they take", () => {
  const both = { ...takesTable, ...takesRows };

  it.each(Object.keys(both))("%s refuses what is no table, says what it was, and what is needed", async (name) => {
    for (const given of [null, 5, "abc", {}]) {
      const { code, message, hint } = await refusal(() => both[name]![0](given as Anything));
      expect(code, message).toBe("BAD_ARGUMENT");
      expect(message).toMatch(/null|number 5|"abc"|an object/);
      expect(message).toMatch(/is needed/);
      expect(hint).not.toBe("");
    }
  });

  it.each(Object.keys(both))("%s names every column that a table lacks, and those that it has", async (name) => {
    const [ask, missing] = both[name]!;
    const { code, message, hint } = await refusal(() => ask(other as Anything));
    expect([code, message]).toEqual(["COLUMN_MISSING", expect.stringContaining(missing)]);
    expect(hint).toContain("its columns are other");
  });

  it.each(Object.keys(takesRows))("%s refuses records that are none, and those without their fields", async (name) => {
    for (const given of [[null], [{}]]) {
      const { code, message } = await refusal(() => takesRows[name]![0](given as Anything));
      expect([code, message]).toEqual(["BAD_RECORD", expect.stringMatching(/(is null|no `|no value|has no)/)]);
    }
  });

  it.each(Object.keys(goodRecords))(
    "%s refuses the one bad record among good ones, wherever it stands",
    async (name) => {
      const { good, whole, known } = goodRecords[name]!;
      const ask = takesRows[name]![0];
      await expect((async () => await ask([good, good] as Anything))()).resolves.toBeDefined();
      const bad = (field: string, value: unknown) => ({ ...good, [field]: value });
      const bads: readonly (readonly [unknown, string])[] = [
        [null, "is null"],
        ["abc", 'is the string "abc"'],
        // In dollars, or as the exchange writes it.
        ...whole.flatMap((field): [unknown, string][] => [
          [bad(field, 0.42), `\`${field}\` 0.42`],
          [bad(field, "0.4200"), `\`${field}\` "0.4200"`],
          [bad(field, Number.NaN), `\`${field}\` NaN`],
        ]),
        ...known.flatMap((field): [unknown, string][] => [
          [bad(field, undefined), field],
          [bad(field, null), field],
        ]),
      ];
      for (const [one, found] of bads)
        for (const given of [
          [one, good],
          [good, one],
          [good, good, one, good],
        ]) {
          const { code, message } = await refusal(() => ask(given as Anything));
          expect([code, message], JSON.stringify(one)).toEqual(["BAD_RECORD", expect.stringContaining(found)]);
        }
    },
  );

  it("costToTrade refuses a book one of whose levels is none", async () => {
    const good = { time: 0, ticker: "A", trust: "ok", yes: [{ price: 400_000, count: 100 }], no: [] };
    for (const yes of [5, {}, [null], [{ price: 400_000 }], [{ price: "0.4", count: 100 }], [{ price: 0.4, count: 1 }]])
      expect(await refusal(() => takesRows.costToTrade![0]([good, { ...good, yes }] as Anything))).toMatchObject({
        code: "BAD_RECORD",
        message: "levels: record 1 has no levels in `yes`",
      });
  });

  it.each(Object.keys(takesTable).filter((name) => !name.includes("(")))(
    "%s takes a list of records for no table",
    async (name) => {
      const { code, message } = await refusal(() => takesTable[name]![0]([{}] as Anything));
      expect([code, message]).toEqual([
        "BAD_ARGUMENT",
        expect.stringMatching(/a list was given, and a table is needed/),
      ]);
    },
  );

  it.each([
    ["coherence", (options: Anything) => lab.coherence(other, options)],
    ["arbitrages", (options: Anything) => lab.arbitrages(other, other, options)],
    ["impliedDistribution", (options: Anything) => lab.impliedDistribution(other, options)],
    ["calibration", (options: Anything) => lab.calibration(other, options)],
    ["forecastScores", (options: Anything) => lab.forecastScores(other, options)],
    ["forecastsAt", (options: Anything) => lab.forecastsAt(other, other, options)],
    ["returnsByPrice", (options: Anything) => lab.returnsByPrice(other, options)],
    ["asofJoin", (options: Anything) => lab.asofJoin(other, other, options)],
    ["resampleTable", (options: Anything) => lab.resampleTable(other, "1m", options)],
    ["tradeBars", (options: Anything) => lab.tradeBars(other, options)],
    ["costToTrade", (options: Anything) => lab.costToTrade(other, options)],
    ["spreadByMarket", (options: Anything) => lab.spreadByMarket(other, options)],
    ["liquidityByMarket", (options: Anything) => lab.liquidityByMarket(other, options)],
    ["quoteLifetimes", (options: Anything) => lab.quoteLifetimes(other, options)],
    ["depthByMarket", (options: Anything) => lab.depthByMarket(other, options)],
    ["volatilityByMarket", (options: Anything) => lab.volatilityByMarket(other, options)],
    ["tradeProfile", (options: Anything) => lab.tradeProfile(other, options)],
    ["tradeSpreads", (options: Anything) => lab.tradeSpreads(other, other, options)],
    ["executionByMarket", (options: Anything) => lab.executionByMarket(other, other, options)],
    ["feesOf", (options: Anything) => lab.feesOf([], options)],
    ["estimateFee", (options: Anything) => lab.estimateFee(order, options)],
    ["estimateFee (order)", (given: Anything) => lab.estimateFee(given, { terms })],
    ["pnl", (input: Anything) => lab.pnl(input)],
    ["reconcile", (input: Anything) => lab.reconcile(input)],
    ["FeeCalendar", (given: Anything) => new lab.FeeCalendar(given)],
  ])("%s refuses options that are no object", async (_, ask) => {
    for (const given of [null, "abc", 5, []]) {
      const { code, message } = await refusal(() => ask(given as Anything));
      expect([code, message]).toEqual(["BAD_ARGUMENT", expect.stringContaining("an object is needed")]);
    }
  });
});

describe("parts of an input that are missing or something else", () => {
  it("are named by pnl: no fills, a method that there is not, marks that are none", async () => {
    expect(await refusal(() => lab.pnl({} as Anything))).toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining("fills: nothing was given"),
    });
    expect(await refusal(() => lab.pnl({ fills: [], method: "lifo" as Anything }))).toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining('no method: "lifo"'),
      hint: expect.stringContaining('"fifo" or "average"'),
    });
    for (const marks of ["mid", 5, null])
      expect(await refusal(() => lab.pnl({ fills: [], marks: marks as Anything }))).toMatchObject({
        code: "BAD_ARGUMENT",
        message: expect.stringMatching(/^no marks: /),
        hint: expect.stringMatching(/"midpoint" or "last"/),
      });
  });

  it("are named by reconcile: no positions, a balance without its parts", async () => {
    expect(await refusal(() => lab.reconcile({ fills: [] } as Anything))).toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining("positions: nothing was given"),
    });
    for (const [balance, missing] of [
      [{}, "moved"],
      [{ moved: "1" }, "actual"],
      [{ moved: "1", actual: 5 }, "actual"],
      [{ moved: "1", actual: "1", resting: 5 }, "resting"],
    ] as const)
      expect(
        await refusal(() => lab.reconcile({ fills: [], positions: [], balance: balance as Anything })),
      ).toMatchObject({
        code: "BAD_ARGUMENT",
        message: expect.stringContaining(`balance: no \`${missing}\` as text`),
      });
    const events = 5 as Anything;
    const balance = { moved: "1", actual: "1" };
    expect((await refusal(() => lab.reconcile({ fills: [], positions: [], events, balance }))).code).toBe(
      "BAD_ARGUMENT",
    );
  });

  it("are named by a fee calendar: each list of its records", async () => {
    for (const name of Object.keys(records).filter((one) => one !== "asOf"))
      for (const given of [undefined, null, 5, "abc"])
        expect(await refusal(() => new lab.FeeCalendar({ ...records, [name]: given } as Anything))).toMatchObject({
          code: "BAD_ARGUMENT",
          message: expect.stringContaining(`${name}: `),
        });
    const { code, message } = await refusal(() => new lab.FeeCalendar({ ...records, series: [{}] } as Anything));
    expect([code, message]).toEqual(["BAD_RECORD", "series: record 0 has no `ticker`, `fee_type`, `fee_multiplier`"]);
  });

  it("have forecasts name the times that are asked for", async () => {
    for (const before of [undefined, "1h", [], ["1h", "60m"]])
      expect(await refusal(() => lab.forecastsAt(other, other, { before: before as Anything }))).toMatchObject({
        code: "BAD_ARGUMENT",
        message: expect.stringContaining("times before the close"),
      });
  });
});

describe("a mark", () => {
  const marked = (mark: string | number) => lab.pnl({ fills: [], marks: { A: mark } });

  it("with more decimals than money has is refused, not rounded", async () => {
    expect(await refusal(() => marked("0.5000005"))).toMatchObject({
      code: "BAD_PRICE",
      message: "mark of A: 0.5000005 is finer than a micro-dollar",
    });
    for (const mark of ["0.500000", "0.123456", 0.123456]) expect(() => marked(mark)).not.toThrow();
    expect((await refusal(() => marked(0.1234567))).code).toBe("BAD_PRICE");
  });

  it("that was computed may miss the price that is meant by the last digit of a double", () => {
    expect(0.1 + 0.2).not.toBe(0.3);
    expect(() => marked(0.1 + 0.2)).not.toThrow();
  });
});
