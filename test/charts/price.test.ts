import { desc, table } from "arquero";
import { describe, expect, it } from "vitest";
import { event, price } from "../../src/charts/price.js";
import type { Spec } from "../../src/charts/spec.js";
import { withProvenance } from "../../src/frames/provenance.js";
import { drawn, everywhere, rowsOf } from "./drawing.js";
import { candles, trades } from "./samples.js";

const MARKETS = Array.from({ length: 10 }, (_, at) => `KXGEN-26OCT01-T${at}`);

describe("chart.price", () => {
  it("draws a dot for every trade, at the prices of the table", async () => {
    const made = trades(60);
    const chart = price(made);
    const dots = await drawn(chart.spec, "symbol");
    expect(dots).toHaveLength(60);
    expect(dots.map((dot) => (dot as unknown as { datum: { price: number } }).datum.price)).toEqual(
      made.array("yes_price"),
    );
    expect(chart.rows).toBe(60);
  });

  it("draws the same whatever the order of the rows, and only the rows that a filter left", () => {
    expect(price(trades(60).orderby(desc("created_time"))).spec).toEqual(price(trades(60)).spec);
    expect(rowsOf(price(trades(60).slice(0, 10)).spec)).toHaveLength(10);
  });

  it("draws the same from a table that reads as integers", async () => {
    const doubles = trades(20);
    const fixed = table({
      created_time: doubles.array("created_time"),
      ticker: doubles.array("ticker"),
      yes_price: doubles.array("yes_price"),
      count: doubles.array("count"),
    });
    expect(price(fixed).spec).toEqual(price(doubles).spec);
  });

  it("keeps highest and lowest price of a long table, says that it was reduced, and draws no dots", async () => {
    const long = trades(20_000);
    const values = long.array("yes_price") as number[];
    const chart = price(long);
    const shown = rowsOf(chart.spec).map((row) => row.price as number);
    expect(shown.length).toBeLessThanOrEqual(4 * 721);
    expect(Math.max(...shown)).toBe(Math.max(...values));
    expect(Math.min(...shown)).toBe(Math.min(...values));
    expect(shown.at(-1)).toBe(values.at(-1));
    expect(JSON.stringify(chart.spec.title)).toContain("extremes kept");
    expect(await drawn(chart.spec, "symbol")).toHaveLength(0);
  });

  it("breaks the line of candles where a period is missing, and where nobody traded", async () => {
    // Ten candles, of which two are missing: the line has two pieces.
    const gap = rowsOf(price(candles(10, { without: [4, 5] })).spec);
    expect(gap.filter((row) => row.price === null)).toHaveLength(1);
    // A faint rule from the last close before the gap to the first candle after it.
    expect(await drawn(price(candles(10, { without: [4, 5] })).spec, "rule")).toHaveLength(1);
    expect(gap.find((row) => row.price === null)).toMatchObject({ held: gap[3]!.price, until: gap[5]!.time });
    const quiet = price(candles(10, { quiet: [6] }));
    expect(await drawn(quiet.spec, "symbol")).toHaveLength(9);
    expect(rowsOf(quiet.spec).filter((row) => row.price === null)).toHaveLength(1);
  });

  it("carries the exchange's previous price through a period without trades", () => {
    const quiet = candles(10, { quiet: [6] }).derive({ price_previous: () => 0.33 });
    const rows = rowsOf(price(quiet).spec);
    expect(rows.map((row) => row.price)).not.toContain(null);
    expect(rows[6]!.price).toBe(0.33);
  });

  it("draws a dot for a price between two gaps, also where the line is too long for dots", async () => {
    const chart = price(candles(9_000, { without: [100, 102] }));
    const dots = await drawn(chart.spec, "symbol");
    expect(dots).toHaveLength(1);
    const seen = (await drawn(price(candles(700, { without: [100, 102] })).spec, "symbol")).filter(
      ({ opacity }) => (opacity ?? 1) > 0,
    );
    expect(seen).toHaveLength(1);
  });

  it("has every trade to be pointed at as long as the line is not reduced, and then says that it is", async () => {
    for (const count of [500, 501, 2_000, 2_800]) {
      const chart = price(trades(count));
      const dots = await drawn(chart.spec, "symbol");
      expect(dots).toHaveLength(count);
      expect(
        dots.every((dot) => JSON.stringify((dot as { tooltip?: unknown }).tooltip ?? "").includes("YES price")),
      ).toBe(true);
      expect(JSON.stringify(chart.spec.title)).not.toContain("drawn as");
    }
    const long = price(trades(6_000));
    expect(await drawn(long.spec, "symbol")).toHaveLength(0);
    expect(JSON.stringify(long.spec.title)).toContain("drawn as");
  });

  it("breaks the line where the recording that its trades are of knows nothing", () => {
    const whole = trades(10);
    const [from, to] = ["2026-10-01T14:03:10Z", "2026-10-01T14:03:20Z"];
    const known = {
      ...{ noun: "trades", sources: [], cutoffs: null, from: null, to: null, covered: null, complete: false },
      ...{ why: "a gap", rows: 10, at: "2026-10-02T00:00:00Z" },
    };
    const broken = withProvenance(whole, {
      ...known,
      unknown: [{ tickers: ["KXGEN-26OCT01-T5"], from, to, reason: "disconnect" }],
    });
    const rows = rowsOf(price(broken).spec);
    expect(rows.map((row) => row.price === null)).toEqual(
      [0, 1, 2, 3, null, 4, 5, 6, 7, 8, 9].map((at) => at === null),
    );
    expect(JSON.stringify(price(broken).spec.title)).toContain("not known");
    const others = withProvenance(whole, { ...known, unknown: [{ tickers: ["KX-OTHER"], from, to, reason: "gap" }] });
    expect(rowsOf(price(others).spec).some((row) => row.price === null)).toBe(false);
  });

  it("joins trades across a silence unless told where a gap begins", () => {
    const sparse = trades(10, undefined, 600_000_000);
    expect(rowsOf(price(sparse).spec).some((row) => row.price === null)).toBe(false);
    expect(rowsOf(price(sparse, { gap: 60_000 }).spec).filter((row) => row.price === null)).toHaveLength(9);
  });

  it("draws the eight busiest of many markets and says so", () => {
    const chart = event(trades(100, MARKETS));
    const domain = (everywhere(chart.spec, "scale").find((scale) => "range" in (scale as Spec)) as Spec).domain;
    expect(domain).toHaveLength(8);
    expect(JSON.stringify(chart.spec.title)).toContain("the 8 busiest of 10 markets");
  });

  it("names markets by what tells them apart, in the order of their last prices or of the labels given", () => {
    const markets = MARKETS.slice(0, 3);
    const domainOf = (spec: Spec) =>
      (everywhere(spec, "scale").find((scale) => "range" in (scale as Spec)) as Spec).domain;
    const chart = event(trades(90, markets));
    expect(chart.title).toBe("KXGEN-26OCT01");
    expect([...(domainOf(chart.spec) as string[])].sort()).toEqual(["T0", "T1", "T2"]);
    const labels = { [markets[2]!]: "third", [markets[0]!]: "first", [markets[1]!]: "second" };
    expect(domainOf(event(trades(90, markets), { labels }).spec)).toEqual(["third", "first", "second"]);
  });

  it("shows probabilities from 0 to 100 percent", async () => {
    const svg = await event(trades(90, MARKETS.slice(0, 2))).svg();
    expect(svg).toContain(">100%<");
    expect(svg).toContain(">0%<");
  });

  it("names the columns it needs and those it found", () => {
    expect(() => price(table({ a: [1], b: [2] }))).toThrow(
      expect.objectContaining({ code: "COLUMN_MISSING", hint: expect.stringContaining("columns found: a, b") }),
    );
  });

  it("refuses an empty table and one without any price, with a hint", () => {
    expect(() => price(trades(0))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
    expect(() => price(candles(3, { quiet: [0, 1, 2] }))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
  });

  it("refuses a column of another kind", () => {
    expect(() => price(table({ created_time: ["soon"], yes_price: [0.5] }))).toThrow(
      expect.objectContaining({ code: "COLUMN_KIND" }),
    );
  });
});
