import * as aq from "arquero";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exactNotional, exactSum, rawOf } from "../../src/frames/exact.js";
import type { Lab } from "../../src/lab/lab.js";
import { expectRejection } from "../support/errors.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";

/** The market of a series with most contracts asked. */
async function deepestOf(lab: Lab, series: string): Promise<string> {
  const levels = await lab.orderbooks({ series });
  const asks = levels.filter(aq.escape((row: { side: string }) => row.side === "no"));
  const depth = asks
    .groupby("ticker")
    .rollup({ depth: aq.op.sum("count") })
    .orderby(aq.desc("depth"));
  return String(depth.get("ticker", 0));
}

describe("the fees of a lab", () => {
  let both: LabAndSandbox;
  beforeAll(async () => {
    both = await labAndSandbox({ seed: "fees" });
  });
  afterAll(() => both.close());

  it("explain every fill of the account by the schedule in force at its time", async () => {
    const fills = await both.lab.fills();
    const table = await both.lab.fees.of(fills, { rule: "current" });
    expect(table.numRows()).toBeGreaterThan(100);
    expect(rawOf(table, "difference").filter((difference) => difference !== 0)).toEqual([]);
    // Whoever rests in the market is charged less.
    expect(new Set(table.array("is_taker") as boolean[]).size).toBe(2);
  });

  it("are what an order is charged that was estimated before, by the half rate of its series", async () => {
    // Nobody moves the book meanwhile.
    await fetch(`${both.sandbox.ready.control_url}/freeze`, { method: "POST" });
    const { lab } = both;
    const ticker = await deepestOf(lab, "NORIDX");
    const order = { ticker, side: "bid", price: "0.99", count: "75.5" } as const;
    const told = await lab.fees.estimate(order);
    expect(told.precision).toBe("0.0001");
    expect(told.taken.toNumber()).toBeGreaterThan(0);
    const placed = await lab.trading.place({ ...order, timeInForce: "immediate_or_cancel" });
    const fills = (await lab.fills({ ticker })).filter(
      aq.escape((row: { order_id: string }) => row.order_id === placed.order_id),
    );
    expect(exactSum(fills, "count").eq(told.taken)).toBe(true);
    expect(exactNotional(fills).toFixed(6)).toBe(told.cost.toFixed(6));
    expect(exactSum(fills, "fee_cost").toFixed(6)).toBe(told.takerFee!.toFixed(6));
    const table = await lab.fees.of(fills);
    expect(new Set(table.array("fee_multiplier"))).toEqual(new Set([0.5]));
    expect(exactSum(table, "difference").isZero()).toBe(true);
  });

  it("name a market that the exchange does not know", async () => {
    await expectRejection(both.lab.fees.calendar({ ticker: "NOWHERE-1" }), "MARKET_NOT_FOUND", /ticker/);
  });
});
