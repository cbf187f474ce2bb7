import { describe, expect, it } from "vitest";
import { type Account, available } from "../../../src/sandbox/engine/accounts.js";
import { createEngine } from "../../../src/sandbox/engine/engine.js";
import type { Outcome } from "../../../src/sandbox/types.js";
import { formatAmount } from "../../../src/units/money.js";
import { CENT, DOLLAR } from "../../../src/units/price.js";
import { MINUTE, SECOND } from "../../../src/units/time.js";
import { codeOf, limit, lostBy } from "../../support/orders.js";
import { MEMBER, OTHER, START, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

const TICKERS = ["A", "B", "C"] as const;

/** An event of three markets that exclude each other, and a member with little money facing one with much. */
function event(
  values: readonly [number, number, number] = [1, 0, 0],
  {
    type = "MECNET",
    exclusive = true,
    dollars = 20,
    precision = 100,
  }: {
    type?: string;
    exclusive?: boolean;
    dollars?: number;
    precision?: number;
  } = {},
) {
  const markets = TICKERS.map((ticker, at) => {
    const value = Math.round(values[at]! * DOLLAR);
    const result = value === DOLLAR ? "yes" : value === 0 ? "no" : "scalar";
    const outcome: Outcome = { result, value, observed: "" };
    const close = START + MINUTE;
    return tinyMarket({ ticker, eventTicker: "ONE", close, settled: close + (at + 1) * SECOND, outcome });
  });
  const tiny = tinyWorld(markets, { feeMultiplier: 0 });
  const wire = { collateral_return_type: type, mutually_exclusive: exclusive };
  tiny.world.events.set("ONE", { ticker: "ONE", seriesTicker: "SANDBOX", wire });
  const engine = createEngine({ world: tiny.world, seed: "1", makers: false });
  engine.addAccount({ ...MEMBER, balance: dollars * DOLLAR, precision });
  engine.addAccount({ ...OTHER, balance: 10_000 * DOLLAR });
  engine.step(tiny.clock.now());
  const buyNo = (ticker: string, price: string, contracts: number) => {
    engine.place(OTHER.userId, ticker, limit("bid", price, contracts));
    engine.place(MEMBER.userId, ticker, limit("ask", price, contracts));
  };
  return { ...tiny, engine, buyNo, mine: engine.account(MEMBER.userId), theirs: engine.account(OTHER.userId) };
}

const dollars = (account: Account) => formatAmount(available(account), 4);

describe("collateral of markets that exclude each other", () => {
  it("comes back as far as the holdings cannot all lose: all but the largest", () => {
    const { buyNo, mine, engine } = event();
    buyNo("A", "0.60", 10);
    expect([dollars(mine), mine.returnedTotal]).toEqual(["16.0000", 0n]);
    // Ten in a second market cost $5 and make $10 sure.
    buyNo("B", "0.50", 10);
    expect(dollars(mine)).toBe("21.0000");
    buyNo("C", "0.20", 4);
    expect(dollars(mine)).toBe("21.8000");
    expect(formatAmount(mine.returnedTotal, 2)).toBe("14.00");
    expect(lostBy(engine)).toBe(0n);
  });

  it("is bound again by what closes a netted holding, which needs money then", () => {
    const { buyNo, mine, engine } = event([1, 0, 0], { dollars: 10 });
    buyNo("A", "0.60", 10);
    buyNo("B", "0.50", 10);
    expect(dollars(mine)).toBe("11.0000");
    // Spent elsewhere, there is nothing left to close with.
    engine.place(MEMBER.userId, "C", limit("bid", "0.20", 49));
    expect(codeOf(() => engine.place(MEMBER.userId, "A", limit("bid", "0.60", 10)))).toBe("insufficient_balance");
    engine.cancelAll(MEMBER.userId);
    engine.place(OTHER.userId, "A", limit("ask", "0.60", 10));
    engine.place(MEMBER.userId, "A", limit("bid", "0.60", 10));
    expect([dollars(mine), mine.returnedTotal]).toEqual(["5.0000", 0n]);
  });

  it("leaves what leads the others free to close without money", () => {
    const { buyNo, mine, engine } = event([1, 0, 0], { dollars: 10 });
    buyNo("A", "0.50", 10);
    buyNo("B", "0.50", 4);
    engine.place(MEMBER.userId, "C", limit("bid", "0.10", 69));
    expect(available(mine)).toBeLessThan(2_000_000_000n);
    expect(codeOf(() => engine.place(MEMBER.userId, "A", limit("bid", "0.50", 6)))).toBe("accepted");
    expect(codeOf(() => engine.place(MEMBER.userId, "A", limit("bid", "0.50", 1)))).toBe("insufficient_balance");
  });

  it.each([
    ["one of them wins", [0, 1, 0], "22.5000"],
    ["none of them wins", [0, 0, 0], "32.5000"],
    ["all are void", [0.3333, 0.3333, 0.3334], "22.5000"],
  ] as const)(
    "is paid in full when %s, one market after the other, and no balance falls below zero",
    (_, values, end) => {
      const { buyNo, mine, engine, clock } = event(values);
      buyNo("A", "0.50", 10);
      buyNo("B", "0.25", 10);
      buyNo("C", "0.50", 10);
      const spent = dollars(mine);
      expect(spent).toBe("22.5000");
      engine.place(MEMBER.userId, "A", limit("bid", "0.01", 1));
      let least = available(mine);
      for (let second = 0; second < 70; second += 1) {
        engine.step(clock.advance(SECOND));
        least = available(mine) < least ? available(mine) : least;
        expect(lostBy(engine)).toBe(0n);
      }
      expect(least).toBeGreaterThanOrEqual(0n);
      expect([dollars(mine), mine.returnedTotal]).toEqual([end, 0n]);
      expect(mine.settlements).toHaveLength(3);
    },
  );

  it("is never taken back by more than is paid, though payments are cut to the cent: the exchange bears what is cut", () => {
    const { buyNo, mine, engine, clock } = event([0.56, 0.44, 0], { dollars: 2, precision: CENT });
    buyNo("A", "0.50", 1.01);
    buyNo("B", "0.50", 1.01);
    // All that was returned is spent, on what will pay nothing.
    const free = Number(available(mine)) / 1e8;
    engine.place(OTHER.userId, "C", limit("ask", "0.50", 10));
    engine.place(MEMBER.userId, "C", limit("bid", "0.50", Math.floor(((free - 0.03) / 0.5) * 100) / 100));
    expect(available(mine)).toBeLessThan(5_000_000n);
    for (let second = 0; second < 70; second += 1) {
      engine.step(clock.advance(SECOND));
      expect(available(mine)).toBeGreaterThanOrEqual(0n);
      expect(lostBy(engine)).toBe(0n);
    }
    expect(mine.cash % 1_000_000n).toBe(0n);
  });

  it("does not come back where markets may pay together, nor where netting is off", () => {
    const together = event([1, 0, 0], { type: "", exclusive: false });
    together.buyNo("A", "0.50", 10);
    together.buyNo("B", "0.50", 10);
    expect(dollars(together.mine)).toBe("10.0000");
    const ladder = event([1, 0, 0], { type: "DIRECNET", exclusive: false });
    ladder.buyNo("A", "0.50", 10);
    ladder.buyNo("B", "0.50", 10);
    expect(ladder.mine.returnedTotal).toBe(0n);
    const off = event();
    off.engine.setNetting(MEMBER.userId, 0, false);
    off.buyNo("A", "0.50", 10);
    off.buyNo("B", "0.50", 10);
    expect(dollars(off.mine)).toBe("10.0000");
    off.engine.setNetting(MEMBER.userId, 0, true);
    expect(dollars(off.mine)).toBe("20.0000");
  });

  it("that is spent cannot be taken back by turning netting off", () => {
    const { buyNo, mine, engine } = event([1, 0, 0], { dollars: 11 });
    buyNo("A", "0.50", 10);
    buyNo("B", "0.50", 10);
    engine.place(MEMBER.userId, "C", limit("bid", "0.10", 50));
    expect(codeOf(() => engine.setNetting(MEMBER.userId, 0, false))).toBe("insufficient_balance");
    expect([mine.netting, formatAmount(mine.returnedTotal, 2)]).toEqual([true, "10.00"]);
  });

  it("holds because results do: a second winner is refused, and the first decides the others", () => {
    const { engine, clock, world } = event([0, 1, 0]);
    engine.closeEarly("A");
    engine.determine("A", { result: "yes", value: DOLLAR, observed: "" });
    expect(world.markets.get("B")?.outcome).toMatchObject({ result: "no", value: 0 });
    engine.closeEarly("C");
    expect(codeOf(() => engine.determine("C", { result: "yes", value: DOLLAR, observed: "" }))).toBe("BAD_ARGUMENT");
    engine.step(clock.advance(2 * MINUTE));
    expect(lostBy(engine)).toBe(0n);
  });
});
