import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ColumnTable } from "arquero";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { saveTable } from "../../src/datasets/write.js";
import { always, type Kind, maybe } from "../../src/exchange/field.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { columnFrom } from "../../src/frames/convert.js";
import { exactNotional, exactSum, rawOf } from "../../src/frames/exact.js";
import { provenance } from "../../src/frames/provenance.js";
import { schemaOf } from "../../src/frames/schema.js";
import { makeTable } from "../../src/frames/table.js";
import { trades } from "../../src/frames/trades.js";
import { openRecording } from "../../src/lab/recording.js";
import { SqlQuery } from "../../src/lab/sql.js";
import { rawTrade, wireObjects } from "../frames/records.js";
import { expectRejection } from "../support/errors.js";
import { writeDeltas } from "../support/many-deltas.js";

const kinds = ["dollars", "contracts", "time", "text", "uuid", "integer", "number", "boolean"] as const;
const everyKind = Object.fromEntries([
  ...kinds.map((kind) => [`always_${kind}`, always(kind, `a_${kind}`, "")] as const),
  ...kinds.map((kind) => [`maybe_${kind}`, maybe(kind, `m_${kind}`, "")] as const),
]);

const root = mkdtempSync(join(tmpdir(), "sql-test-"));
const library = join(root, "datasets");
const recording = join(root, "today");
const two = trades(Array.from({ length: 200 }, (_, number) => rawTrade(number)));

beforeAll(async () => {
  for (const [series, date, from] of [
    ["KXTEST", "2026-11-01", 0],
    ["KXTEST", "2026-11-02", 100],
    ["KX 'ü'", "2026-11-02", 150],
  ] as const) {
    const dir = join(library, "kind=trades", `series=${encodeURIComponent(series)}`, `date=${date}`);
    mkdirSync(dir, { recursive: true });
    const rows = two.slice(from, from === 0 ? 100 : from + 50).reify();
    await saveTable(rows, join(dir, "trades.parquet"));
  }
  await writeDeltas(recording, 300, 2);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const sql = (text: string, tables?: Record<string, ColumnTable>) => new SqlQuery(text, { library, tables });

function exactValues(table: ColumnTable): Record<string, unknown[]> {
  const exact: readonly Kind[] = ["dollars", "contracts", "time", "integer"];
  return Object.fromEntries(
    Object.entries(schemaOf(table)).map(([name, { kind }]) => [
      name,
      exact.includes(kind)
        ? rawOf(table, name)
        : (table.array(name) as unknown[]).map((value) => (Object.is(value, -0) ? 0 : value)),
    ]),
  );
}

describe("a SQL query", () => {
  it("gives a table back as it was: every kind, exact values, absent ones and order", async () => {
    await fc.assert(
      fc.asyncProperty(wireObjects(everyKind), async (objects) => {
        const builder = tableBuilder("thing", everyKind);
        builder.add(objects);
        const table = builder.finish();
        const back = await sql("SELECT * FROM things", { things: table });
        expect(exactValues(back)).toEqual(exactValues(table));
        if (objects.length === 0) return;
        const texts = (of: ColumnTable) =>
          Object.fromEntries(Object.entries(schemaOf(of)).map(([name, { kind }]) => [name, kind]));
        // A column of UUIDs that holds another text is one of text.
        const told = texts(back);
        for (const [name, kind] of Object.entries(texts(table)))
          if (kind === "uuid") expect(["uuid", "text"]).toContain(told[name]);
          else expect([name, told[name]]).toEqual([name, kind]);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it("adds up money times contracts exactly, against sums of big integers", async () => {
    const amount = fc.integer({ min: 0, max: 10_000 }).map((tick) => tick * 100);
    const count = fc.integer({ min: 0, max: 1_000_000_00 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(amount, count), { minLength: 1, maxLength: 30 }), async (rows) => {
        const table = makeTable({
          yes_price: columnFrom(
            "yes_price",
            "dollars",
            "",
            rows.map(([price]) => price / 1e6),
          ),
          count: columnFrom(
            "count",
            "contracts",
            "",
            rows.map(([, contracts]) => contracts / 100),
          ),
        });
        const sum = await sql("SELECT sum(yes_price * count) AS paid, sum(count) AS count FROM given", {
          given: table,
        });
        const exact = rows.reduce((total, [price, contracts]) => total + BigInt(price) * BigInt(contracts), 0n);
        expect(schemaOf(sum)).toMatchObject({ paid: { kind: "dollars" }, count: { kind: "contracts" } });
        expect(BigInt(rawOf(sum, "paid")[0]!) * 100n).toBe(exact);
        expect(rawOf(sum, "count")[0]).toBe(rows.reduce((total, [, contracts]) => total + contracts, 0));
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it("calls an amount finer than a micro-dollar a number, for no column of dollars could hold it", async () => {
    const table = await sql("SELECT 0.1234567::DECIMAL(18,7) AS fine, 0.1234560::DECIMAL(18,7) AS whole");
    expect(schemaOf(table)).toMatchObject({ fine: { kind: "number" }, whole: { kind: "dollars" } });
    expect(table.get("fine", 0)).toBe(0.1234567);
    expect(rawOf(table, "whole")).toEqual([123_456]);
  });

  it("brings the engine's types into kinds: dates and naive times in UTC, lists as JSON, integers beyond 2^53 as text", async () => {
    const table = await sql(`
      SELECT DATE '2026-11-01' AS day, TIMESTAMP '2026-11-01 01:02:03.000004' AS naive, [1, 2] AS list, {'a': NULL} AS pair,
             9007199254740993 AS large, sum(3) AS small, 18446744073709551615::UBIGINT AS huge, 0.5 AS half, 'x' AS x, 'y' AS x,
             INTERVAL 1 DAY AS span, NULL AS nothing`);
    expect(Object.fromEntries(Object.entries(schemaOf(table)).map(([name, { kind }]) => [name, kind]))).toEqual({
      day: "time",
      naive: "time",
      list: "json",
      pair: "json",
      large: "text",
      small: "integer",
      huge: "text",
      half: "number",
      x: "text",
      x_1: "text",
      span: "text",
      nothing: "integer",
    });
    expect(rawOf(table, "naive")).toEqual([Date.UTC(2026, 10, 1, 1, 2, 3) * 1000 + 4]);
    const { day, naive, ...row } = table.object(0) as Record<string, unknown>;
    expect([typeof day, typeof naive]).toEqual(["number", "number"]);
    expect(row).toEqual({
      list: "[1,2]",
      pair: '{"a":null}',
      large: "9007199254740993",
      small: 3,
      huge: "18446744073709551615",
      half: 0.5,
      x: "x",
      x_1: "y",
      span: "1 day",
      nothing: null,
    });
  });

  it("sees the library as a view for each kind, with the columns that its folders are named by", async () => {
    const all = await sql("SELECT * FROM trades ORDER BY date, series, created_time");
    expect(all.numRows()).toBe(200);
    expect(schemaOf(all)).toMatchObject({
      yes_price: { kind: "dollars", about: expect.stringContaining("YES") as string },
      series: { kind: "text" },
      date: { kind: "time" },
    });
    expect(all.columnNames()).not.toContain("kind");
    const own = await sql("SELECT * FROM trades WHERE series = 'KX ''ü''' AND date = '2026-11-02'");
    expect(own.numRows()).toBe(50);
    const paid = await sql("SELECT sum(yes_price * count) AS paid, sum(count) AS count FROM trades");
    expect(rawOf(paid, "paid")[0]).toBe(exactNotional(two).times(1e6).toNumber());
    expect(rawOf(paid, "count")[0]).toBe(exactSum(two, "count").times(100).toNumber());
    expect(provenance(all)).toMatchObject({
      rows: 200,
      sources: [{ tier: "file", endpoint: join(library, "kind=trades"), rows: 200 }],
    });
    // Nobody has written manifests beside these.
    expect(provenance(all)).toMatchObject({
      complete: false,
      why: expect.stringMatching(/^3 partitions of trades/) as string,
    });
    expect((await sql("SHOW TABLES")).array("name")).toEqual(["trades"]);
  });

  it("sees a recording's tables behind the name of its folder, and what of it is unknown", async () => {
    const opened = await openRecording(recording);
    const query = (text: string) => new SqlQuery(text, { library, recordings: [recording] });
    const own = await opened.quotes();
    const quotes = await query("SELECT * FROM today.quotes");
    expect(exactValues(quotes)).toEqual(exactValues(own));
    expect(provenance(quotes)).toMatchObject({
      complete: provenance(own)!.complete,
      why: provenance(own)!.why,
      sources: [{ tier: "recording", endpoint: recording, rows: own.numRows() }],
    });
    expect(exactValues(await query("SELECT * FROM today.deltas"))).toEqual(exactValues(await opened.deltas()));
    const counted = await query(
      "SELECT (SELECT count(*) FROM today.book_levels) AS levels, (SELECT count(*) FROM TODAY.Quality) AS hours FROM today.bars",
    );
    expect(counted.numRows()).toBe((await opened.bars({ every: "1m" })).numRows());
    await expectRejection(query("SELECT * FROM today.frogs").table(), "BAD_SQL", /./);
  });

  it("writes its rows to every kind of file, as the table has them, with a manifest that says its origin", async () => {
    const text = "SELECT *, yes_price * count AS paid FROM trades ORDER BY created_time DESC";
    const table = await sql(text);
    for (const name of ["out.parquet", "out.csv", "out.arrow"]) {
      const saved = await sql(text).save(join(root, "files", name));
      expect(saved).toMatchObject({ rows: 200, manifest: { rows: 200, provenance: { complete: false } } });
      expect(exactValues(await readTable(saved.path)), name).toEqual(exactValues(table));
    }
    expect(readdirSync(join(root, "files")).filter((name) => name.includes(".tmp"))).toEqual([]);
    const again = await sql(`SELECT count(*) AS rows FROM '${join(root, "files", "out.parquet")}'`);
    expect(again.get("rows", 0)).toBe(200);
    expect(provenance(again)).toMatchObject({
      complete: false,
      why: provenance(table)!.why,
      sources: [{ tier: "file", rows: 200 }],
    });
  });

  const bad: readonly (readonly [what: string, statement: string, message: RegExp, line: number, column: number])[] = [
    ["a syntax error", "SELEC 1", /syntax error/, 1, 1],
    ["an unknown column behind what is not ASCII", "SELECT\n 'ü€😀', x FROM trades", /"x" not found/, 2, 9],
    ["an unknown view", "SELECT 1 FROM trade", /trade does not exist/, 1, 15],
    ["a value that is none", "SELECT 'a'::INT", /Could not convert string 'a'/, 1, 11],
  ];
  it.each(bad)("tells the engine's words and the place of %s", async (_, statement, message, line, column) => {
    const error = await expectRejection(sql(statement).table(), "BAD_SQL", /./);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`line ${line}, column ${column}: `);
    expect(error.context).toMatchObject({ line, column });
    expect(error.message).not.toMatch(/[{\n]/);
  });

  it("lists the views there are where one is named that there is not, and reads no file of another machine", async () => {
    expect((await expectRejection(sql("SELECT 1 FROM trade").table(), "BAD_SQL", /./)).hint).toContain('"trades"');
    const nothing = new SqlQuery("SELECT 1 FROM trades", { library: join(root, "nowhere") });
    expect((await expectRejection(nothing.table(), "BAD_SQL", /./)).hint).toContain("kalshi-lab sync");
    await expectRejection(sql("SELECT * FROM 'https://127.0.0.1:1/x.parquet'").table(), "BAD_SQL", /./);
    expect((await expectRejection(sql("SELECT * FROM 'no.parquet'").table(), "BAD_SQL", /./)).hint).toContain("path");
  });

  it.each([
    ["two statements", "SELECT 1; SELECT 2"],
    ["none", " "],
    ["a comment", "-- nothing"],
    ["one that writes", "COPY (SELECT 1) TO 'x.csv'"],
    ["one that makes something", "CREATE TABLE x AS SELECT 1"],
    ["one that lacks a value", "SELECT ?"],
  ])("refuses %s, before anything is done", async (_, statement) => {
    await expectRejection(sql(statement).table(), "BAD_ARGUMENT", /./);
  });

  it("ends with INTERRUPTED when it is stopped, and leaves nothing in the place for temporary files", async () => {
    const own = () => readdirSync(tmpdir()).filter((name) => name.startsWith("kalshi-lab-sql-"));
    const before = own();
    // It would take hours.
    const endless =
      "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c WHERE a.range % 7 = c.range % 5";
    for (const signal of [AbortSignal.timeout(400), AbortSignal.abort()])
      await expectRejection(new SqlQuery(endless, { library, signal }).table(), "INTERRUPTED", /./);
    expect(own().filter((name) => !before.includes(name))).toEqual([]);
  });
});
