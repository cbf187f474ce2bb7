import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { available } from "../../../src/sandbox/engine/accounts.js";
import { type Operation, operation, Twins, type TwinsOptions } from "../../support/twin-exchanges.js";

const options: fc.Arbitrary<TwinsOptions> = fc.record({
  precision: fc.constantFrom("direct" as const, "cents" as const),
  feeType: fc.constantFrom("quadratic" as const, "quadratic_with_maker_fees" as const),
  feeMultiplier: fc.constantFrom(0, 0.5, 1),
  values: fc.constantFrom(
    [1, 0, 0] as const,
    [0, 0, 0] as const,
    [0.56, 0.44, 0] as const,
    [0.3333, 0.3333, 0.3334] as const,
  ),
  closes: fc.array(fc.integer({ min: 6, max: 60 }), { minLength: 5, maxLength: 5 }),
  dollars: fc.constantFrom(1, 3, 30, 3_000),
});

/** Runs both exchanges through the same operations, and compares them after each. */
function run(twinOptions: TwinsOptions, operations: readonly Operation[]): Twins {
  const twins = new Twins(twinOptions);
  for (const one of operations) {
    const [engine, plain] = twins.apply(one);
    expect(engine, JSON.stringify(one)).toEqual(plain);
    compare(twins);
  }
  return twins;
}

function compare(twins: Twins): void {
  const { cash, escrow, fees, deposited } = twins.engine.audit();
  expect(cash + escrow + fees).toBe(deposited);
  for (const ticker of twins.tickers) {
    const { yes, no } = twins.engine.book(ticker)!;
    const [bid, ask] = [yes.at(-1)?.[0] ?? 0, 1_000_000 - (no.at(-1)?.[0] ?? 0)];
    expect(bid).toBeLessThan(ask);
  }
  for (const account of twins.engine.accounts()) {
    if (!account.house) expect(available(account)).toBeGreaterThanOrEqual(0n);
  }
  const [engine, plain] = twins.states();
  expect(engine).toEqual(plain);
}

describe("the engine under random order flow", () => {
  it("does what a plain model of an exchange does, loses no money and leaves no book crossed, after every step", () => {
    // On failure fast-check names the seed and the path; with both given here the same run fails again.
    const seed = process.env.FLOW_SEED === undefined ? {} : { seed: Number(process.env.FLOW_SEED) };
    const path = process.env.FLOW_PATH === undefined ? {} : { path: process.env.FLOW_PATH };
    const runs = Number(process.env.FLOW_RUNS ?? 60);
    fc.assert(
      fc.property(
        options,
        fc.array(operation, { minLength: 20, maxLength: 100, size: "max" }),
        (twinOptions, operations) => {
          run(twinOptions, operations);
        },
      ),
      { numRuns: runs, ...seed, ...path },
    );
  });

  it("comes by all of it: fills, refusals, groups that trigger, shortages, returned collateral and settlements", () => {
    const seen = new Set<string>();
    const samples = fc.sample(fc.tuple(options, fc.array(operation, { minLength: 100, maxLength: 100, size: "max" })), {
      numRuns: 60,
      seed: 7,
    });
    for (const [twinOptions, operations] of samples)
      for (const what of run(twinOptions, operations).seen) seen.add(what);
    for (const what of [
      "trade",
      "settlement",
      "returned collateral",
      "order group triggered",
      "MarginCancel",
      "HaltCancel",
      "ExpiryCancel",
      "CloseCancel",
      "SelfTradeCancel",
      "insufficient_balance",
      "MARKET_INACTIVE",
      "trading_is_paused",
      "exceeded_order_group_risk_limit",
      "fill_or_kill_insufficient_resting_volume",
      "invalid_price",
      "fee change",
    ]) {
      expect([...seen]).toContain(what);
    }
  });
});
