import { beforeAll, describe, expect, it } from "vitest";
import { fillFee } from "../../../src/analysis/fees/fee.js";
import type { Account, Fill } from "../../../src/sandbox/engine/accounts.js";
import { createEngine } from "../../../src/sandbox/engine/engine.js";
import { termsOf } from "../../../src/sandbox/world/fee-schedule.js";
import { DEFAULT_START, generateWorld } from "../../../src/sandbox/world/generate.js";
import type { MemoryWorld } from "../../../src/sandbox/world/world.js";
import { notional } from "../../../src/units/money.js";
import { DOLLAR } from "../../../src/units/price.js";
import { MEMBER } from "../../support/tiny-world.js";

let world: MemoryWorld;
let account: Account;

function open(): Account {
  const engine = createEngine({ world, seed: world.seed });
  engine.addAccount({ ...MEMBER, balance: 10_000 * DOLLAR, past: true });
  return engine.account(MEMBER.userId);
}

/** Cash of a fill by the signed rule: what is bought as YES costs its price, what is sold brings it, and settlement evens out. */
function flow(fill: Fill): bigint {
  const worth = notional(fill.price, fill.count);
  return (fill.side === "bid" ? -worth : worth) - fill.fee;
}

beforeAll(() => {
  world = generateWorld("past", { now: () => DEFAULT_START }).world;
  account = open();
});

describe("an account's past", () => {
  it("has some two hundred fills over two months, in both tiers", () => {
    const { tradesCreated } = world.cutoffs();
    const old = account.fills.filter((fill) => fill.time < tradesCreated).length;
    expect(account.fills.length).toBeGreaterThanOrEqual(150);
    expect(account.fills.length).toBeLessThanOrEqual(250);
    expect(old).toBeGreaterThan(15);
    expect(account.fills.length - old).toBeGreaterThan(50);
  });

  it("is the account's part in public trades: same id, market, time and price, no more contracts, and the right side", () => {
    for (const fill of account.fills) {
      const [trade] = world.trades
        .between(fill.ticker, fill.time, fill.time + 1)
        .filter((one) => one.id === fill.tradeId);
      expect(trade).toMatchObject({ price: fill.price, time: fill.time });
      expect(fill.count).toBeLessThanOrEqual(trade!.count);
      const long = fill.side === "bid" ? "yes" : "no";
      expect(long === trade!.taker).toBe(fill.isTaker);
    }
    expect(new Set(account.fills.map((fill) => fill.tradeId)).size).toBe(account.fills.length);
  });

  it("was charged by the fee rule, order by order", () => {
    const carried = new Map<string, bigint>();
    for (const fill of account.fills) {
      const { feeType, feeMultiplier } = termsOf(world, world.markets.get(fill.ticker)!, fill.time);
      const { price, count, side, isTaker } = fill;
      const fee = fillFee(
        { feeType, multiplier: feeMultiplier, precision: 100, rule: "current" },
        { bookSide: side, price, count, role: isTaker ? "taker" : "maker" },
        carried.get(fill.orderId) ?? 0n,
      );
      carried.set(fill.orderId, fee.carried);
      expect(fill.fee).toBe(fee.net);
    }
  });

  it("keeps every fill within its order's limit and life, and the order's sums equal to its fills", () => {
    for (const order of account.orders.values()) {
      const own = account.fills.filter((fill) => fill.orderId === order.id);
      expect(own.reduce((sum, fill) => sum + fill.count, 0)).toBe(order.filled);
      expect(order.makerFees + order.takerFees).toBe(own.reduce((sum, fill) => sum + fill.fee, 0n));
      expect(order.status).toBe(order.filled === order.initial ? "executed" : "canceled");
      for (const fill of own) {
        expect(order.side === "bid" ? fill.price <= order.price : fill.price >= order.price).toBe(true);
        expect(fill.time).toBeGreaterThanOrEqual(order.created);
        expect(fill.time).toBeLessThanOrEqual(order.updated);
      }
    }
  });

  it("leaves exactly the money that its fills and settlements leave of ten thousand dollars", () => {
    let expected = notional(10_000 * DOLLAR, 100);
    const held = new Map<string, number>();
    for (const fill of account.fills) {
      expected += flow(fill);
      held.set(fill.ticker, (held.get(fill.ticker) ?? 0) + (fill.side === "bid" ? fill.count : -fill.count));
    }
    for (const [ticker, count] of held) expected += notional(world.markets.get(ticker)!.outcome.value, count);
    expect(account.cash).toBe(expected);
    expect(account.settlements.map((one) => one.ticker).sort()).toEqual(
      [...held].flatMap(([ticker, count]) => (count === 0 ? [] : [ticker])).sort(),
    );
  });

  it("is the same for the same seed", () => {
    expect(open().fills).toEqual(account.fills);
  });
});
