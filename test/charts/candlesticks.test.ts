import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { merge } from "../../src/charts/candles.js";
import { candlesticks } from "../../src/charts/candlesticks.js";
import { drawn, expectLinear, rowsOf } from "./drawing.js";
import { candles } from "./samples.js";

interface Mark {
  readonly x: number;
  readonly y: number;
  readonly y2: number;
  readonly height: number;
  readonly datum: Readonly<Record<string, number>>;
}

describe("chart.candlesticks", () => {
  it("draws a body, a wick and a volume bar for every candle with trades", async () => {
    const chart = candlesticks(candles(30, { quiet: [4, 9], without: [20] }));
    expect(rowsOf(chart.spec)).toHaveLength(27);
    expect(await drawn(chart.spec, "rect")).toHaveLength(2 * 27);
    expect(await drawn(chart.spec, "rule")).toHaveLength(27);
  });

  it("draws each candle with trades where its prices and volume stand, from the table's rows and no others", async () => {
    const table = candles(30, { quiet: [4, 9], without: [20] });
    const { spec } = candlesticks(table);
    const names = ["start_time", "end_time", "price_open", "price_high", "price_low", "price_close", "volume"];
    const rows = (table.objects() as Readonly<Record<string, number | null>>[])
      .filter(({ price_open }) => price_open !== null)
      .map((row) => names.map((name) => row[name]!));
    const told = ({ datum }: Mark) => {
      const { start, end, open, high, low, close, volume } = datum;
      return [start, end, open, high, low, close, volume] as number[];
    };
    const rects = (await drawn(spec, "rect")) as unknown as Mark[];
    const wicks = (await drawn(spec, "rule")) as unknown as Mark[];
    const [bodies, volumes] = [rects.slice(0, rows.length), rects.slice(rows.length)];
    for (const marks of [bodies, volumes, wicks]) expect(marks.map(told)).toEqual(rows);
    const column = (at: number) => rows.map((row) => row[at]!);
    const [opens, highs, lows, closes, counts] = [2, 3, 4, 5, 6].map(column) as [
      ...(readonly [number[], number[], number[], number[], number[]]),
    ];
    // Prices of wicks and bodies share one axis.
    expectLinear(
      [
        ...wicks.map(({ y, y2 }) => Math.min(y, y2)),
        ...wicks.map(({ y, y2 }) => Math.max(y, y2)),
        ...bodies.map(({ y }) => y),
        ...bodies.map(({ y, height }) => y + height),
      ],
      [
        ...highs,
        ...lows,
        ...opens.map((open, at) => Math.max(open, closes[at]!)),
        ...opens.map((open, at) => Math.min(open, closes[at]!)),
      ],
    );
    expectLinear(
      volumes.map(({ height }) => height),
      counts,
    );
    expectLinear(
      wicks.map(({ x }) => x),
      rows.map(([start, end]) => (start! + end!) / 2),
    );
  });

  it("says how many candles it merged when they would be too thin", () => {
    const chart = candlesticks(candles(700));
    expect(rowsOf(chart.spec).length).toBeLessThanOrEqual(180);
    expect(JSON.stringify(chart.spec.title)).toContain("700 candles");
    expect(JSON.stringify(chart.spec.title)).toContain("merged into");
  });

  it("asks which market when the table holds several", () => {
    const other = candles(5).derive({ ticker: () => "KXGEN-26OCT01-T6" });
    const both = candles(5).concat(other);
    expect(() => candlesticks(both)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(rowsOf(candlesticks(both, { ticker: "KXGEN-26OCT01-T6" }).spec)).toHaveLength(5);
  });

  it("refuses candles without any trade, and a table without candles", () => {
    expect(() => candlesticks(candles(2, { quiet: [0, 1] }))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
    expect(() => candlesticks(candles(2).select("start_time"))).toThrow(
      expect.objectContaining({ code: "COLUMN_MISSING" }),
    );
  });
});

describe("merge", () => {
  const anyCandles = fc
    .array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 99 }), fc.nat(50)), { minLength: 1 })
    .map((list) => {
      let start = 0;
      return list.map(([skip, price, volume]) => {
        start += 60_000 * (1 + skip);
        return { start, end: start + 60_000, open: price, high: price + 1, low: price - 1, close: price, volume };
      });
    });

  it("keeps extremes, ends and volume, and comes down to the number asked", () => {
    fc.assert(
      fc.property(anyCandles, fc.integer({ min: 1, max: 40 }), (list, most) => {
        const merged = merge(list, most);
        expect(merged.length).toBeLessThanOrEqual(Math.max(most, list.length === 1 ? 1 : most));
        expect(Math.max(...merged.map((one) => one.high))).toBe(Math.max(...list.map((one) => one.high)));
        expect(Math.min(...merged.map((one) => one.low))).toBe(Math.min(...list.map((one) => one.low)));
        expect(merged[0]!.open).toBe(list[0]!.open);
        expect(merged.at(-1)!.close).toBe(list.at(-1)!.close);
        const volume = (candlesOf: readonly { volume: number }[]) =>
          candlesOf.reduce((sum, one) => sum + one.volume, 0);
        expect(volume(merged)).toBe(volume(list));
      }),
    );
  });
});
