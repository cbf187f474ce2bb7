import { type ColumnTable, desc, table } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AsofOptions, asofJoin } from "../../../src/analysis/joins/asof-join.js";
import type { TableColumn } from "../../../src/frames/columns.js";
import { columnFrom } from "../../../src/frames/convert.js";
import { rawOf } from "../../../src/frames/exact.js";
import { provenance, withProvenance } from "../../../src/frames/provenance.js";
import type { ScaledColumn } from "../../../src/frames/scaled-column.js";
import { schemaOf } from "../../../src/frames/schema.js";
import { makeTable } from "../../../src/frames/table.js";

interface Row {
  readonly time: number | null;
  readonly ticker: string | null;
  readonly side: string;
  readonly id: number;
}

const tableOf = (rows: readonly Row[], name = "id"): ColumnTable =>
  makeTable({
    time: columnFrom(
      "time",
      "time",
      "",
      rows.map(({ time }) => (time === null ? null : time / 1000)),
    ),
    ticker: columnFrom(
      "ticker",
      "text",
      "",
      rows.map(({ ticker }) => ticker),
    ),
    side: columnFrom(
      "side",
      "text",
      "",
      rows.map(({ side }) => side),
    ),
    [name]: columnFrom(
      name,
      "integer",
      "",
      rows.map(({ id }) => id),
    ),
  });

/** Every pair of rows is looked at: the match as a list of candidates, the best of which is taken. */
function slowMatch(
  left: Row,
  right: readonly Row[],
  by: readonly ("ticker" | "side")[],
  options: AsofOptions,
): number | null {
  const { direction = "backward", tolerance = Number.POSITIVE_INFINITY, strict = false } = options;
  const candidates = right.flatMap((row, at) => {
    if (left.time === null || row.time === null) return [];
    if (by.some((name) => left[name] === null || left[name] !== row[name])) return [];
    const ahead = row.time - left.time;
    if (Math.abs(ahead) > (tolerance as number) || (strict && ahead === 0)) return [];
    if ((direction === "backward" && ahead > 0) || (direction === "forward" && ahead < 0)) return [];
    // At its own time a row is the last that was so, looking back, and the first, looking forward.
    const isBack = ahead < 0 || (ahead === 0 && direction !== "forward");
    return [{ id: row.id, far: Math.abs(ahead), isBack, place: isBack ? -at : at }];
  });
  candidates.sort((a, b) => a.far - b.far || Number(b.isBack) - Number(a.isBack) || a.place - b.place);
  return candidates[0]?.id ?? null;
}

const rowsArb = fc
  .array(
    fc.record({
      time: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 12 }),
      ticker: fc.option(fc.constantFrom("A", "B", "C"), { freq: 12 }),
      side: fc.constantFrom("yes", "no"),
    }),
    { maxLength: 25 },
  )
  .map((rows) => rows.map((row, id) => ({ ...row, id })));

describe("asofJoin", () => {
  it("gives each row what a comparison of all pairs gives, in every direction, with ties, gaps, nulls and in any order of rows", () => {
    fc.assert(
      fc.property(
        rowsArb,
        rowsArb,
        fc.constantFrom<AsofOptions["direction"]>("backward", "forward", "nearest"),
        fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
        fc.boolean(),
        fc.constantFrom<readonly ("ticker" | "side")[]>([], ["ticker"], ["ticker", "side"]),
        (left, right, direction, tolerance, strict, by) => {
          const options = { direction, tolerance, strict };
          const joined = asofJoin(tableOf(left), tableOf(right, "match"), { ...options, by });
          expect(rawOf(joined, "id")).toEqual(left.map(({ id }) => id));
          expect(rawOf(joined, "match")).toEqual(left.map((row) => slowMatch(row, right, by, options)));
        },
      ),
      { numRuns: 500 },
    );
  });

  const fills = makeTable({
    created_time: columnFrom("created_time", "time", "when", [2.001, 5, 1]),
    ticker: columnFrom("ticker", "text", "market", ["A", "B", "A"]),
    yes_price: columnFrom("yes_price", "dollars", "price", [0.5, 0.123456, 0.4]),
  });
  const quotes = makeTable({
    time: columnFrom("time", "time", "when", [2.001, 2, 1.5, 4]),
    ticker: columnFrom("ticker", "text", "market", ["A", "A", "A", "C"]),
    yes_bid: columnFrom("yes_bid", "dollars", "best bid", [0.333333, 0.3, 0.2, 0.1]),
    is_open: columnFrom("is_open", "boolean", "", [true, false, true, true]),
    quote_id: columnFrom("quote_id", "uuid", "", [
      "00000000-0000-4000-8000-000000000001",
      "00000000-0000-4000-8000-000000000002",
      "00000000-0000-4000-8000-000000000003",
      null,
    ]),
  });

  it("finds times and `ticker` by itself, keeps kinds and exact values of both tables, and is null where nothing matches", () => {
    const joined = asofJoin(fills, quotes);
    expect(joined.objects()).toEqual([
      {
        ...{ created_time: 2.001, ticker: "A", yes_price: 0.5 },
        ...{ time: 2.001, yes_bid: 0.333333, is_open: true, quote_id: "00000000-0000-4000-8000-000000000001" },
      },
      {
        ...{ created_time: 5, ticker: "B", yes_price: 0.123456 },
        ...{ time: null, yes_bid: null, is_open: null, quote_id: null },
      },
      {
        ...{ created_time: 1, ticker: "A", yes_price: 0.4 },
        ...{ time: null, yes_bid: null, is_open: null, quote_id: null },
      },
    ]);
    expect(Object.entries(schemaOf(joined)).map(([name, { kind, from }]) => [name, kind, from])).toEqual([
      ["created_time", "time", "column"],
      ["ticker", "text", "column"],
      ["yes_price", "dollars", "column"],
      ["time", "time", "column"],
      ["yes_bid", "dollars", "column"],
      ["is_open", "boolean", "column"],
      ["quote_id", "uuid", "column"],
    ]);
    expect(rawOf(joined, "yes_bid")).toEqual([333_333, null, null]);
  });

  it("lets columns read as they did: Decimals stay Decimals", () => {
    const bid = quotes.column("yes_bid") as unknown as ScaledColumn;
    const exact = makeTable({ ...quotes.data(), yes_bid: bid.reading("decimal") } as Record<string, TableColumn>);
    expect(Array.from(asofJoin(fills, exact).array("yes_bid"), String)).toEqual(["0.333333", "null", "null"]);
  });

  it("tells a microsecond from the next, and takes an equal time only when not strict", () => {
    expect(rawOf(asofJoin(fills, quotes, { strict: true }), "yes_bid")).toEqual([300_000, null, null]);
    expect(rawOf(asofJoin(fills, quotes, { direction: "forward" }), "yes_bid")).toEqual([333_333, null, 200_000]);
    expect(rawOf(asofJoin(fills, quotes, { direction: "forward", strict: true }), "yes_bid")).toEqual([
      null,
      null,
      200_000,
    ]);
    expect(rawOf(asofJoin(fills, quotes, { direction: "forward", tolerance: 499 }), "yes_bid")).toEqual([
      333_333,
      null,
      null,
    ]);
    expect(rawOf(asofJoin(fills, quotes, { direction: "forward", tolerance: 500 }), "yes_bid")).toEqual([
      333_333,
      null,
      200_000,
    ]);
  });

  it("goes by the table's own rows and order: filtered, ordered, with columns derived by arquero", () => {
    const left = fills.filter((d: { yes_price: number }) => d.yes_price > 0.2).orderby(desc("created_time"));
    expect(rawOf(asofJoin(left, quotes), "yes_price")).toEqual([500_000, 400_000]);
    const derived = table({ when: [2, 3], market: ["A", "C"] });
    const joined = asofJoin(derived.rename({ when: "time" }), quotes, {
      by: [["market", "ticker"]],
      columns: ["yes_bid"],
      direction: "nearest",
    });
    expect(joined.objects()).toEqual([
      { time: 2, market: "A", yes_bid: 0.3 },
      { time: 3, market: "C", yes_bid: 0.1 },
    ]);
  });

  it("puts a suffix behind names that both tables have, and says which name would stand twice", () => {
    expect(
      asofJoin(quotes, quotes, { columns: ["time", "yes_bid"] })
        .columnNames()
        .slice(-2),
    ).toEqual(["time_2", "yes_bid_2"]);
    expect(() => asofJoin(quotes, quotes, { suffix: "" })).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", context: { column: "time" } }),
    );
  });

  it("refuses columns that are not there, are no times, or cannot be equal", () => {
    const code = (found: string) => expect.objectContaining({ code: found });
    expect(() => asofJoin(fills, quotes, { by: "event_ticker" })).toThrow(code("COLUMN_MISSING"));
    expect(() => asofJoin(fills, quotes, { on: "yes_price" })).toThrow(code("COLUMN_KIND"));
    expect(() => asofJoin(fills.select("ticker"), quotes)).toThrow(code("COLUMN_MISSING"));
    expect(() => asofJoin(fills, quotes, { by: [["ticker", "yes_bid"]] })).toThrow(code("COLUMN_KIND"));
    expect(() => asofJoin(fills, quotes, { tolerance: -1 })).toThrow(code("BAD_ARGUMENT"));
    expect(() => asofJoin(fills, quotes, { direction: "back" as "backward" })).toThrow(code("BAD_ARGUMENT"));
  });

  it("says of its origin that it is complete only where both tables are, and keeps what neither knows", () => {
    const origin = {
      ...{ noun: "fill", sources: [], cutoffs: null, from: null, to: null, covered: null },
      ...{ complete: true, why: null, rows: 3, at: "2026-10-01T00:00:00Z" },
    };
    const unknown = [{ tickers: ["A"], from: null, to: null, reason: "sequence" }];
    const left = withProvenance(fills, origin);
    const right = withProvenance(quotes, { ...origin, noun: "quote", complete: false, why: "a gap", unknown });
    expect(provenance(asofJoin(left, right))).toMatchObject({
      ...{ noun: "fill with quote", complete: false, why: "a gap", unknown, rows: 3 },
    });
    expect(provenance(asofJoin(left, quotes))).toMatchObject({
      complete: false,
      why: "the origin of a joined table is not known",
    });
    expect(provenance(asofJoin(fills, quotes))).toBeNull();
  });
});
