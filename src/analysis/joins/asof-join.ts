import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { readInterval } from "../../flow/interval.js";
import type { TableColumn } from "../../frames/columns.js";
import { typedColumns } from "../../frames/schema.js";
import { makeTable } from "../../frames/table.js";
import type { Duration } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { tableGiven } from "../given-rows.js";
import { type AsofDirection, asofRows } from "./asof-rows.js";
import { keyNumbers } from "./keys.js";
import { columnNamed, timeColumn, timeName } from "./lanes.js";
import { withOriginsOf } from "./origins.js";

export interface AsofOptions {
  /** Column of times, or those of the left and the right table. Default: `time`, `created_time` or `end_time`, whichever is there first. */
  readonly on?: string | readonly [left: string, right: string] | undefined;
  /** Key columns, each a name or the names left and right. Default: `ticker` where both tables have it. `[]`: any row matches any. */
  readonly by?: string | readonly (string | readonly [left: string, right: string])[] | undefined;
  /** `backward`, the default: the last row at or before the time; `forward`: the first at or after it; `nearest`: the nearer of both. */
  readonly direction?: AsofDirection | undefined;
  /** How far away in time a match may be, included: `"5s"` or microseconds. Default: any distance. */
  readonly tolerance?: string | Duration | undefined;
  /** A row at the very time is no match. Default false. */
  readonly strict?: boolean | undefined;
  /** Columns to take from the right table. Default: all but its key columns. */
  readonly columns?: readonly string[] | undefined;
  /** What is put behind the name of a right column that the left table has too. Default `_2`. */
  readonly suffix?: string | undefined;
}

/**
 * As-of join: every row of the left table, in its order, with the row of the right one that held at its time: the quote at each fill is
 * `asofJoin(fills, quotes)`.
 *
 * Columns: those of the left table, then those of the right one (its time tells how old the match is), null where nothing matches; all keep
 * their kinds and exact values. Neither table need be sorted. Of right rows of one key and time the last counts looking backward and the
 * first looking forward, in their table's order; of two equally near, the earlier. Rows without a time or with an incomplete key match
 * nothing. Takes time in proportion to the rows of both.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_ARGUMENT`
 */
export function asofJoin(left: ColumnTable, right: ColumnTable, options: AsofOptions = {}): ColumnTable {
  objectGiven("options", options);
  const ours = typedColumns(tableGiven("left table", left));
  const theirs = typedColumns(tableGiven("right table", right));
  const on = options.on ?? [timeName(Object.keys(ours)), timeName(Object.keys(theirs))];
  const [leftOn, rightOn] = typeof on === "string" ? [on, on] : on;
  const by = keyNames(options.by, ours, theirs);
  const keys = keyNumbers(
    by.map(([l, r]) => ({ name: l, left: columnNamed(ours, l), right: columnNamed(theirs, r) })),
    left.numRows(),
    right.numRows(),
  );
  const matched = asofRows(keys, timeColumn(ours, leftOn), timeColumn(theirs, rightOn), {
    direction: readDirection(options.direction ?? "backward"),
    tolerance: readTolerance(options.tolerance),
    strict: options.strict ?? false,
  });
  const keyed = new Set(by.map(([, name]) => name));
  const taken = options.columns ?? Object.keys(theirs).filter((name) => !keyed.has(name));
  const columns: Record<string, TableColumn> = { ...ours };
  for (const name of taken) {
    const free = name in ours ? `${name}${options.suffix ?? "_2"}` : name;
    if (free in columns) throw twice(free);
    columns[free] = columnNamed(theirs, name).takeOrNull(matched);
  }
  return withOriginsOf(makeTable(columns), [left, right]);
}

function keyNames(
  by: AsofOptions["by"],
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): (readonly [left: string, right: string])[] {
  if (by === undefined) return "ticker" in left && "ticker" in right ? [["ticker", "ticker"]] : [];
  const list = typeof by === "string" ? [by] : by;
  return list.map((name) => (typeof name === "string" ? [name, name] : name));
}

function readDirection(direction: AsofDirection): AsofDirection {
  if (direction === "backward" || direction === "forward" || direction === "nearest") return direction;
  throw new KalshiError("BAD_ARGUMENT", `no direction of an as-of join: ${JSON.stringify(direction)}`, {
    hint: 'give "backward", "forward" or "nearest"',
    context: { direction },
  });
}

/** A length of time that may be zero. */
function readTolerance(given: string | Duration | undefined): Duration {
  if (given === undefined) return Number.POSITIVE_INFINITY;
  return typeof given === "number" && Number.isSafeInteger(given) && given >= 0 ? given : readInterval(given);
}

function twice(name: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `the joined table would have two columns \`${name}\``, {
    hint: "give another { suffix }, take fewer { columns }, or rename a column before",
    context: { column: name },
  });
}
