import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { gridAfter, readInterval } from "../../flow/interval.js";
import type { TableColumn } from "../../frames/columns.js";
import { ScaledColumn } from "../../frames/scaled-column.js";
import { typedColumns } from "../../frames/schema.js";
import { makeTable } from "../../frames/table.js";
import { type Duration, readTime, type TimeInput, type Timestamp } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { tableGiven } from "../given-rows.js";
import { keysOf } from "./keys.js";
import { columnNamed, type Lanes, lanesOf, timeColumn, timeName } from "./lanes.js";
import { withOriginsOf } from "./origins.js";

export interface ResampleTableOptions {
  /** Column of times. Default: `time`, `created_time` or `end_time`, whichever is there first. */
  readonly on?: string | undefined;
  /** Key columns. Default: `ticker` where the table has it. `[]`: all rows are of one kind. */
  readonly by?: string | readonly string[] | undefined;
  /** How long a row is carried on (`"1h"`), included. Default for ever. */
  readonly maxAge?: string | Duration | undefined;
  /** First point at the earliest. Default: a key's first row. */
  readonly from?: TimeInput | undefined;
  /** End of the points, not included. Default: the last row of the table, whose own point is the last. */
  readonly to?: TimeInput | undefined;
  /** Points at which nothing held: `skip` (default) leaves them out, `null` gives a row of nulls. */
  readonly missing?: "skip" | "null" | undefined;
}

/** More points than this are a mistyped interval. */
const MOST_POINTS = 100_000_000;

/**
 * What held at every point of a grid: for each key the last row at or before the point, as `resample` does over events. Grids start at 1970, UTC.
 *
 * Columns: those of the table, the column of times being the point and `record_time` the row's own time, so that their difference is its
 * age. Ascending by point, then by key in order of first appearance. Kinds and exact values stay.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_ARGUMENT`, `BAD_TIME`
 */
export function resampleTable(
  table: ColumnTable,
  every: string | Duration,
  options: ResampleTableOptions = {},
): ColumnTable {
  objectGiven("options", options);
  const columns = typedColumns(tableGiven("table", table));
  const on = options.on ?? timeName(Object.keys(columns));
  const by = options.by ?? ("ticker" in columns ? ["ticker"] : []);
  const keyNames = typeof by === "string" ? [by] : by;
  const time = timeColumn(columns, on);
  const keys = keysOf(
    keyNames.map((name) => columnNamed(columns, name)),
    table.numRows(),
  );
  const lanes = lanesOf(keys.numbers, keys.size, time);
  const walk: Walk = {
    lanes,
    time: time.raw,
    every: readInterval(every),
    maxAge: options.maxAge === undefined ? Number.POSITIVE_INFINITY : readInterval(options.maxAge),
    from: options.from === undefined ? null : readTime(options.from, 0),
    to: options.to === undefined ? lastOf(lanes, time.raw) + 1 : readTime(options.to, 0),
    isGiven: options.missing === "null",
  };
  const { points, held, keyRows } = pointsOf(walk, keys.size);
  const made: Record<string, TableColumn> = {};
  for (const [name, column] of Object.entries(columns)) {
    if (name === on) made[name] = new ScaledColumn("time", "point of the grid", points);
    else made[name] = column.takeOrNull(keyNames.includes(name) ? keyRows : held);
  }
  made.record_time = new ScaledColumn("time", "when the row that held was so", time.raw, time.nulls).takeOrNull(held);
  return withOriginsOf(makeTable(made), [table]);
}

interface Walk {
  readonly lanes: Lanes;
  readonly time: ArrayLike<number>;
  readonly every: Duration;
  readonly maxAge: Duration;
  readonly from: Timestamp | null;
  readonly to: Timestamp;
  /** Points at which nothing held are given too. */
  readonly isGiven: boolean;
}

interface Points {
  readonly points: Float64Array;
  /** The row that held at each point, −1 for none. */
  readonly held: Int32Array;
  /** A row of the point's key. */
  readonly keyRows: Int32Array;
}

function pointsOf(walk: Walk, size: number): Points {
  const found: { point: Timestamp; row: number; keyRow: number }[] = [];
  for (let key = 0; key < size; key += 1) {
    for (const one of pointsOfKey(walk, key)) found.push(one);
    if (found.length > MOST_POINTS) throw tooMany(walk.every);
  }
  found.sort((a, b) => a.point - b.point);
  return {
    points: Float64Array.from(found, ({ point }) => point),
    held: Int32Array.from(found, ({ row }) => row),
    keyRows: Int32Array.from(found, ({ keyRow }) => keyRow),
  };
}

function* pointsOfKey(walk: Walk, key: number): Generator<{ point: Timestamp; row: number; keyRow: number }> {
  const { lanes, time, every, maxAge, from, to, isGiven } = walk;
  const until = lanes.starts[key + 1]!;
  let next = lanes.starts[key]!;
  if (next === until) return;
  const keyRow = lanes.rows[next]!;
  const first = from ?? time[keyRow]!;
  if ((to - first) / every > MOST_POINTS) throw tooMany(every);
  let row = -1;
  for (let point = gridAfter(first, every); point < to; point += every) {
    while (next < until && time[lanes.rows[next]!]! <= point) {
      row = lanes.rows[next]!;
      next += 1;
    }
    const holds = row >= 0 && point - time[row]! <= maxAge;
    if (holds) yield { point, row, keyRow };
    else if (isGiven) yield { point, row: -1, keyRow };
  }
}

function lastOf({ rows }: Lanes, time: ArrayLike<number>): Timestamp {
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) last = Math.max(last, time[row]!);
  return last;
}

function tooMany(every: Duration): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `a grid of more than ${MOST_POINTS} points, one every ${every} µs`, {
    hint: "take a longer interval, or a shorter span: { from, to }",
    context: { every },
  });
}
