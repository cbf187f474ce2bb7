import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ColumnTable, from, op } from "arquero";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { literal, withConnection } from "../../src/datasets/duckdb.js";
import type { Manifest } from "../../src/datasets/manifest.js";
import { readTable } from "../../src/datasets/read.js";
import { saveTable } from "../../src/datasets/write.js";
import { always, type Kind, maybe } from "../../src/exchange/field.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { rawOf } from "../../src/frames/exact.js";
import { type Provenance, provenance, withProvenance } from "../../src/frames/provenance.js";
import { schemaOf, withSchema } from "../../src/frames/schema.js";
import { trades } from "../../src/frames/trades.js";
import { rawTrade, wireObjects } from "../frames/records.js";
import { expectRejection } from "../support/errors.js";

const kinds: readonly Kind[] = ["dollars", "contracts", "time", "text", "uuid", "integer", "number", "boolean", "json"];
const everyKind = Object.fromEntries([
  ...kinds.map((kind) => [`always_${kind}`, always(kind, `a_${kind}`, `about ${kind}`)] as const),
  ...kinds.map((kind) => [`maybe_${kind}`, maybe(kind, `m_${kind}`, `about ${kind}`)] as const),
]);

const origin: Provenance = {
  noun: "trade",
  sources: [{ tier: "historical", endpoint: "GET /historical/trades", rows: 3, pages: 1 }],
  cutoffs: { trades: "2026-01-01T00:00:00Z" },
  from: "2026-10-01T00:00:00Z",
  to: null,
  covered: null,
  complete: true,
  why: null,
  rows: 3,
  at: "2026-11-01T10:00:00Z",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kalshi-lab-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function kindsOf(table: ColumnTable): Record<string, Kind> {
  return Object.fromEntries(Object.entries(schemaOf(table)).map(([name, { kind }]) => [name, kind]));
}

/** Every value of a table, exact: integers of amounts and times, the values themselves of the rest. */
function exactValues(table: ColumnTable): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(schemaOf(table)).map(([name, { kind }]) => [
      name,
      ["dollars", "contracts", "time", "integer"].includes(kind)
        ? rawOf(table, name)
        : (table.array(name) as unknown[]).map((value) => (Object.is(value, -0) ? 0 : value)),
    ]),
  );
}

describe("a CSV file that begins with a byte order mark", () => {
  it.each([
    ["unquoted", "ticker,count"],
    ["quoted", '"ticker","count"'],
  ])("has its first column, %s", async (_, head) => {
    const path = join(folder, "marked.csv");
    writeFileSync(path, `\uFEFF${head}\nA,1.50\n`);
    const table = await readTable(path);
    expect(table.columnNames()).toEqual(["ticker", "count"]);
    expect(table.array("ticker")).toEqual(["A"]);
  });
});

describe.each(["parquet", "csv", "arrow"])("a %s file", (ending) => {
  it("gives back every value of every kind: nulls, empty texts, quotes, newlines, any script", async () => {
    const path = join(folder, `all.${ending}`);
    await fc.assert(
      fc.asyncProperty(wireObjects(everyKind), async (objects) => {
        const builder = tableBuilder("thing", everyKind);
        builder.add(objects);
        const table = builder.finish();
        await saveTable(table, path);
        const back = await readTable(path);
        expect(back.columnNames()).toEqual(table.columnNames());
        expect(kindsOf(back)).toEqual(kindsOf(table));
        expect(exactValues(back)).toEqual(exactValues(table));
      }),
      { numRuns: 60 },
    );
  });

  it("has the rows in the table's order, its filter applied", async () => {
    const path = join(folder, `order.${ending}`);
    const table = trades(Array.from({ length: 5000 }, (_, number) => rawTrade(number)));
    const chosen = table
      .filter((d: { count: number }) => d.count % 2 === 0)
      .orderby((d: { count: number }) => -d.count);
    expect((await saveTable(chosen, path)).rows).toBe(2500);
    const back = await readTable(path);
    expect(back.array("count")).toEqual(chosen.array("count"));
    expect(back.array("trade_id")).toEqual(chosen.array("trade_id"));
  });

  it("keeps kinds that were given to derived columns, and columns of plain arquero tables by name and value", async () => {
    const path = join(folder, `derived.${ending}`);
    const table = trades(Array.from({ length: 10 }, (_, number) => rawTrade(number)));
    const derived = withSchema(
      table.derive({ cost: (d: { yes_price: number; count: number }) => d.yes_price * d.count }),
      { cost: "dollars" },
    );
    await saveTable(derived, path);
    const back = await readTable(path);
    expect(rawOf(back, "cost")).toEqual(rawOf(derived, "cost"));
    const rolled = table
      .reify()
      .groupby("ticker")
      .rollup({ rows: op.count(), volume: op.sum("count"), mean: op.mean("yes_price"), when: op.max("created_time") });
    await saveTable(rolled.derive({ flag: () => true }), path);
    expect(kindsOf(await readTable(path))).toEqual({
      ticker: "text",
      rows: "integer",
      volume: "contracts",
      mean: "number",
      when: "number",
      flag: "boolean",
    });
  });

  it("has a manifest beside it that says what it is, and keeps its provenance", async () => {
    const path = join(folder, `manifest.${ending}`);
    const table = withProvenance(trades([rawTrade(0), rawTrade(1), rawTrade(2)]), origin);
    const saved = await saveTable(table, path);
    const manifest = JSON.parse(readFileSync(`${path}.manifest.json`, "utf8")) as Manifest;
    expect(manifest).toEqual(saved.manifest);
    const bytes = readFileSync(path);
    expect(manifest).toMatchObject({
      noun: "trade",
      file: `manifest.${ending}`,
      rows: 3,
      size: bytes.length,
      provenance: origin,
    });
    expect(manifest.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(manifest.columns[0]).toEqual({ name: "created_time", kind: "time", about: "when it was matched" });
    expect(manifest.library).toMatch(/^kalshi-lab \d/);
    expect(provenance(await readTable(path))).toEqual(origin);
  });

  it("leaves nothing else in the folder", () => {
    expect(
      readdirSync(folder).filter((name) => !/^[a-z]+\.(csv|parquet|arrow)(\.manifest\.json)?$/.test(name)),
    ).toEqual([]);
  });

  it("is readable without its manifest too", async () => {
    const path = join(folder, `alone.${ending}`);
    const table = trades([rawTrade(0), rawTrade(1, { taker_side: null, is_block_trade: null })]);
    await saveTable(table, path);
    rmSync(`${path}.manifest.json`);
    const back = await readTable(path);
    expect(kindsOf(back)).toEqual(kindsOf(table));
    expect(exactValues(back)).toEqual(exactValues(table));
  });

  it("is refused when it is missing", async () => {
    await expectRejection(readTable(join(folder, `none.${ending}`)), "FILE_NOT_FOUND", /path/);
  });
});

describe("files", () => {
  it("of other endings are refused before anything is written", async () => {
    await expectRejection(saveTable(trades([]), join(folder, "x.xlsx")), "FILE_FORMAT", /\.csv, \.parquet or \.arrow/);
    await expectRejection(readTable(join(folder, "x.json")), "FILE_FORMAT", /\.csv, \.parquet or \.arrow/);
  });

  it("that cannot be written leave a folder as it was", async () => {
    writeFileSync(join(folder, "plain.csv"), "");
    await expectRejection(saveTable(trades([]), join(folder, "plain.csv", "x.csv")), "WRITE_FAILED", /folder exists/);
    rmSync(join(folder, "plain.csv"));
  });

  it("refuse a column whose values are of several kinds, and leave an older file as it was", async () => {
    const path = join(folder, "mixed.parquet");
    await saveTable(trades([rawTrade(0)]), path);
    const before = readFileSync(path);
    await expectRejection(saveTable(from([{ a: 1 }, { a: "x" }]), path), "COLUMN_KIND", /withSchema/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("write CSV as the dictionary says", async () => {
    const path = join(folder, "text.csv");
    const table = trades([
      rawTrade(1, {
        taker_side: "",
        taker_book_side: null,
        yes_price_dollars: "0.5",
        count_fp: "3",
        ticker: 'A "B", C',
      }),
    ]);
    await saveTable(table, path);
    expect(readFileSync(path, "utf8")).toBe(
      `${table.columnNames().join(",")}\n2026-11-01T09:00:01.001500Z,"A ""B"", C",0.500000,0.890000,3.00,no,,"",false,0f0e0d0c-0b0a-4908-8706-000000000001\n`,
    );
  });

  it("of CSV name file, line and column of what they cannot read", async () => {
    const path = join(folder, "bad.csv");
    const read = (text: string) => {
      writeFileSync(path, text);
      return readTable(path);
    };
    const price = await expectRejection(read('ticker,yes_price\n"A\nB",0.5\nC,0.1234567\n'), "BAD_LINE", /mend/);
    expect(price.message).toContain(`${path}, line 4, column \`yes_price\``);
    const short = await expectRejection(read("ticker,yes_price\nA\n"), "BAD_LINE", /mend/);
    expect(short.message).toMatch(/line 2: 1 fields instead of 2/);
    await expectRejection(read('ticker\n"open\n'), "BAD_LINE", /mend/);
    await expectRejection(read('ticker\n"a"b\n'), "BAD_LINE", /mend/);
    await expectRejection(read(""), "FILE_UNREADABLE", /header/);
    const crlf = await read("ticker,yes_price,rows\r\nA,0.5,1\r\n,,2");
    expect(crlf.objects()).toEqual([
      { ticker: "A", yes_price: 0.5, rows: 1 },
      { ticker: null, yes_price: null, rows: 2 },
    ]);
    rmSync(path);
  });

  it("of Parquet that are cut short are refused", async () => {
    const path = join(folder, "cut.parquet");
    await saveTable(trades([rawTrade(0)]), path);
    writeFileSync(path, readFileSync(path).subarray(0, 300));
    await expectRejection(readTable(path), "FILE_UNREADABLE", /whole Parquet/);
    for (const name of ["cut.parquet", "cut.parquet.manifest.json"]) rmSync(join(folder, name));
  });

  it("of Parquet that others wrote are read by their types", async () => {
    const path = join(folder, "other.parquet");
    await withConnection((connection) =>
      connection.run(
        `COPY (SELECT 0.25::DECIMAL(9,4) AS yes_price, 3::HUGEINT AS big, 7::SMALLINT AS small, TIMESTAMP '2026-11-01 09:00:00.5' AS at,
          DATE '2026-11-01' AS day, [1, 2] AS list, 1.5::FLOAT AS half, 'x' AS ticker, NULL AS nothing, 2.5::DOUBLE AS volume) TO ${literal(path)} (FORMAT parquet)`,
      ),
    );
    const table = await readTable(path);
    expect(table.object(0)).toEqual({
      yes_price: 0.25,
      big: 3,
      small: 7,
      at: Date.UTC(2026, 10, 1, 9) + 500,
      day: Date.UTC(2026, 10, 1),
      list: "[1,2]",
      half: 1.5,
      ticker: "x",
      nothing: null,
      volume: 2.5,
    });
    expect(kindsOf(table)).toMatchObject({ yes_price: "dollars", at: "time", list: "json", small: "integer" });
    rmSync(path);
  });
});
