import { table } from "arquero";
import { describe, expect, it } from "vitest";
import { depth } from "../../src/charts/depth.js";
import { spread } from "../../src/charts/spread.js";
import { spreadColumns } from "../../src/charts/spread-panel.js";
import { orderbook } from "../../src/frames/orderbook.js";
import { CENT } from "../../src/units/price.js";
import { drawn, everywhere, expectLinear, rowsOf } from "./drawing.js";
import { candles, levels, quotes } from "./samples.js";

type Three = [number[], number[], number[]];

describe("chart.spread", () => {
  it("draws bid and ask of every quote", async () => {
    const chart = spread(quotes(60));
    expect(rowsOf(chart.spec)).toHaveLength(60);
    expect(await drawn(chart.spec, "symbol")).toHaveLength(2 * 60);
  });

  it("puts bid and ask of every row of the table where they stand, and the spread below", async () => {
    const table = quotes(60);
    const { spec } = spread(table);
    const [time, bid, ask] = ["time", "yes_bid", "yes_ask"].map((name) => table.array(name) as number[]) as Three;
    const dots = (await drawn(spec, "symbol")) as unknown as { x: number; y: number }[];
    expectLinear(
      dots.map(({ x }) => x),
      [...time, ...time],
    );
    const ys = dots.map(({ y }) => y);
    // Asks above bids, on one axis.
    const [first, second] = ys[0]! < ys[60]! ? [ask, bid] : [bid, ask];
    expectLinear(ys, [...first!, ...second!]);
    const rows = rowsOf(spec);
    expect(rows.map((row) => [row.time, row.yes_bid, row.yes_ask])).toEqual(
      time.map((at, row) => [at, bid[row], ask[row]]),
    );
    for (const [at, row] of rows.entries()) expect(row.spread).toBeCloseTo(ask[at]! - bid[at]!, 9);
  });

  it("leaves a gap while a side is empty, and says how often", async () => {
    const chart = spread(quotes(60, [20, 21, 22]));
    expect(rowsOf(chart.spec).filter((row) => row.spread === null)).toHaveLength(3);
    expect(JSON.stringify(chart.spec.title)).toContain("3 one-sided");
    // Sixty bids and fifty-seven asks, and none where the last two-sided quote ends.
    expect(await drawn(chart.spec, "symbol")).toHaveLength(60 + 57);
  });

  it("tells times that are not known from a side that is empty, and puts no quote there", async () => {
    const trust = Array.from({ length: 60 }, (_, at) => (at === 21 || at === 22 ? "unknown" : "ok"));
    const some = quotes(60, [20, 21, 22]).assign(table({ trust }));
    const chart = spread(some);
    expect(JSON.stringify(chart.spec.title)).toContain("1 one-sided");
    expect(JSON.stringify(chart.spec.title)).toContain("2 times not known");
  });

  it("has every quote to be pointed at as long as it is not reduced", async () => {
    expect(await drawn(spread(quotes(700)).spec, "symbol")).toHaveLength(1_400);
    expect(await drawn(spread(quotes(9_000)).spec, "symbol")).toHaveLength(0);
  });

  it("shows narrowest, widest and mean of every pixel where quotes are denser than pixels", () => {
    const chart = spread(quotes(9_000));
    expect(JSON.stringify(chart.spec.title)).toContain("extremes kept");
    const columns = rowsOf(chart.spec) as unknown as { narrowest: number; widest: number; mean: number }[];
    expect(columns.length).toBeLessThanOrEqual(721);
    for (const { narrowest, widest, mean } of columns) {
      expect(mean).toBeGreaterThanOrEqual(narrowest);
      expect(mean).toBeLessThanOrEqual(widest);
    }
  });

  it.each([
    ["all two-sided", []],
    ["with gaps", [20, 21, 4_000, 4_001, 4_002, 8_999]],
  ] as const)(
    "draws of more quotes than pixels what stands highest and lowest in each of them, %s",
    async (_, empty) => {
      const table = quotes(9_000, empty);
      const { spec } = spread(table);
      const [time, bid, ask] = ["time", "yes_bid", "yes_ask"].map((name) => table.array(name) as number[]) as Three;
      const perPixel = (time.at(-1)! - time[0]!) / 720;
      const columnOf = (at: number) => Math.floor((at - time[0]!) / perPixel);
      const inColumns = (of: readonly number[], values: readonly (number | null)[]) => {
        const columns = new Map<number, (number | null)[]>();
        for (const [row, at] of of.entries())
          columns.set(columnOf(at), [...(columns.get(columnOf(at)) ?? []), values[row]!]);
        return [...columns].map(([column, some]) => {
          const there = some.filter((one) => one !== null);
          return [column, Math.min(...there), Math.max(...there), some[0], some.at(-1), some.includes(null)];
        });
      };
      const lines = everywhere(spec, "values").slice(1) as Record<string, number>[][];
      const drawnOf = (side: string) => lines.find((rows) => rows[0]![side] !== undefined)!;
      for (const [side, values] of [
        ["yes_bid", bid],
        ["yes_ask", ask],
      ] as const) {
        // Without the corners in which a quote ends.
        const rows = drawnOf(side).filter(({ time: at }, row, all) => all[row + 1]?.time !== at);
        expect(rows.length).toBeLessThan(4 * 721 + 20);
        expect(
          inColumns(
            rows.map((row) => row.time!),
            rows.map((row) => row[side]!),
          ),
        ).toEqual(inColumns(time, values));
      }
      // Every row of either line is a point of it, and every column one of the band and of the panel below.
      expect(await drawn(spec, "line")).toHaveLength(
        drawnOf("yes_bid").length + drawnOf("yes_ask").length + rowsOf(spec).length,
      );
      expect(await drawn(spec, "area")).toHaveLength(2 * rowsOf(spec).length);
    },
  );

  it("draws closing quotes of candles", () => {
    expect(rowsOf(spread(candles(12)).spec)).toHaveLength(12);
  });

  it("refuses a book that was one-sided all along, and a table without quotes", () => {
    expect(() => spread(quotes(2, [0, 1]))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
    expect(() => spread(quotes(0))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
    expect(() => spread(levels())).toThrow(expect.objectContaining({ code: "COLUMN_MISSING" }));
  });
});

describe("spreadColumns", () => {
  it("weighs each spread by the time it stood, also the one standing when a column begins", () => {
    const [bid, ask] = [
      [0.4, 0.39, 0.41],
      [0.42, 0.44, 0.42],
    ];
    const read = { time: [0, 15, 18], bid, ask, spread: [0.02, 0.05, 0.01], span: [0, 20] as const, candles: false };
    expect(spreadColumns(read, 10)).toEqual([
      { time: 0, narrowest: 0.02, widest: 0.02, mean: 0.02, band_low: 0.4, band_high: 0.42 },
      // 5 of ten at 0.02, 3 at 0.05, 2 at 0.01
      { time: 10, narrowest: 0.01, widest: 0.05, mean: 0.027, band_low: 0.39, band_high: 0.44 },
    ]);
  });

  it("has nothing in a column that had no two-sided quote", () => {
    const one = { bid: [0.4, 0.4, 0.4], ask: [0.42, null, 0.43], spread: [0.02, null, 0.03] };
    const columns = spreadColumns({ ...one, time: [0, 9, 30], span: [0, 30], candles: false }, 10);
    expect(columns.map(({ band_low, band_high, mean }) => [band_low, band_high, mean])).toEqual([
      [0.4, 0.42, 0.02],
      [null, null, null],
      [null, null, null],
      [0.4, 0.43, 0.03],
    ]);
  });
});

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly datum: { readonly price: number; readonly depth: number };
}

describe("chart.depth", () => {
  it("adds contracts up from the best price outwards, asks in YES prices", () => {
    const rows = rowsOf(depth(levels()).spec).filter((row) => row.count !== null);
    expect(rows.map((row) => [row.side, row.price, row.count, row.depth])).toEqual([
      ["bids", 0.47, 100.5, 100.5],
      ["bids", 0.45, 200, 300.5],
      ["asks", 0.5, 70, 70],
      ["asks", 0.51, 50, 120],
      ["asks", 0.7, 400, 520],
    ]);
  });

  it("draws a dot for every level shown and says how many are further out", async () => {
    const dots = (await drawn(depth(levels()).spec, "symbol")) as unknown as Dot[];
    expect(dots.map(({ datum }) => [datum.price, datum.depth]).sort()).toEqual([
      [0.45, 300.5],
      [0.47, 100.5],
      [0.5, 70],
      [0.51, 120],
      [0.7, 520],
    ]);
    expectLinear(
      dots.map(({ x }) => x),
      dots.map(({ datum }) => datum.price),
    );
    expectLinear(
      dots.map(({ y }) => y),
      dots.map(({ datum }) => datum.depth),
    );
    const near = depth(levels(), { within: 0.1 });
    expect(await drawn(near.spec, "symbol")).toHaveLength(4);
    expect(JSON.stringify(near.spec.title)).toContain("1 further out not shown");
  });

  it("labels contracts from 0 over fractions to thousands, each as one reads it", async () => {
    const labels = async (most: number) => {
      const table = orderbook({ ticker: "A", yes: [{ price: 40 * CENT, count: most }], no: [] });
      return [...(await depth(table).svg()).matchAll(/>([\d.]+[a-zµ]?)</gi)].map(([, label]) => label);
    };
    expect(await labels(3_000_000)).toEqual(expect.arrayContaining(["0", "10k", "30k"]));
    expect(await labels(50)).toEqual(expect.arrayContaining(["0", "0.1", "0.5"]));
  });

  it("refuses an empty book and a table without levels", () => {
    expect(() => depth(levels().slice(0, 0))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
    expect(() => depth(quotes(3))).toThrow(expect.objectContaining({ code: "COLUMN_MISSING" }));
  });
});
