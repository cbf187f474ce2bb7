import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { available } from "../../../src/sandbox/engine/accounts.js";
import { createEngine, type Engine } from "../../../src/sandbox/engine/engine.js";
import type { OrderRequest } from "../../../src/sandbox/engine/venue.js";
import type { BookView, EngineEvent } from "../../../src/sandbox/types.js";
import { Refused } from "../../../src/sandbox/wire/replies.js";
import { formatFine } from "../../../src/units/fine-amount.js";
import { formatAmount } from "../../../src/units/money.js";
import { DOLLAR, parsePrice } from "../../../src/units/price.js";
import { MILLISECOND, MINUTE, SECOND } from "../../../src/units/time.js";
import { limit as order } from "../../support/orders.js";
import { MEMBER, OTHER, START, type TinyWorld, tinyEngine, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

/** An engine whose one market has no makers yet: it is never stepped. */
function quiet(options: Parameters<typeof tinyWorld>[1] = {}, market: Partial<Parameters<typeof tinyMarket>[0]> = {}) {
  const tiny = tinyWorld([tinyMarket({ ticker: "T", ...market })], options);
  const engine = tinyEngine(tiny);
  const place = (who: { userId: string }, request: OrderRequest) => engine.place(who.userId, "T", request);
  return { ...tiny, engine, place };
}

function refusalOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return { status: error.reply.status, body: error.reply.body };
    throw error;
  }
  return "accepted";
}

function cash(engine: Engine, who: { userId: string }): string {
  return formatAmount(engine.account(who.userId).cash, 4);
}

function expectConserved(engine: Engine): void {
  const { cash: held, escrow, fees, deposited } = engine.audit();
  expect(held + escrow + fees).toBe(deposited);
}

/** Steps an engine in strides of wall time and collects what it tells. */
function watch(engine: Engine, { clock }: TinyWorld, strides: number, stride = 10 * MILLISECOND): EngineEvent[] {
  const events: EngineEvent[] = [];
  const silence = engine.on((event) => events.push(event));
  for (let n = 0; n < strides; n += 1) engine.step(clock.advance(stride));
  silence();
  return events;
}

/** The book that events lead to, from an empty one. */
function rebuild(events: readonly EngineEvent[], ticker: string): BookView {
  const sides = { yes: new Map<number, number>(), no: new Map<number, number>() };
  for (const event of events) {
    if (event.type === "wiped" && event.ticker === ticker) {
      sides.yes.clear();
      sides.no.clear();
    }
    if (event.type !== "delta" || event.ticker !== ticker) continue;
    const side = sides[event.side];
    const count = (side.get(event.price) ?? 0) + event.delta;
    expect(count).toBeGreaterThanOrEqual(0);
    if (count === 0) side.delete(event.price);
    else side.set(event.price, count);
  }
  const ascending = (side: Map<number, number>) => [...side].sort((a, b) => a[0] - b[0]);
  return { yes: ascending(sides.yes), no: ascending(sides.no) };
}

describe("the engine, for members", () => {
  it("prints a trade before or after the level that it ate, now this, now that", () => {
    const { engine, place } = quiet();
    place(OTHER, order("ask", "0.52", 40));
    const told: string[] = [];
    engine.on(({ type }) => {
      if (type === "trade" || type === "delta") told.push(type);
    });
    for (let n = 0; n < 40; n += 1) place(MEMBER, order("bid", "0.52", 1, { timeInForce: "immediate_or_cancel" }));
    const firsts = told.filter((_, n) => n % 2 === 0);
    expect(told).toHaveLength(80);
    expect(new Set(firsts)).toEqual(new Set(["trade", "delta"]));
    expect(firsts.map((first, n) => [first, told[2 * n + 1]].toSorted())).toEqual(Array(40).fill(["delta", "trade"]));
  });

  it("fills a taker at the maker's price and charges both exactly", () => {
    const { engine, place } = quiet();
    place(OTHER, order("ask", "0.52", 1));
    const placed = place(MEMBER, order("bid", "0.99", 1, { timeInForce: "immediate_or_cancel" }));
    expect(placed.filled).toBe(100);
    expect(formatAmount(placed.fees)).toBe("0.017500");
    expect(cash(engine, MEMBER)).toBe("9999.4625");
    expect(cash(engine, OTHER)).toBe("9999.5200");
    expectConserved(engine);
  });

  it("charges makers where the series does, and takes a rebate's step from the order's own rounding", () => {
    const { engine, place } = quiet({ feeType: "quadratic_with_maker_fees" });
    place(OTHER, order("ask", "0.50", 100));
    place(MEMBER, order("bid", "0.50", 100));
    expect(formatAmount(engine.account(OTHER.userId).fills[0]!.fee)).toBe("0.437500");
    expect(formatAmount(engine.account(MEMBER.userId).fills[0]!.fee)).toBe("1.750000");
    expectConserved(engine);
  });

  it("keeps exposure, realized profit and money traded by average cost", () => {
    const { engine, place } = quiet({ feeMultiplier: 0 });
    place(OTHER, order("ask", "0.40", 10));
    place(OTHER, order("ask", "0.50", 10));
    place(MEMBER, order("bid", "0.60", 20));
    place(OTHER, order("bid", "0.70", 30));
    place(MEMBER, order("ask", "0.70", 25));
    const position = engine.account(MEMBER.userId).positions.get("T")!;
    expect(position.count).toBe(-500);
    expect(formatFine(position.cost)).toBe("1.500000");
    expect(formatFine(position.realized)).toBe("5.000000");
    expect(formatAmount(position.traded, 2)).toBe("16.50");
    expectConserved(engine);
  });

  it("refuses what cannot be paid for, and counts what rests as spent", () => {
    const { engine, place } = quiet();
    place(MEMBER, order("bid", "0.90", 10_000));
    const free = engine.account(MEMBER.userId);
    expect(formatAmount([...free.reserved.values()][0]!, 2)).toBe("9000.00");
    const poor = { status: 400, body: { error: { code: "insufficient_balance", message: "insufficient balance" } } };
    expect(refusalOf(() => place(MEMBER, order("bid", "0.50", 2_001)))).toEqual(poor);
    expect(refusalOf(() => place(MEMBER, order("bid", "0.50", 1_900)))).toBe("accepted");
  });

  it("asks no money for an order that only closes a holding", () => {
    const { engine, place } = quiet({ feeMultiplier: 0 });
    place(OTHER, order("ask", "0.99", 10_000));
    place(MEMBER, order("bid", "0.99", 10_000));
    expect(cash(engine, MEMBER)).toBe("100.0000");
    expect(refusalOf(() => place(MEMBER, order("ask", "0.01", 10_000)))).toBe("accepted");
    expect(engine.account(MEMBER.userId).reserved.size).toBe(0);
  });

  it("refuses prices off the grid, sizes of nothing, past expiries and a post-only order that would take", () => {
    const { place } = quiet({}, { grid: "tapered_deci_cent" });
    const codeOf = (request: OrderRequest) => JSON.stringify(refusalOf(() => place(MEMBER, request)));
    expect(codeOf(order("bid", "0.555", 1))).toContain('"invalid_price"');
    expect(codeOf(order("bid", "1.00", 1))).toContain('"invalid_price"');
    expect(codeOf(order("bid", "0.055", 1))).toContain("accepted");
    expect(codeOf(order("bid", "0.05", 0))).toContain('"invalid_order_size"');
    expect(codeOf(order("bid", "0.05", 1, { expires: START - SECOND }))).toContain('"invalid_order"');
    expect(codeOf(order("bid", "0.05", 1, { expires: START + MINUTE, timeInForce: "immediate_or_cancel" }))).toContain(
      '"invalid_order"',
    );
    expect(codeOf(order("ask", "0.05", 1, { postOnly: true }))).toContain("post only cross");
    expect(codeOf(order("ask", "0.05", 1, { reduceOnly: true }))).toContain('"invalid_order"');
  });

  it("never takes a client order id twice, not even after cancelling", () => {
    const { engine, place } = quiet();
    const { order: first } = place(MEMBER, order("bid", "0.10", 1, { clientOrderId: "mine" }));
    engine.cancel(MEMBER.userId, first.id);
    expect(refusalOf(() => place(MEMBER, order("bid", "0.10", 1, { clientOrderId: "mine" })))).toMatchObject({
      status: 409,
    });
    expect(refusalOf(() => place(OTHER, order("bid", "0.10", 1, { clientOrderId: "mine" })))).toBe("accepted");
  });

  it("answers a second cancel, a cancel of a filled and of an unknown order alike", () => {
    const { engine, place } = quiet();
    const resting = place(OTHER, order("ask", "0.50", 1)).order;
    const filled = place(MEMBER, order("bid", "0.50", 1)).order;
    const cancelled = place(MEMBER, order("bid", "0.40", 2)).order;
    expect(engine.cancel(MEMBER.userId, cancelled.id).count).toBe(200);
    const answers = [cancelled.id, filled.id, resting.id, "nonsense"].map((id) =>
      refusalOf(() => engine.cancel(MEMBER.userId, id)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toEqual({ status: 404, body: { error: { code: "not_found", message: "not found" } } });
  });

  it("kills a fill-or-kill order that cannot fill whole and leaves the rest of an immediate one", () => {
    const { engine, place } = quiet();
    place(OTHER, order("ask", "0.50", 1));
    expect(refusalOf(() => place(MEMBER, order("bid", "0.50", 2, { timeInForce: "fill_or_kill" })))).toMatchObject({
      status: 400,
    });
    const { order: ioc, filled } = place(MEMBER, order("bid", "0.50", 2, { timeInForce: "immediate_or_cancel" }));
    expect([filled, ioc.remaining, ioc.status]).toEqual([100, 0, "canceled"]);
    expect(engine.book("T")).toEqual({ yes: [], no: [] });
  });

  it("stops a taker at its own order with nothing filled and nothing remaining", () => {
    const { place } = quiet();
    place(MEMBER, order("ask", "0.50", 1));
    const { order: stopped, filled } = place(MEMBER, order("bid", "0.50", 1));
    expect([filled, stopped.remaining, stopped.reason]).toEqual([0, 0, "SelfTradeCancel"]);
  });

  it("cuts a reduce-only order to the position", () => {
    const { engine, place } = quiet();
    place(OTHER, order("ask", "0.50", 3));
    place(MEMBER, order("bid", "0.50", 3));
    place(OTHER, order("bid", "0.40", 10));
    const request = order("ask", "0.40", 10, { reduceOnly: true, timeInForce: "immediate_or_cancel" });
    expect(place(MEMBER, request).filled).toBe(300);
    expect(engine.account(MEMBER.userId).positions.get("T")!.count).toBe(0);
  });

  it("refuses orders before the opening and after the close", () => {
    const { clock, place } = quiet({}, { open: START + MINUTE, close: START + 2 * MINUTE });
    const inactive = { status: 400, body: { error: { code: "MARKET_INACTIVE", message: "market inactive" } } };
    expect(refusalOf(() => place(MEMBER, order("bid", "0.50", 1)))).toEqual(inactive);
    clock.advance(MINUTE);
    expect(refusalOf(() => place(MEMBER, order("bid", "0.50", 1)))).toBe("accepted");
    clock.advance(MINUTE);
    expect(refusalOf(() => place(MEMBER, order("bid", "0.50", 1)))).toEqual(inactive);
  });

  it("cancels an order when it expires and when its market closes, and says why", () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "T", seriesTicker: "CALM", close: START + 5 * MINUTE })]);
    const engine = tinyEngine(tiny);
    const far = engine.place(MEMBER.userId, "T", order("bid", "0.01", 1)).order;
    const brief = engine.place(MEMBER.userId, "T", order("bid", "0.01", 1, { expires: START + MINUTE })).order;
    engine.step(tiny.clock.advance(MINUTE));
    expect([brief.status, brief.reason]).toEqual(["canceled", "ExpiryCancel"]);
    engine.step(tiny.clock.advance(4 * MINUTE));
    expect([far.status, far.reason]).toEqual(["canceled", "CloseCancel"]);
    expect(engine.account(MEMBER.userId).reserved.size).toBe(0);
  });

  it("conserves money and leaves positions equal to fills, whatever members do", () => {
    const act = fc.record({
      who: fc.constantFrom(MEMBER, OTHER),
      kind: fc.constantFrom("good_till_canceled" as const, "immediate_or_cancel" as const, "fill_or_kill" as const),
      side: fc.constantFrom("bid" as const, "ask" as const),
      cents: fc.integer({ min: 1, max: 99 }),
      hundredths: fc.integer({ min: 1, max: 900_000 }),
      selfTrade: fc.constantFrom("taker_at_cross" as const, "maker" as const),
      cancels: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const { engine, place } = quiet({ feeType: "quadratic_with_maker_fees" });
        for (const { who, kind, side, cents, hundredths, selfTrade, cancels } of acts) {
          const price = `0.${String(cents).padStart(2, "0")}`;
          refusalOf(() => place(who, order(side, price, hundredths / 100, { timeInForce: kind, selfTrade })));
          const [resting] = engine.account(who.userId).resting;
          if (cancels && resting !== undefined) engine.cancel(who.userId, resting.id);
          expectConserved(engine);
        }
        for (const who of [MEMBER, OTHER]) {
          const account = engine.account(who.userId);
          const held = account.fills.reduce((sum, one) => sum + (one.side === "bid" ? one.count : -one.count), 0);
          expect(account.positions.get("T")?.count ?? 0).toBe(held);
          expect(available(account)).toBeGreaterThanOrEqual(0n);
          for (const one of account.orders.values()) {
            expect(one.status === "resting").toBe(account.resting.has(one));
            expect(one.filled + one.remaining).toBeLessThanOrEqual(one.initial);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("pays a scalar market in steps of $0.0001 and keeps the rest as a fee", () => {
    const outcome = { result: "scalar" as const, value: parsePrice("0.3060"), observed: "" };
    const tiny = tinyWorld([tinyMarket({ ticker: "T", close: START + MINUTE, settled: START + 2 * MINUTE, outcome })], {
      feeMultiplier: 0,
    });
    const engine = tinyEngine(tiny);
    engine.place(OTHER.userId, "T", order("ask", "0.30", 100.01));
    engine.place(MEMBER.userId, "T", order("bid", "0.30", 100.01));
    const before = engine.account(MEMBER.userId).cash;
    engine.step(tiny.clock.advance(3 * MINUTE));
    const account = engine.account(MEMBER.userId);
    expect(formatAmount(account.cash - before)).toBe("30.603000");
    const [row] = account.settlements;
    expect(formatAmount(row!.revenue)).toBe("30.603000");
    expect(formatAmount(row!.fee)).toBe("0.000060");
    expect(account.positions.get("T")).toMatchObject({ count: 0, cost: 0n, settled: true });
    expectConserved(engine);
  });
});

describe("the engine, for itself", () => {
  it("tells every change of a book, so that a listener has the same book at any moment", () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "A" }), tinyMarket({ ticker: "B", grid: "tapered_deci_cent" })]);
    const engine = tinyEngine(tiny);
    const events = watch(engine, tiny, 1_000);
    for (const ticker of ["A", "B"]) {
      expect(events.filter((event) => event.type === "delta" && event.ticker === ticker).length).toBeGreaterThan(40);
      expect(rebuild(events, ticker)).toEqual(engine.book(ticker));
    }
  });

  it("sends no later change in the millisecond of a ticker, and each ticker fits the book at its place", () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "A" })]);
    const engine = tinyEngine(tiny);
    const events: EngineEvent[] = [];
    let tickers = 0;
    let last = 0;
    engine.on((event) => {
      events.push(event);
      if (event.type !== "ticker" && event.type !== "delta") return;
      const ms = Math.floor(event.time / MILLISECOND);
      expect(ms).toBeGreaterThan(event.type === "delta" ? last : -1);
      if (event.type === "delta") return;
      last = ms;
      tickers += 1;
      const book = rebuild(events, "A");
      const view = engine.ticker("A")!;
      expect(view.yesBid).toBe(book.yes.at(-1)?.[0] ?? null);
      expect(view.yesAsk).toBe(book.no.length === 0 ? null : DOLLAR - book.no.at(-1)![0]);
    });
    for (let n = 0; n < 1_000; n += 1) engine.step(tiny.clock.advance(10 * MILLISECOND));
    expect(tickers).toBeGreaterThan(5);
  });

  it("does the same again for the same seed and steps, and something else for another seed", () => {
    const run = (seed: string) => {
      const tiny = tinyWorld([tinyMarket({ ticker: "A" })]);
      return JSON.stringify(watch(createEngine({ world: tiny.world, seed }), tiny, 300));
    };
    expect(run("1")).toBe(run("1"));
    expect(run("1")).not.toBe(run("2"));
  });

  it("conserves money through trading, closing and settling", () => {
    const outcome = { result: "scalar" as const, value: parsePrice("0.3719"), observed: "" };
    const life = { open: START + SECOND, close: START + 20 * SECOND, settled: START + 22 * SECOND };
    const tiny = tinyWorld([tinyMarket({ ticker: "A", ...life }), tinyMarket({ ticker: "B", ...life, outcome })], {
      feeType: "quadratic_with_maker_fees",
    });
    const engine = tinyEngine(tiny);
    for (let n = 0; n < 500; n += 1) {
      engine.step(tiny.clock.advance(50 * MILLISECOND));
      if (n % 20 === 0) {
        for (const ticker of ["A", "B"]) {
          refusalOf(() => engine.place(MEMBER.userId, ticker, order(n % 40 === 0 ? "bid" : "ask", "0.50", 7.77)));
        }
      }
      expectConserved(engine);
    }
    expect(engine.audit().escrow).toBe(0n);
    expect(engine.account(MEMBER.userId).fills.length).toBeGreaterThan(5);
    expect(engine.account(MEMBER.userId).settlements.length).toBeGreaterThan(0);
  });

  it("wipes the book at the close by one event and leaves nothing behind", () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "A", close: START + 5 * SECOND })]);
    const engine = tinyEngine(tiny);
    const events = watch(engine, tiny, 700);
    const wipes = events.filter((event) => event.type === "wiped");
    expect(wipes).toHaveLength(1);
    expect(events.findLastIndex((event) => event.type === "delta")).toBeLessThan(events.indexOf(wipes[0]!));
    expect(engine.book("A")).toEqual({ yes: [], no: [] });
  });

  it("holds still while frozen and takes orders all the same", () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "A" })]);
    const engine = tinyEngine(tiny);
    watch(engine, tiny, 100);
    engine.freeze();
    expect(watch(engine, tiny, 100)).toEqual([]);
    const { order: own } = engine.place(MEMBER.userId, "A", order("bid", "0.01", 1));
    engine.cancel(MEMBER.userId, own.id);
    engine.thaw();
    expect(watch(engine, tiny, 300).length).toBeGreaterThan(5);
  });

  it("ends a price path near the outcome", () => {
    const ends = (["yes", "no"] as const).map((result) => {
      const outcome = { result, value: result === "yes" ? DOLLAR : 0, observed: "" };
      const tiny = tinyWorld([tinyMarket({ ticker: "A", open: START, close: START + 30 * SECOND, outcome })]);
      const engine = tinyEngine(tiny);
      watch(engine, tiny, 299, 100 * MILLISECOND);
      return engine.ticker("A")!.lastPrice!;
    });
    expect(ends[0]).toBeGreaterThan(850_000);
    expect(ends[1]).toBeLessThan(150_000);
  });

  it("takes in markets that the world brings forth while it runs", () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "A" })]);
    const engine = tinyEngine(tiny);
    watch(engine, tiny, 10);
    const late = tinyMarket({ ticker: "LATE", eventTicker: "SANDBOX-LATE", open: START + SECOND });
    tiny.world.add({ ticker: "SANDBOX-LATE", seriesTicker: "SANDBOX", wire: {} }, [late]);
    const events = watch(engine, tiny, 300);
    expect(events.some((event) => event.type === "delta" && event.ticker === "LATE")).toBe(true);
  });
});
