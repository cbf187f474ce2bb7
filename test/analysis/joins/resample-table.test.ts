import type { ColumnTable } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resampleTable } from "../../../src/analysis/joins/resample-table.js";
import { resample } from "../../../src/flow/resample.js";
import { columnFrom } from "../../../src/frames/convert.js";
import { rawOf } from "../../../src/frames/exact.js";
import { schemaOf } from "../../../src/frames/schema.js";
import { makeTable } from "../../../src/frames/table.js";
import { formatTime, MILLISECOND } from "../../../src/units/time.js";

interface Row {
  readonly type: "row";
  readonly time: number;
  readonly ticker: string;
  readonly id: number;
}

const tableOf = (rows: readonly Row[]): ColumnTable =>
  makeTable({
    time: columnFrom(
      "time",
      "time",
      "",
      rows.map(({ time }) => time / 1000),
    ),
    ticker: columnFrom(
      "ticker",
      "text",
      "",
      rows.map(({ ticker }) => ticker),
    ),
    id: columnFrom(
      "id",
      "integer",
      "",
      rows.map(({ id }) => id),
    ),
  });

const rowsArb = fc
  .array(fc.record({ time: fc.integer({ min: 0, max: 30_000 }), ticker: fc.constantFrom("A", "B") }), { maxLength: 20 })
  .map((rows) => rows.map((row, id): Row => ({ type: "row", ...row, id })));

const found = (table: ColumnTable) => {
  const [time, id, at] = [rawOf(table, "time"), rawOf(table, "id"), rawOf(table, "record_time")];
  return time.map((point, row) => [point, table.array("ticker")[row], id[row], at[row]]);
};

describe("resampleTable", () => {
  it("gives the points that `resample` gives over the same rows as records, with the same staleness", () => {
    fc.assert(
      fc.property(
        rowsArb,
        fc.integer({ min: 1, max: 7 }),
        fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        (rows, every, age) => {
          const maxAge = age === undefined ? undefined : age * MILLISECOND;
          const sorted = [...rows].sort((a, b) => a.time - b.time);
          const records = [...resample<Row>(every * MILLISECOND, { maxAge })(sorted)];
          const order = (list: unknown[][]) =>
            [...list].sort((a, b) => Number(a[0]) - Number(b[0]) || (String(a[1]) < String(b[1]) ? -1 : 1));
          const points = found(resampleTable(tableOf(rows), every * MILLISECOND, { maxAge }));
          expect(order(points)).toEqual(
            order(records.map(({ time, ticker, id }) => [time, ticker, id, rows.find((row) => row.id === id)!.time])),
          );
          expect(points.map(([time]) => time)).toEqual(points.map(([time]) => Number(time)).sort((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });

  const rows = (list: readonly [number, string][]): Row[] =>
    list.map(([ms, ticker], id) => ({ type: "row", time: ms * MILLISECOND, ticker, id }));

  it("shows points at which nothing held as nulls when asked to, on the span asked for, its end left out", () => {
    const table = tableOf(
      rows([
        [1_500, "A"],
        [4_000, "A"],
        [3_000, "B"],
      ]),
    );
    const span = { from: formatTime(0), to: formatTime(6_000_000) };
    const points = found(resampleTable(table, "1s", { ...span, maxAge: "1s", missing: "null" }));
    expect(points.filter(([, ticker]) => ticker === "A").map(([time, , id]) => [Number(time) / 1e6, id])).toEqual([
      ...[
        [0, null],
        [1, null],
        [2, 0],
        [3, null],
        [4, 1],
        [5, 1],
      ],
    ]);
    expect(points.filter(([, ticker]) => ticker === "B").map(([, , id]) => id)).toEqual([null, null, null, 2, 2, null]);
    const skipped = found(resampleTable(table, "1s", { ...span, maxAge: "1s" }));
    expect(skipped).toEqual(points.filter(([, , id]) => id !== null));
  });

  it("keeps the kinds, and by no key takes all rows for one series", () => {
    const table = tableOf(
      rows([
        [1_000, "A"],
        [2_000, "B"],
      ]),
    );
    const points = resampleTable(table, "1s", { by: [] });
    expect(points.array("ticker")).toEqual(["A", "B"]);
    expect(Object.entries(schemaOf(points)).map(([name, { kind }]) => [name, kind])).toEqual([
      ...[
        ["time", "time"],
        ["ticker", "text"],
        ["id", "integer"],
        ["record_time", "time"],
      ],
    ]);
  });

  it("refuses a grid that would never end, and no interval", () => {
    const table = tableOf(
      rows([
        [0, "A"],
        [1e9, "A"],
      ]),
    );
    expect(() => resampleTable(table, "1ms")).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(() => resampleTable(table, "often")).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(resampleTable(tableOf([]), "1s").numRows()).toBe(0);
  });
});
