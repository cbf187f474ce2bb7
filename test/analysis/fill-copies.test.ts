import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pnl } from "../../src/analysis/profit/pnl.js";
import type { FillLike } from "../../src/analysis/read-fills.js";
import { rawOf } from "../../src/frames/exact.js";
import { parseTime } from "../../src/units/time.js";
import { anyAccount, fill } from "./profit/made-fills.js";

const micro = parseTime("2026-10-01T00:00:00.123456Z");
const one = fill("bid 5 @ 0.30", { created_time: micro, fee_cost: 1_000 });

describe("a fill that came twice", () => {
  it.each([
    ["milliseconds", parseTime("2026-10-01T00:00:00.123Z")],
    ["seconds", parseTime("2026-10-01T00:00:00Z")],
  ])("counts once where one file has its time in %s, and at the finer time", (_, created_time) => {
    const coarse = { ...one, created_time };
    for (const fills of [
      [one, coarse],
      [coarse, fill("bid 1 @ 0.10"), one],
    ]) {
      const profit = pnl({ fills });
      expect(profit.notes).toEqual(["1 fills came twice and were counted once"]);
      expect(rawOf(profit.fills, "created_time")).toContain(micro);
      expect(rawOf(profit.fills, "created_time")).not.toContain(created_time);
    }
  });

  it.each([
    ["count", { count: 400 }],
    ["price", { yes_price: 310_000 }],
    ["fee", { fee_cost: 0 }],
    ["market", { ticker: "KXB" }],
    ["side", { outcome_side: "no", book_side: "ask" }],
    ["time, by more than one of them can lack", { created_time: micro + 1_000_000 }],
  ] as const)("is refused where it is not the same: another %s", (_, other) => {
    expect(() => pnl({ fills: [one, { ...one, ...other }] })).toThrow(/came twice and is not the same/);
  });

  it("counts as the file has it that did not cut its count", () => {
    const cut = { ...one, count: 400, fee_cost: 0, count_exact: false };
    for (const fills of [
      [one, cut],
      [cut, one],
    ]) {
      expect(pnl({ fills }).toJSON().markets).toMatchObject([{ position: "5.00", fees: "0.001000" }]);
    }
  });

  it("is two where somebody traded with himself and no order tells them apart", () => {
    const other = { ...one, outcome_side: "no", book_side: "ask" };
    const orderless = ({ order_id: _, ...rest }: FillLike): FillLike => rest;
    expect(pnl({ fills: [orderless(one), orderless(other)] }).fills.numRows()).toBe(2);
  });

  it("changes nothing, wherever its copies stand", () => {
    fc.assert(
      fc.property(anyAccount, fc.array(fc.nat(), { maxLength: 20 }), ({ fills, marks, settlements }, again) => {
        if (fills.length === 0) return;
        const copies = again.map((at) => fills[at % fills.length]!);
        const whole = pnl({ fills, marks, settlements });
        const doubled = pnl({ fills: [...copies, ...fills], marks, settlements });
        expect(doubled.toJSON()).toEqual(whole.toJSON());
        expect(doubled.lots.objects()).toEqual(whole.lots.objects());
      }),
    );
  });
});
