import type { ColumnTable } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tradeBars } from "../../../src/analysis/joins/trade-bars.js";
import type { TradeEvent } from "../../../src/book/event.js";
import type { Bar } from "../../../src/flow/bar.js";
import { type BarSize, bars } from "../../../src/flow/bars.js";
import { rawOf } from "../../../src/frames/exact.js";
import { type Provenance, withProvenance } from "../../../src/frames/provenance.js";
import { tableOf } from "../../../src/frames/table-of.js";
import { trades } from "../../../src/frames/trades.js";
import { formatCount } from "../../../src/units/count.js";
import { formatPrice } from "../../../src/units/price.js";
import { formatTime, SECOND } from "../../../src/units/time.js";
import { expectError } from "../../support/errors.js";
import { tradeOf } from "../../support/events.js";

const START = 1_790_000_000 * SECOND;

const events: fc.Arbitrary<TradeEvent[]> = fc
  .array(
    fc.record({
      ms: fc.integer({ min: 0, max: 400_000 }),
      ticker: fc.constantFrom("A", "B"),
      yes_price: fc.integer({ min: 1, max: 9_999 }).map((step) => step * 100),
      count: fc.integer({ min: 1, max: 300_000 }),
      taker: fc.constantFrom("yes", "no"),
    }),
    { maxLength: 40 },
  )
  .map((list) =>
    [...list]
      .sort((a, b) => a.ms - b.ms)
      .map(({ ms, ticker, ...trade }) =>
        tradeOf(START + ms * 1_000, trade.yes_price, trade.count, trade.taker, { ticker }),
      ),
  );

/** The trades as REST sends them, from any order; their ids ascend as they happened. */
const asTable = (list: readonly TradeEvent[]): ColumnTable =>
  trades(
    list
      .map((event, at) => ({
        trade_id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
        ticker: event.ticker,
        yes_price_dollars: formatPrice(event.yes_price),
        no_price_dollars: formatPrice(1_000_000 - event.yes_price),
        count_fp: formatCount(event.count),
        taker_outcome_side: event.taker_outcome_side,
        created_time: formatTime(event.time!),
      }))
      .reverse(),
  );

const figures = (table: ColumnTable) =>
  Array.from({ length: table.numRows() }, (_, row) => [
    table.array("ticker")[row],
    ...[
      ...["start_time", "end_time", "price_open", "price_high", "price_low", "price_close", "vwap"],
      ...["volume", "taker_yes_volume", "taker_no_volume", "trades", "late_trades"],
    ].map((name) => rawOf(table, name)[row]),
  ]).sort((a, b) => String(a).localeCompare(String(b)));

const origin = (parts: Partial<Provenance>): Provenance => ({
  ...{ noun: "trade", sources: [], cutoffs: null, from: null, to: null, covered: null },
  ...{ complete: true, why: null, rows: 0, at: "2026-10-01T00:00:00Z" },
  ...parts,
});

describe("tradeBars", () => {
  it("gives the bars that `bars` gives over the same trades as events, of any size", () => {
    const sizes: fc.Arbitrary<BarSize> = fc.oneof(
      fc.record({ every: fc.constantFrom("1s", "50s", "1m", "1h") }),
      fc.record({ volume: fc.integer({ min: 1, max: 5_000 }) }),
      fc.record({ trades: fc.integer({ min: 1, max: 9 }) }),
    );
    fc.assert(
      fc.property(events, sizes, (list, size) => {
        const expected = tableOf(bars(size)(list));
        expect(figures(tradeBars(asTable(list), size))).toEqual(figures(expected));
      }),
      { numRuns: 200 },
    );
  });

  const three = [0, 70, 130].map((second) => tradeOf(START + second * SECOND, 500_000, 100, "yes", { ticker: "A" }));
  const trustOf = (parts: Partial<Provenance>, size: BarSize = { every: "1m" }) =>
    tradeBars(withProvenance(asTable(three), origin(parts)), size).array("trust");

  it("ascend by their end, and say what may be missing: what lies outside the span asked for, or in an unknown time", () => {
    const from = formatTime(START + SECOND);
    const to = formatTime(START + 200 * SECOND);
    const minute = Math.floor(START / (60 * SECOND)) * 60 * SECOND;
    expect(rawOf(tradeBars(asTable(three), { every: "1m" }), "end_time")).toEqual(
      [1, 2, 3].map((at) => minute + at * 60 * SECOND),
    );
    expect(tradeBars(asTable(three), { every: "1m" }).array("trust")).toEqual(["ok", "ok", "ok"]);
    expect(trustOf({ from, to })).toEqual(["partial", "ok", "ok"]);
    expect(trustOf({ to: formatTime(minute + 150 * SECOND) })).toEqual(["ok", "ok", "partial"]);
    const unknown = {
      tickers: ["A"],
      reason: "sequence",
      from: formatTime(minute + 70 * SECOND),
      to: formatTime(minute + 71 * SECOND),
    };
    expect(trustOf({ to, unknown: [unknown], complete: false })).toEqual(["ok", "partial", "ok"]);
    expect(trustOf({ to, unknown: [{ ...unknown, tickers: ["B"] }], complete: false })).toEqual(["ok", "ok", "ok"]);
    expect(trustOf({ to, complete: false })).toEqual(["partial", "partial", "partial"]);
  });

  it("call a last bar by contracts or trades partial when it is not full", () => {
    expect(tradeBars(asTable(three), { trades: 2 }).array("trust")).toEqual(["ok", "partial"]);
    expect(tradeBars(asTable(three), { volume: 1 }).array("trust")).toEqual(["ok", "ok", "ok"]);
  });

  it("of no trades are a table of bars without rows, and sizes that are none are refused", () => {
    const none = tradeBars(asTable([]), { every: "1m" });
    expect([none.numRows(), none.columnNames()[0]]).toEqual([0, "start_time"]);
    expect(() => tradeBars(asTable(three), { trades: 0 })).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(() => tradeBars(asTable(three).select("created_time", "ticker"), { trades: 1 })).toThrow(
      expect.objectContaining({ code: "COLUMN_MISSING" }),
    );
  });

  it("are refused of a table that has a trade twice, which dedupe mends", () => {
    const once = asTable([tradeOf(START, 500_000, 100, "yes", {}), tradeOf(START + SECOND, 510_000, 200, "no", {})]);
    expectError(() => tradeBars(once.concat(once), { every: "1m" }), "BAD_RECORD", /dedupe/);
    const mended = once.concat(once).dedupe("trade_id");
    expect(rawOf(tradeBars(mended, { every: "1m" }), "volume")).toEqual(
      rawOf(tradeBars(once, { every: "1m" }), "volume"),
    );
  });

  it("add up to the table: each trade is in one bar", () => {
    fc.assert(
      fc.property(events, (list) => {
        const made = tradeBars(asTable(list), { every: "50s" }).objects() as Pick<Bar, "trades" | "ticker">[];
        for (const ticker of ["A", "B"]) {
          const own = made.filter((bar) => bar.ticker === ticker).reduce((sum, bar) => sum + bar.trades, 0);
          expect(own).toBe(list.filter((event) => event.ticker === ticker).length);
        }
      }),
    );
  });
});
