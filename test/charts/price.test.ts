import { type ColumnTable, desc, table } from "arquero";
import { describe, expect, it } from "vitest";
import { event, price } from "../../src/charts/price.js";
import type { Datum, Spec } from "../../src/charts/spec.js";
import { withProvenance } from "../../src/frames/provenance.js";
import { drawn, everywhere, rowsOf } from "./drawing.js";
import { candles, trades } from "./samples.js";

interface Dot {
  readonly datum: { readonly ticker: string; readonly price: number; readonly count: number; readonly line?: string };
}

const rowsOfTable = (trades: ColumnTable) =>
  (trades.objects() as { ticker: string; yes_price: number; count: number }[]).map((row) => [
    row.ticker,
    row.yes_price,
    row.count,
  ]);

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

  it("draws all of many markets, the eight busiest in colour and the others in grey, and says so", async () => {
    const table = trades(100, MARKETS);
    const { spec } = event(table);
    const { domain, range } = everywhere(spec, "scale").find((scale) => "range" in (scale as Spec)) as {
      domain: string[];
      range: string[];
    };
    expect([domain.length, new Set(range).size, domain.at(-1)]).toEqual([9, 9, "2 others"]);
    expect(JSON.stringify(spec.title)).toContain("the 8 busiest of 10 markets in colour");
    const dots = (await drawn(spec, "symbol")) as unknown as Dot[];
    expect(dots.map(({ datum }) => [datum.ticker, datum.price, datum.count]).sort()).toEqual(rowsOfTable(table).sort());
    // Each market is a line of its own, also where several have one colour.
    const lines = (await drawn(spec, "line")) as unknown as (Dot & { strokeWidth: number })[];
    const widths = lines.map(({ datum, strokeWidth }) => [datum.line === undefined, strokeWidth]);
    expect(new Set(widths.map(String))).toEqual(new Set(["true,1.75", "false,1"]));
    const grey = rowsOf(spec).filter(({ market }) => market === "2 others");
    expect(new Set(grey.map(({ line }) => line)).size).toBe(2);
  });

  it("has a mark for every trade of an event, with its market, price and contracts", async () => {
    const table = trades(60, MARKETS.slice(0, 3));
    const dots = (await drawn(event(table).spec, "symbol")) as unknown as Dot[];
    expect(dots.map(({ datum }) => [datum.ticker, datum.price, datum.count]).sort()).toEqual(rowsOfTable(table).sort());
    const lines = (await drawn(event(table).spec, "line")) as unknown as Dot[];
    expect(lines.map(({ datum }) => datum.price).sort()).toEqual((table.array("yes_price") as number[]).sort());
  });

  it("highlights the markets asked for, whatever the others, and refuses one that is not there", () => {
    const quiet = MARKETS.at(-1)!;
    const { spec } = event(trades(100, MARKETS), { highlight: quiet });
    expect(new Set(rowsOf(spec).map(({ market }) => market))).toEqual(new Set([quiet.split("-").at(-1), "9 others"]));
    expect(JSON.stringify(spec.title)).toContain("1 of 10 markets in colour");
    for (const highlight of ["KX-NONE", [], MARKETS])
      expect(() => event(trades(100, MARKETS), { highlight })).toThrow(
        expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringContaining("highlight") }),
      );
  });

  it("keeps a spec of hundreds of markets small enough to open, lowest and highest price of each in it", () => {
    const many = Array.from({ length: 300 }, (_, at) => `KXGEN-26OCT01-M${at}`);
    const table = trades(60_000, many);
    const { spec } = event(table);
    expect(rowsOf(spec).length).toBeLessThan(20_000);
    const [ticker, price] = [table.array("ticker") as string[], table.array("yes_price") as number[]];
    const extremes = (of: (row: { market: unknown; line?: unknown }) => string, rows: readonly Datum[]) => {
      const found = new Map<string, [number, number]>();
      for (const row of rows) {
        if (row.price === null) continue;
        const [low, high] = found.get(of(row as never)) ?? [1, 0];
        found.set(of(row as never), [Math.min(low, row.price as number), Math.max(high, row.price as number)]);
      }
      return found;
    };
    const shown = extremes(({ market, line }) => String(line ?? `KXGEN-26OCT01-${market}`), rowsOf(spec));
    const all = extremes(
      ({ market }) => String(market),
      ticker.map((market, at): Datum => ({ market, price: price[at]! })),
    );
    expect(shown).toEqual(all);
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
