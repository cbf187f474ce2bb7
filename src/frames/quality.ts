import type { ColumnTable } from "arquero";
import type { Quality } from "../recorder/quality.js";
import { parseTime } from "../units/time.js";
import { type Frame, tableOfRecords } from "./frame.js";
import { qualityFields } from "./quality-fields.js";

/** How a recording's quality stands in a table. */
export const qualityFrame = {
  noun: "hour of a market's recording",
  source: "recording",
  fields: qualityFields,
  key: ["start_time", "ticker"],
  orderBy: ["start_time", "ticker"],
} satisfies Frame;

/**
 * The quality of a recording by market and hour, one row each, ascending by hour.
 *
 * Columns: `start_time` (ms since 1970, UTC), `ticker`, `covered_seconds`, `unknown_seconds`, `crossed_seconds`, `gaps`, `latency_median`
 * (ms), …
 */
export function quality({ hours }: Quality): ColumnTable {
  const records = hours.map(({ hour, latency_ms, ...counts }) => ({
    ...counts,
    start_time: parseTime(hour),
    latency_min: latency_ms?.min ?? null,
    latency_median: latency_ms?.median ?? null,
    latency_p99: latency_ms?.p99 ?? null,
    latency_max: latency_ms?.max ?? null,
  }));
  return tableOfRecords(qualityFrame, records);
}
