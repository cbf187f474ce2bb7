import { describe, expect, it } from "vitest";
import { settlements } from "../../src/frames/settlements.js";

const row = {
  ticker: "A",
  event_ticker: "E",
  market_result: "yes",
  yes_count_fp: "5.00",
  yes_total_cost_dollars: "2.500000",
  no_count_fp: "0.00",
  no_total_cost_dollars: "0.000000",
  revenue: 500,
  settled_time: "2026-10-15T15:00:00Z",
  fee_cost: "0.000000",
  value: 100,
};

describe("settlements", () => {
  it("of two subaccounts in one market are two rows, and a row that came twice is one", () => {
    const table = settlements([row, { ...row, yes_count_fp: "7.00", revenue: 700 }, row]);
    expect([...table.array("yes_count")]).toEqual([5, 7]);
  });

  it.each([
    { fee_cost: "0.010000" },
    { revenue: 499 },
    { value: null },
    { market_result: "no" },
    { exchange_index: 1 },
    { subaccount_number: 1 },
    { yes_total_cost_dollars: "2.600000" },
  ])("are two when they differ in %o alone", (more) => {
    expect(settlements([row, { ...row, ...more }]).numRows()).toBe(2);
  });
});
