import { describe, expect, it } from "vitest";
import { price } from "../../src/charts/price.js";
import { spread } from "../../src/charts/spread.js";
import { drawn, everywhere, rowsOf } from "./drawing.js";
import { candles, quotes, trades } from "./samples.js";

const ticker = ["SANDBOX-26OCT01-A"];

interface Mark {
  readonly shape: string;
  readonly datum: { readonly price: number; readonly count: number; readonly taker: string };
  readonly tooltip: Readonly<Record<string, string>>;
}

describe("chart.price with quotes", () => {
  const made = trades(30, ticker, 2_000_000);

  it("marks every trade at its price, by the side of its taker, and draws every quote of the band", async () => {
    const chart = price(made, { quotes: quotes(60) });
    const marks = (await drawn(chart.spec, "symbol")) as unknown as Mark[];
    expect(marks.map(({ datum }) => datum.price)).toEqual(made.array("yes_price"));
    expect(marks.map(({ datum }) => datum.count)).toEqual(made.array("count"));
    expect(new Set(marks.map(({ datum }) => datum.taker))).toEqual(new Set(["taker took YES"]));
    expect(marks[0]!.tooltip).toMatchObject({ "YES price": `$${made.get("yes_price", 0)}`, contracts: "1" });
    expect(rowsOf(chart.spec)).toHaveLength(60);
    expect(await drawn(chart.spec, "area")).toHaveLength(60);
  });

  it("tells takers of NO apart by colour and shape", async () => {
    const sides = made.derive({ taker_outcome_side: (row: { count: number }) => (row.count < 1.1 ? "yes" : "no") });
    const marks = (await drawn(price(sides, { quotes: quotes(60) }).spec, "symbol")) as unknown as (Mark & {
      fill: string;
    })[];
    const looks = new Map(marks.map(({ datum, shape, fill }) => [datum.taker, [shape, fill].join()]));
    expect(looks.size).toBe(2);
    expect(new Set(looks.values()).size).toBe(2);
    expect(marks.filter(({ datum }) => datum.taker === "taker took NO")).toHaveLength(20);
  });

  it("has no band while a side is empty", async () => {
    const chart = price(made, { quotes: quotes(60, [20, 21]) });
    const area = (await drawn(chart.spec, "area")) as unknown as { defined?: boolean }[];
    expect(area.filter(({ defined }) => defined === false)).toHaveLength(2);
    expect(JSON.stringify(chart.spec.title)).toContain("no band where a side is empty");
  });

  it("keeps the extremes of trades and quotes of long tables, and says that both were reduced", () => {
    const long = trades(20_000, ticker, 100_000);
    const band = quotes(20_000);
    const chart = price(long, { quotes: band });
    const [lines, marks] = everywhere(chart.spec, "values") as Record<string, number>[][];
    const of = (list: readonly (number | undefined | null)[]) => {
      const there = list.filter((one) => one !== null && one !== undefined);
      return [Math.min(...there), Math.max(...there)];
    };
    expect(of(marks!.map((row) => row.price))).toEqual(of(long.array("yes_price") as number[]));
    expect(of(lines!.map((row) => row.yes_bid))).toEqual(of(band.array("yes_bid") as number[]));
    expect(of(lines!.map((row) => row.yes_ask))).toEqual(of(band.array("yes_ask") as number[]));
    expect(marks!.length).toBeLessThanOrEqual(4 * 181);
    expect(JSON.stringify(chart.spec.title)).toMatch(/trades drawn, extremes kept.*quotes, extremes kept/);
  });

  it("takes candles as the band, and breaks it where one is missing, as the spread does", async () => {
    const hours = candles(12, { without: [5] });
    const own = trades(3, ["KXGEN-26OCT01-T5"]);
    for (const { spec } of [price(own, { quotes: hours }), spread(hours)]) {
      expect(rowsOf(spec)).toHaveLength(12);
      expect(rowsOf(spec).filter((row) => row.yes_bid === null)).toHaveLength(1);
    }
    expect(JSON.stringify(spread(hours).spec.title)).toContain("11 candles");
    expect(JSON.stringify(spread(hours).spec.title)).not.toContain("one-sided");
  });

  it("refuses trades of several markets, and quotes of another one", () => {
    expect(() => price(trades(9, ["A", "B"]), { quotes: quotes(9) })).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
    expect(() => price(trades(9), { quotes: quotes(9) })).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
  });
});
