import { from, op } from "arquero";
import { Decimal } from "decimal.js";
import { describe, expect, it } from "vitest";
import { exactNotional, exactSum, rawOf, vwap } from "../../src/frames/exact.js";
import { type Provenance, provenance, withProvenance } from "../../src/frames/provenance.js";
import { schemaOf, withSchema } from "../../src/frames/schema.js";
import { trades } from "../../src/frames/trades.js";
import { expectError } from "../support/errors.js";
import { rawTrade } from "./records.js";

interface Row {
  readonly count: number;
  readonly yes_price: number;
  readonly trade_id: string;
}

const table = trades(Array.from({ length: 30 }, (_, number) => rawTrade(number)));

const origin: Provenance = {
  noun: "trade",
  sources: [{ tier: "live", endpoint: "GET /markets/trades", rows: 30, pages: 1 }],
  cutoffs: { trades: "2026-01-01T00:00:00Z" },
  from: null,
  to: null,
  covered: null,
  complete: false,
  why: "interrupted",
  rows: 30,
  at: "2026-11-01T10:00:00Z",
};

describe("the schema of a table", () => {
  it("stays through filter, orderby, select, rename and groupby", () => {
    const worked = table
      .filter((d: Row) => d.count > 3)
      .orderby("yes_price")
      .select("created_time", "yes_price", "count", "ticker")
      .rename({ yes_price: "price_paid" })
      .groupby("ticker");
    const schema = schemaOf(worked);
    expect(Object.values(schema).map(({ kind, from: origin }) => [kind, origin])).toEqual([
      ["time", "column"],
      ["dollars", "column"],
      ["contracts", "column"],
      ["text", "column"],
    ]);
    expect(schema.price_paid!.about).toContain("YES");
  });

  it("is found again by name after join, concat and reify, also under the endings that a join adds", () => {
    const joined = table.join(table.select("trade_id", "yes_price"), "trade_id").concat(table.reify());
    expect(schemaOf(joined).yes_price_1).toMatchObject({ kind: "dollars", from: "name" });
    expect(schemaOf(table.concat(table)).created_time).toMatchObject({ kind: "time", from: "name" });
    expect(schemaOf(table.orderby("count").reify()).count).toMatchObject({ kind: "contracts", from: "name" });
  });

  it("is told from the values where the name says nothing, or something impossible", () => {
    const plain = from([
      { rows: 3, mean: 0.5, name: "x", yes: true, volume: "much", when: new Date(0), nothing: null },
    ]);
    expect(Object.fromEntries(Object.entries(schemaOf(plain)).map(([name, { kind }]) => [name, kind]))).toEqual({
      rows: "integer",
      mean: "number",
      name: "text",
      yes: "boolean",
      volume: "text",
      when: "time",
      nothing: "text",
    });
  });

  it("does not take a number of rows for contracts", () => {
    expect(schemaOf(table.groupby("ticker").count()).count!.kind).toBe("integer");
    expect(schemaOf(table.reify().concat(table)).count!.kind).toBe("contracts");
  });

  it("can be given to derived columns, which then hold exact integers", () => {
    const derived = table.derive({
      cost: (d: Row) => d.yes_price * d.count,
      half: (d: Row) => (d.count > 2 ? d.count / 2 : null),
    });
    const typed = withSchema(
      derived.filter((d: Row) => d.count > 2),
      { cost: "dollars", half: { kind: "contracts", about: "half of it" } },
    );
    expect(schemaOf(typed).cost).toEqual({ kind: "dollars", about: "", from: "column" });
    expect(schemaOf(typed).half!.about).toBe("half of it");
    expect(exactSum(typed, "cost").equals(exactNotional(typed))).toBe(true);
    expect(schemaOf(derived).cost!.kind).toBe("number");
  });

  it("refuses a kind that the values are not of, naming column and row", () => {
    const error = expectError(() => withSchema(table, { ticker: "dollars" }), "COLUMN_KIND", /withSchema/);
    expect(error.message).toMatch(/`ticker`, row 0/);
    expectError(() => withSchema(table, { tickr: "text" }), "COLUMN_MISSING", /ticker/);
  });
});

describe("exact values of a table", () => {
  it("come in the table's row order, its filter applied", () => {
    const chosen = table.filter((d: Row) => d.count % 10 === 1).orderby((d: Row) => -d.count);
    expect(rawOf(chosen, "count")).toEqual([2_100, 1_100, 100]);
    expect(rawOf(chosen.reify(), "count")).toEqual([2_100, 1_100, 100]);
    expect(rawOf(table.slice(0, 1), "created_time")).toEqual([Date.UTC(2026, 10, 1, 9) * 1000 + 500]);
  });

  it("are not made up for columns that hold none", () => {
    expectError(() => rawOf(table.derive({ third: (d: Row) => d.count / 3 }), "third"), "COLUMN_KIND", /withSchema/);
    expectError(() => rawOf(table, "ticker"), "COLUMN_KIND", /withSchema/);
    expectError(() => rawOf(from([{ yes_price: 1 / 3 }]), "yes_price"), "COLUMN_KIND", /withSchema/);
    expectError(() => exactSum(table, "created_time"), "COLUMN_KIND", /./);
  });

  it("are those of a Decimal's own digits, and none where it is finer than the kind or beyond the exact integers", () => {
    const priced = (text: string) => withSchema(from([{ price: new Decimal(text) }]), { price: "dollars" });
    const held = (text: string) => from([{ yes_price: new Decimal(text) }]);
    expect(rawOf(held("0.56"), "yes_price")).toEqual([560_000]);
    expect(rawOf(held("8589934592.000001"), "yes_price")).toEqual([8_589_934_592_000_001]);
    expect(rawOf(held("-0"), "yes_price")).toEqual([0]);
    for (const text of ["0.5600000000000000001", "0.56000000000000000000000000001", "9007199254.740993", "NaN"])
      expectError(() => rawOf(held(text), "yes_price"), "COLUMN_KIND", /withSchema/);
    // Given its kind, it is rounded to the kind's step.
    expect(rawOf(priced("0.5600000000000000001"), "price")).toEqual([560_000]);
  });

  it("sum to what the decimals on the wire sum to, beyond what doubles can hold", () => {
    const large = trades([
      rawTrade(0, { count_fp: "90000000000000.25", yes_price_dollars: "0.999999" }),
      rawTrade(1, { count_fp: "90000000000000.25", yes_price_dollars: "0.000001" }),
      rawTrade(2, { count_fp: "0.01", yes_price_dollars: "0.000001" }),
    ]);
    expect(exactSum(large, "count").toFixed()).toBe("180000000000000.51");
    expect(exactNotional(large).toFixed()).toBe("90000000000000.25000001");
    expect(vwap(large)!.toFixed()).toBe("0.49999999999999997222");
  });

  it("skip rows where one factor is absent, and have no mean of nothing", () => {
    const some = withSchema(
      from([
        { yes_price: 0.5, count: 2 },
        { yes_price: null, count: 5 },
        { yes_price: 0.25, count: null },
      ]),
      {
        yes_price: "dollars",
        count: "contracts",
      },
    );
    expect(exactNotional(some).toString()).toBe("1");
    expect(vwap(some)!.toString()).toBe("0.5");
    expect(vwap(trades([]))).toBeNull();
    expect(exactSum(trades([]), "count").toString()).toBe("0");
  });
});

describe("the provenance of a table", () => {
  it("stays as long as a column of the table is left, and goes to no other table", () => {
    const known = withProvenance(table, origin);
    expect(provenance(known)).toEqual(origin);
    expect(
      provenance(
        known
          .filter((d: Row) => d.count > 3)
          .orderby("count")
          .select("count"),
      ),
    ).toEqual(origin);
    expect(provenance(known.derive({ twice: (d: Row) => 2 * d.count }))).toEqual(origin);
    expect(provenance(known.groupby("ticker").rollup({ rows: op.count() }))).toBeNull();
    expect(provenance(table)).toBeNull();
    const newer = withProvenance(known.select("count"), { ...origin, complete: true, why: null });
    expect(provenance(known)!.complete).toBe(false);
    expect(provenance(newer)!.complete).toBe(true);
  });
});
