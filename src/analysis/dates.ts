import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { columnFrom } from "../frames/convert.js";
import { rawOf } from "../frames/exact.js";
import { schemaOf, typedColumns } from "../frames/schema.js";
import { makeTable } from "../frames/table.js";
import { dateIn, parseZone } from "../units/zone.js";
import { tableGiven } from "./given-rows.js";

/**
 * A table with the calendar date of each of its times, in a named zone: behind every column `…_time` a column `…_date` (text, `2026-01-24`),
 * and as the last one `zone`. A lot closed on New Year's Eve in New York is closed next year in UTC.
 *
 * @param zone - IANA name, such as `America/New_York`
 * @throws KalshiError `BAD_ARGUMENT` for what is no table, and a zone that does not exist; `COLUMN_MISSING` where the table has no times
 */
export function withDates(table: ColumnTable, zone: string): ColumnTable {
  tableGiven("table", table);
  parseZone(zone);
  const schema = schemaOf(table);
  const times = new Set(Object.keys(schema).filter((name) => /(^|_)time$/.test(name) && schema[name]!.kind === "time"));
  if (times.size === 0) {
    throw new KalshiError("COLUMN_MISSING", "the table has no column of times", {
      hint: `dates are made of columns that end in \`_time\`; its columns are ${table.columnNames().join(", ")}`,
      context: { columns: table.columnNames() },
    });
  }
  const made = Object.entries(typedColumns(table)).flatMap(([name, column]) => {
    if (!times.has(name)) return [[name, column] as const];
    const dates = rawOf(table, name).map((time) => (time === null ? null : dateIn(zone, time)));
    const date = name.replace(/time$/, "date");
    return [[name, column] as const, [date, columnFrom(date, "text", `date in ${zone}`, dates)] as const];
  });
  const rows = table.numRows();
  const zones = columnFrom("zone", "text", "zone of the dates", new Array<string>(rows).fill(zone));
  return makeTable({ ...Object.fromEntries(made), zone: zones });
}
