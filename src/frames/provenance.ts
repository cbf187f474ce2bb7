import type { ColumnTable } from "arquero";
import { TableColumn } from "./columns.js";
import { withData } from "./schema.js";

/** One place that rows came from. */
export interface ProvenanceSource {
  readonly tier: "live" | "historical" | "recording" | "file" | "derived";
  /** `GET /markets/trades`, a channel, or a path. */
  readonly endpoint: string;
  readonly rows: number;
  readonly pages: number;
  /** How many of the rows were kept on disk by an earlier question; left out when none were. */
  readonly cached?: number | undefined;
  /** When the oldest of those was fetched. */
  readonly fetched?: string | undefined;
  /** How many of the rows of a library the exchange did not tell any more when it was asked again; left out when none. */
  readonly vanished?: number | undefined;
}

/** A time in which nothing is certain about some markets. Times are RFC 3339 text in UTC, null where an end is not known. */
export interface UnknownSpan {
  readonly tickers: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  /** Such as `sequence`, `disconnect`, `not_recorded`, `no_snapshot`, `end_of_recording`. */
  readonly reason: string;
}

/** Where a table came from, and whether it is all there is. Times are RFC 3339 text in UTC. */
export interface Provenance {
  readonly noun: string;
  readonly sources: readonly ProvenanceSource[];
  /** The cutoffs that the question was routed by, by name; null when none were needed. */
  readonly cutoffs: Readonly<Record<string, string>> | null;
  /** Span asked for, half-open; null means unbounded. */
  readonly from: string | null;
  readonly to: string | null;
  /** Span of the rows that came, both included; null when none came or rows have no time. */
  readonly covered: { readonly from: string; readonly to: string } | null;
  /** What is not known within the span, by its start; left out where the source has no such times. */
  readonly unknown?: readonly UnknownSpan[] | undefined;
  readonly complete: boolean;
  /** Why it is not complete; null when it is. */
  readonly why: string | null;
  /** Rows of the table as it was made. */
  readonly rows: number;
  /** When it was made. */
  readonly at: string;
}

const ofTable = new WeakMap<ColumnTable, Provenance>();
const ofColumn = new WeakMap<TableColumn, Provenance>();

/**
 * Where a table came from: kept through `filter`, `orderby`, `select`, `rename`, `groupby` and `derive`, as long as one column of
 * the original is left. Null for a table of unknown origin; `rows` and `covered` are those of the table as it was made.
 */
export function provenance(table: ColumnTable): Provenance | null {
  const known = ofTable.get(table);
  if (known !== undefined) return known;
  for (const name of table.columnNames()) {
    const column: unknown = table.column(name);
    const found = column instanceof TableColumn ? ofColumn.get(column) : undefined;
    if (found !== undefined) return found;
  }
  return null;
}

/** The same table, which now says where it came from. The table given is left as it was. */
export function withProvenance(table: ColumnTable, given: Provenance): ColumnTable {
  const data = { ...table.data() };
  for (const name of table.columnNames()) {
    const column: unknown = data[name];
    if (!(column instanceof TableColumn)) continue;
    // Columns are shared between tables, so the new origin goes to column objects of its own.
    const own = column.share();
    ofColumn.set(own, given);
    data[name] = own;
  }
  const made = withData(table, data);
  ofTable.set(made, given);
  return made;
}
