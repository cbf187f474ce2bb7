import { type ColumnTable, table } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibration } from "../../../src/analysis/forecasts/calibration.js";
import { forecastScores } from "../../../src/analysis/forecasts/forecast-scores.js";
import { forecastsAt } from "../../../src/analysis/forecasts/forecasts-at.js";
import { withOutcomes } from "../../../src/analysis/forecasts/outcomes.js";
import { returnsByPrice } from "../../../src/analysis/forecasts/returns-by-price.js";
import { columnFrom } from "../../../src/frames/convert.js";
import { rawOf } from "../../../src/frames/exact.js";
import { makeTable } from "../../../src/frames/table.js";

const HOUR_MS = 3_600_000;
const code = (found: string) => expect.objectContaining({ code: found });

const marketsOf = (rows: readonly (readonly [ticker: string, event: string, value: number | null, result: string])[]) =>
  makeTable({
    ticker: columnFrom(
      "ticker",
      "text",
      "",
      rows.map(([ticker]) => ticker),
    ),
    event_ticker: columnFrom(
      "event_ticker",
      "text",
      "",
      rows.map(([, event]) => event),
    ),
    close_time: columnFrom(
      "close_time",
      "time",
      "",
      rows.map(() => 10 * HOUR_MS),
    ),
    settlement_value: columnFrom(
      "settlement_value",
      "dollars",
      "",
      rows.map(([, , value]) => value),
    ),
    result: columnFrom(
      "result",
      "text",
      "",
      rows.map(([, , , result]) => result),
    ),
  });

const markets = marketsOf([
  ["A", "E", 1, "yes"],
  ["B", "E", null, "no"],
  ["C", "E", 0.56, "scalar"],
  ["D", "F", null, ""],
]);

const trades = makeTable({
  created_time: columnFrom(
    "created_time",
    "time",
    "",
    [1, 9, 9.0001, 8, 9.5, 2].map((hours) => hours * HOUR_MS),
  ),
  ticker: columnFrom("ticker", "text", "", ["A", "A", "A", "C", "B", "D"]),
  yes_price: columnFrom("yes_price", "dollars", "", [0.3, 0.8, 0.9, 0.5, 0.1, 0.4]),
  count: columnFrom("count", "contracts", "", [1, 2, 0.5, 4, 3, 1]),
});

/** Forecasts in millionths, of events. */
const forecastsOf = (rows: readonly (readonly [price: number, outcome: number, event?: string])[]): ColumnTable =>
  makeTable({
    price: columnFrom(
      "price",
      "dollars",
      "",
      rows.map(([price]) => price / 1e6),
    ),
    outcome: columnFrom(
      "outcome",
      "dollars",
      "",
      rows.map(([, outcome]) => outcome / 1e6),
    ),
    event_ticker: columnFrom(
      "event_ticker",
      "text",
      "",
      rows.map(([, , event]) => event ?? "E"),
    ),
  });

describe("forecastsAt", () => {
  it("takes the last price at or before each moment, the moment itself included, and keeps markets that had none", () => {
    const forecasts = forecastsAt(trades, markets, { before: ["1h", "30m"] });
    const found = forecasts.select("before", "ticker", "price", "outcome", "hours_before").objects();
    expect(found).toEqual([
      { before: "30m", hours_before: 0.5, ticker: "A", price: 0.9, outcome: 1 },
      { before: "30m", hours_before: 0.5, ticker: "B", price: 0.1, outcome: 0 },
      { before: "30m", hours_before: 0.5, ticker: "C", price: 0.5, outcome: 0.56 },
      { before: "30m", hours_before: 0.5, ticker: "D", price: 0.4, outcome: null },
      { before: "1h", hours_before: 1, ticker: "A", price: 0.8, outcome: 1 },
      { before: "1h", hours_before: 1, ticker: "B", price: null, outcome: 0 },
      { before: "1h", hours_before: 1, ticker: "C", price: 0.5, outcome: 0.56 },
      { before: "1h", hours_before: 1, ticker: "D", price: 0.4, outcome: null },
    ]);
    expect(rawOf(forecasts, "time")[4]).toBe(9 * HOUR_MS * 1000);
  });

  it("does without a price that is too old, or a last quote without both sides", () => {
    const old = forecastsAt(trades, markets, { before: ["1h"], maxAge: "1h" });
    expect(rawOf(old, "price")).toEqual([800_000, null, 500_000, null]);
    const quotes = table({ time: [1, 2], ticker: ["A", "A"], midpoint: [0.5, null] });
    expect(rawOf(forecastsAt(quotes, markets, { before: ["1h"] }), "price")).toEqual([null, null, null, null]);
  });

  it("refuses no times, times given twice, and tables without prices", () => {
    expect(() => forecastsAt(trades, markets, { before: [] })).toThrow(code("BAD_ARGUMENT"));
    expect(() => forecastsAt(trades, markets, { before: ["60m", "1h"] })).toThrow(code("BAD_ARGUMENT"));
    expect(() => forecastsAt(trades.select("created_time", "ticker"), markets, { before: ["1h"] })).toThrow(
      code("COLUMN_MISSING"),
    );
  });
});

describe("forecastScores", () => {
  it("counts what it cannot score, and scores a scalar settlement by its value only when asked to", () => {
    const forecasts = forecastsAt(trades, markets, { before: ["30m", "1h"] });
    const counts = ["forecasts", "without_price", "unsettled", "scalar"];
    expect(forecastScores(forecasts).select(counts).objects()).toEqual([
      { forecasts: 2, without_price: 0, unsettled: 1, scalar: 1 },
      { forecasts: 1, without_price: 1, unsettled: 1, scalar: 1 },
    ]);
    const byValue = forecastScores(forecasts, { scalar: "value" });
    expect(byValue.array("forecasts")).toEqual([3, 2]);
    expect(byValue.array("brier")[1]).toBeCloseTo((0.2 ** 2 + 0.06 ** 2) / 2, 15);
    const crossEntropy = -(0.56 * Math.log(0.5) + 0.44 * Math.log(0.5));
    expect(byValue.array("log_loss")[1]).toBeCloseTo((-Math.log(0.8) + crossEntropy) / 2, 14);
  });

  it("decomposes the Brier score exactly, by value or in bins, also for outcomes between 0 and 1", () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0, 0, 1_000_000, 1_000_000, 560_000));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom("width" as const, "count" as const),
        (rows, bins, method) => {
          const list = rows.map(([step, outcome]) => [step * 50_000, outcome] as const);
          const plain = list.reduce((sum, [p, o]) => sum + ((p - o) / 1e6) ** 2, 0) / list.length;
          for (const options of [{}, { bins, method }]) {
            const [score] = forecastScores(forecastsOf(list), { ...options, scalar: "value" }).objects() as Record<
              string,
              number
            >[];
            const { brier, reliability, resolution, uncertainty } = score!;
            const { within_bin_variance: variance, within_bin_covariance: covariance } = score!;
            expect(brier).toBeCloseTo(plain, 13);
            expect(reliability! - resolution! + uncertainty! + variance! - covariance!).toBeCloseTo(brier!, 13);
            if (!("bins" in options)) expect([variance, covariance]).toEqual([0, 0]);
          }
        },
      ),
    );
  });

  it("gives the parts of a case worked by hand", () => {
    // At 0.2 one of four happened, at 0.8 all of two.
    const list = [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 1],
    ].map(([high, yes]) => [high === 1 ? 800_000 : 200_000, yes! * 1e6] as const);
    const [score] = forecastScores(forecastsOf(list)).objects() as Record<string, number>[];
    expect(score!.brier).toBeCloseTo((3 * 0.04 + 0.64 + 2 * 0.04) / 6, 15);
    expect(score!.reliability).toBeCloseTo((4 * 0.05 ** 2 + 2 * 0.2 ** 2) / 6, 15);
    expect(score!.resolution).toBeCloseTo((4 * 0.25 ** 2 + 2 * 0.5 ** 2) / 6, 15);
    expect(score!.uncertainty).toBe(0.25);
    expect(score!.skill).toBeCloseTo(1 - score!.brier! / 0.25, 15);
    expect(score!.accuracy).toBeCloseTo(5 / 6, 15);
    expect(score!.log_loss).toBeCloseTo(-(5 * Math.log(0.8) + Math.log(0.2)) / 6, 14);
  });

  it("clips sure prices for the log loss and says how many; scores probabilities of one's own; refuses what is none", () => {
    const [score] = forecastScores(
      forecastsOf([
        [0, 1e6],
        [1e6, 1e6],
        [500_000, 0],
      ]),
      { clip: 0.01 },
    ).objects() as Record<string, number>[];
    expect(score!.clipped).toBe(2);
    expect(score!.log_loss).toBeCloseTo(-(Math.log(0.01) + Math.log(0.99) + Math.log(0.5)) / 3, 14);
    const own = table({ mine: [0.25, 1], outcome: [0, 1] });
    expect(forecastScores(own, { price: "mine" }).array("brier")).toEqual([0.03125]);
    expect(() => forecastScores(table({ price: [1.5], outcome: [1] }))).toThrow(code("BAD_PRICE"));
    expect(() => forecastScores(own)).toThrow(code("COLUMN_MISSING"));
    expect(() => forecastScores(own, { price: "mine", clip: 0 })).toThrow(code("BAD_ARGUMENT"));
    expect(forecastScores(forecastsOf([])).numRows()).toBe(0);
  });
});

describe("calibration", () => {
  const prices = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 100 }).map((cents) => cents * 10_000),
      fc.constantFrom(0, 1_000_000),
    ),
    { minLength: 1, maxLength: 80 },
  );

  it("puts every forecast in the one bin that holds its price, by width", () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 13 }), (list, bins) => {
        const rows = calibration(forecastsOf(list), { bins }).objects() as Record<string, number>[];
        expect(rows.reduce((sum, row) => sum + row.forecasts!, 0)).toBe(list.length);
        for (const row of rows) {
          const own = list.filter(
            ([p]) =>
              BigInt(p) * BigInt(bins) >= BigInt(row.bin! - 1) * 1_000_000n &&
              (row.bin === bins || BigInt(p) * BigInt(bins) < BigInt(row.bin!) * 1_000_000n),
          );
          expect(row.forecasts).toBe(own.length);
          expect(row.outcome_rate).toBeCloseTo(own.filter(([, o]) => o > 0).length / own.length, 14);
          expect(row.low! <= row.outcome_rate! && row.outcome_rate! <= row.high!).toBe(true);
        }
      }),
    );
  });

  it("by count keeps one price together, ascends, and makes bins of equal size where prices are all different", () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 13 }), (list, bins) => {
        const rows = calibration(forecastsOf(list), { bins, method: "count" }).objects() as Record<string, number>[];
        expect(rows.length).toBeLessThanOrEqual(bins);
        expect(rows.reduce((sum, row) => sum + row.forecasts!, 0)).toBe(list.length);
        for (const [at, row] of rows.entries())
          if (at > 0) expect(row.price_from).toBeGreaterThan(rows[at - 1]!.price_to!);
      }),
    );
    const different = Array.from({ length: 40 }, (_, at) => [at * 20_000, 0] as const);
    expect(calibration(forecastsOf(different), { bins: 4, method: "count" }).array("forecasts")).toEqual([
      10, 10, 10, 10,
    ]);
  });

  it("gives Wilson's interval as it is in the books, for any confidence", () => {
    // 10 of 20: 0.2993 to 0.7007 (95 %); 0 of 10: 0 to z²/(10 + z²).
    const half = Array.from({ length: 20 }, (_, at) => [500_000, at % 2 === 0 ? 1e6 : 0] as const);
    const [row] = calibration(forecastsOf(half)).objects() as Record<string, number>[];
    expect([row!.low, row!.high].map((end) => end!.toFixed(4))).toEqual(["0.2993", "0.7007"]);
    const never = Array.from({ length: 10 }, () => [50_000, 0] as const);
    for (const [confidence, z] of [
      [0.9, 1.6448536269514722],
      [0.95, 1.959963984540054],
      [0.99, 2.5758293035489004],
    ] as const) {
      const [one] = calibration(forecastsOf(never), { confidence }).objects() as Record<string, number>[];
      expect(one!.low).toBe(0);
      expect(one!.high).toBeCloseTo((z * z) / (10 + z * z), 13);
    }
  });

  it("by resampling events gives a wider band where the markets of an event go together, and the same for the same seed", () => {
    const outcome = (event: number) => (event % 3 === 0 ? 1_000_000 : 0);
    const together = Array.from(
      { length: 300 },
      (_, at) => [300_000, outcome(Math.floor(at / 10)), `E${Math.floor(at / 10)}`] as const,
    );
    const apart = together.map(([price, yes], at) => [price, yes, `E${at}`] as const);
    const width = (list: typeof together, bootstrap: true | { seed: number } | false) => {
      const [row] = calibration(forecastsOf(list), { bootstrap }).objects() as Record<string, number>[];
      return row!.high! - row!.low!;
    };
    expect(width(together, true)).toBe(width(together, { seed: 1 }));
    expect(width(apart, true)).not.toBe(width(apart, { seed: 2 }));
    // Thirty events say what thirty forecasts say: √10 times as wide as three hundred.
    expect(width(together, true) / width(apart, true)).toBeGreaterThan(2.5);
    expect(width(together, true) / width(apart, true)).toBeLessThan(4);
    expect(width(apart, true) / width(apart, false)).toBeCloseTo(1, 0);
    expect(() => calibration(forecastsOf(together).select("price", "outcome"), { bootstrap: true })).toThrow(
      code("COLUMN_MISSING"),
    );
    expect(() => calibration(forecastsOf(together), { confidence: 95 })).toThrow(code("BAD_ARGUMENT"));
    expect(() => calibration(forecastsOf(together), { bins: 0 })).toThrow(code("BAD_ARGUMENT"));
  });

  it("takes forecasts of no event for none of one: how many events there are is not known, and none can be drawn", () => {
    const eventless = table({ price: [0.5, 0.5, 0.5], outcome: [1, 0, 1], event_ticker: ["E", null, null] });
    expect(calibration(eventless).objects()).toMatchObject([{ forecasts: 3, events: null }]);
    expect(() => calibration(eventless, { bootstrap: true })).toThrow(code("BAD_RECORD"));
    expect(() => returnsByPrice(eventless, { bootstrap: true })).toThrow(code("BAD_RECORD"));
  });
});

describe("returnsByPrice", () => {
  it("weighs trades by their contracts, pays scalar markets their value, and leaves out what is not settled", () => {
    const bought = withOutcomes(trades, markets);
    expect(bought.array("outcome")).toEqual([1, 1, 1, 0.56, 0, null]);
    expect(bought.array("event_ticker")).toEqual(["E", "E", "E", "E", "E", "F"]);
    const rows = returnsByPrice(bought, { bins: 2 }).objects() as Record<string, number>[];
    // Below $0.50: 1 at 0.30 that paid 1, 3 at 0.10 that paid nothing.
    expect(rows[0]).toMatchObject({ bin: 1, forecasts: 2, volume: 4, mean_price: 0.15, outcome_rate: 0.25, low: null });
    expect(rows[0]!.return_on_cost).toBeCloseTo(1 / 0.6 - 1, 14);
    // From $0.50: 2 at 0.80, 0.5 at 0.90, 4 at 0.50 that paid 0.56.
    expect(rows[1]).toMatchObject({ bin: 2, forecasts: 3, volume: 6.5 });
    expect(rows[1]!.mean_profit).toBeCloseTo((2.5 + 2.24 - 1.6 - 0.45 - 2) / 6.5, 14);
    expect(returnsByPrice(bought, { bins: 2, scalar: "leave out" }).array("volume")).toEqual([4, 2.5]);
  });

  it("of NO buyers are the other side of the same money", () => {
    const bought = withOutcomes(trades, markets);
    const total = (side: "yes" | "no") =>
      (returnsByPrice(bought, { bins: 1, side }).objects() as Record<string, number>[])[0]!;
    expect(total("no").mean_profit).toBeCloseTo(-total("yes").mean_profit!, 14);
    expect(total("no").mean_price).toBeCloseTo(1 - total("yes").mean_price!, 14);
    expect(() => returnsByPrice(bought, { side: "maybe" as "yes" })).toThrow(code("BAD_ARGUMENT"));
  });

  it("have a band by events around the return when asked for", () => {
    const rows = Array.from({ length: 60 }, (_, at) => [400_000, at % 2 === 0 ? 1e6 : 0, `E${at}`] as const);
    const [row] = returnsByPrice(forecastsOf(rows), { bootstrap: { samples: 400, seed: 7 } }).objects() as Record<
      string,
      number
    >[];
    expect(row!.return_on_cost).toBeCloseTo(0.25, 14);
    expect(row!.low!).toBeLessThan(0.1);
    expect(row!.high!).toBeGreaterThan(0.4);
  });
});
