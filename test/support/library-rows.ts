import type { ColumnTable } from "arquero";
import { expect } from "vitest";
import { libraryKinds } from "../../src/datasets/library/kinds.js";
import { rawOf } from "../../src/frames/exact.js";
import { schemaOf } from "../../src/frames/schema.js";
import type { Lab } from "../../src/lab/lab.js";
import { SqlQuery } from "../../src/lab/sql.js";

/** Every value of a table by column, exact. */
function exactColumns(table: ColumnTable, names: readonly string[]): Record<string, readonly unknown[]> {
  const schema = schemaOf(table);
  return Object.fromEntries(
    names.map((name) => [
      name,
      ["dollars", "contracts", "time", "integer"].includes(schema[name]!.kind)
        ? rawOf(table, name)
        : (table.array(name) as unknown[]),
    ]),
  );
}

/** Asserts that a library has exactly the rows that a fresh download gives, value by value in every column, in the same order. */
export async function expectSameRows(
  library: string,
  kind: keyof typeof libraryKinds,
  fresh: ColumnTable,
  where = "true",
): Promise<number> {
  const { orderBy, fields } = libraryKinds[kind].frame;
  const order = orderBy.map((name) => `"${name}" NULLS LAST`).join(", ");
  const own = await new SqlQuery(`SELECT * FROM ${kind} WHERE ${where} ORDER BY ${order}`, { library });
  expect(own.numRows(), kind).toBe(fresh.numRows());
  const names = Object.keys(fields);
  const [ours, theirs] = [exactColumns(own, names), exactColumns(fresh, names)];
  for (const name of names) expect(ours[name], `${kind}.${name}`).toEqual(theirs[name]);
  return own.numRows();
}

/** Holds everything that a library has of some series against what the exchange says now. */
export async function expectFresh(lab: Lab, library: string, series: string): Promise<number> {
  const where = `series = '${series}'`;
  let rows = await expectSameRows(library, "markets", await lab.markets({ series }), where);
  rows += await expectSameRows(library, "trades", await lab.trades({ series }), where);
  return rows + (await expectSameRows(library, "candlesticks", await lab.candlesticks({ series }), where));
}
