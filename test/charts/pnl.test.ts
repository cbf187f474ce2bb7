import { describe, expect, it } from "vitest";
import { pnl as profitOf } from "../../src/analysis/profit/pnl.js";
import { pnl } from "../../src/charts/pnl.js";
import { pnlByMarket } from "../../src/charts/pnl-by-market.js";
import { drawn, rowsOf } from "./drawing.js";
import { profit } from "./samples.js";

describe("chart.pnl", () => {
  it("marks every fill and every settlement on the line of net profit", async () => {
    const made = profit(40);
    const chart = pnl(made);
    const marks = (await drawn(chart.spec, "symbol")) as unknown as {
      datum: { kind: string; net: number; price: number | null };
    }[];
    expect(marks).toHaveLength(made.overTime.numRows());
    expect(marks.map(({ datum }) => datum.net)).toEqual(made.overTime.array("net"));
    expect(marks.filter(({ datum }) => datum.kind === "settled")).toHaveLength(1);
    expect(marks.flatMap(({ datum }) => datum.price ?? [])).toEqual(made.fills.array("yes_price"));
  });

  it("marks every fill also of many, as long as the line is not reduced, and then says that it does not", async () => {
    for (const count of [410, 1_200]) {
      const made = profit(count);
      expect(await drawn(pnl(made).spec, "symbol")).toHaveLength(made.overTime.numRows());
    }
    const long = pnl(profit(9_000));
    expect(await drawn(long.spec, "symbol")).toHaveLength(0);
    expect(JSON.stringify(long.spec.title)).toContain("fills not marked");
  });

  it("keeps the highest and lowest profit of many fills, with fees and without, and every cent of fees at the end", () => {
    const made = profit(9_000);
    const { spec } = pnl(made);
    const rows = rowsOf(spec) as unknown as Readonly<Record<"net" | "realized" | "fees", number>>[];
    expect(rows.length).toBeLessThan(made.overTime.numRows() / 2);
    for (const name of ["net", "realized"] as const) {
      // The line begins at zero.
      const all = [0, ...(made.overTime.array(name) as number[])];
      const shown = rows.map((row) => row[name]);
      expect([Math.min(...shown), Math.max(...shown)], name).toEqual([Math.min(...all), Math.max(...all)]);
      expect(shown.at(-1)).toBe(all.at(-1));
    }
    expect(rows.at(-1)!.fees).toBe(made.fees.toNumber());
    expect(JSON.stringify(spec.title)).toContain("extremes kept");
  });

  it("starts from zero and ends at the profit realized, fees apart", () => {
    const made = profit(40);
    const rows = rowsOf(pnl(made).spec);
    expect(rows[0]).toMatchObject({ net: 0, realized: 0, fees: 0 });
    expect(rows.at(-1)!.realized).toBe(made.realized.toNumber());
    expect(rows.at(-1)!.fees).toBe(made.fees.toNumber());
  });

  it("shows fees that only rise, also where many fills share a moment", async () => {
    const together = Array.from({ length: 40 }, (_, at) => ({
      created_time: 1e15,
      ticker: "SANDBOX-26OCT01-A",
      yes_price: 500_000,
      count: 100,
      fee_cost: 10_000,
      outcome_side: at % 2 === 0 ? "yes" : "no",
      book_side: null,
      side: null,
    }));
    const area = (await drawn(pnl(profitOf({ fills: together })).spec, "area")) as unknown as { y: number }[];
    const heights = area.map(({ y }) => y);
    expect(heights).toHaveLength(41);
    expect(heights).toEqual([...heights].sort((a, b) => b - a));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
  });

  it("refuses an account that did not trade", () => {
    expect(() => pnl(profitOf({ fills: [] }))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
  });
});

describe("chart.pnlByMarket", () => {
  it("draws a bar for every market, its length the net profit, the largest gain on top", async () => {
    const made = profit(40);
    const bars = (await drawn(pnlByMarket(made).spec, "rect")) as unknown as {
      datum: { ticker: string; net: number };
    }[];
    const nets = new Map(
      made.markets.objects().map((row) => [(row as { ticker: string }).ticker, (row as { net: number }).net]),
    );
    const shown = bars.slice(0, 3);
    expect(new Map(shown.map(({ datum }) => [datum.ticker, datum.net]))).toEqual(nets);
    expect(shown.map(({ datum }) => datum.net)).toEqual([...nets.values()].sort((a, b) => b - a));
  });

  it("labels every bar with its exact amount, however small, and keeps room for it", async () => {
    const fills = [
      { ticker: "A", yes_price: 400_000, count: 40, outcome_side: "yes" },
      { ticker: "A", yes_price: 390_000, count: 40, outcome_side: "no" },
      { ticker: "B", yes_price: 100_000, count: 1_234_500, outcome_side: "yes" },
      { ticker: "B", yes_price: 200_100, count: 1_234_500, outcome_side: "no" },
      { ticker: "C", yes_price: 100_000, count: 100, outcome_side: "yes" },
      { ticker: "C", yes_price: 100_000, count: 100, outcome_side: "no" },
    ].map((one, at) => ({ created_time: 1e15 + at, fee_cost: 0, book_side: null, side: null, ...one }));
    const chart = pnlByMarket(profitOf({ fills }));
    const texts = (await drawn(chart.spec, "text")) as unknown as { text: string; x: number; align: string }[];
    expect(texts.map(({ text }) => text).sort()).toEqual(["$0.00", "$1,235.7345", "−$0.004"]);
    for (const { text, x, align } of texts) {
      const reach = align === "left" ? x + 6 * text.length : x - 6 * text.length;
      expect(reach, text).toBeGreaterThanOrEqual(0);
      expect(reach, text).toBeLessThanOrEqual(560);
    }
  });

  it("shows the largest gains and losses of many markets and says so", () => {
    const chart = pnlByMarket(profit(40), { most: 2 });
    expect(rowsOf(chart.spec)).toHaveLength(2);
    expect(JSON.stringify(chart.spec.title)).toContain("the 2 largest gains and losses shown");
  });
});
