import type { ColumnTable } from "arquero";
import { eventFields } from "../exchange/event.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How events stand in a table. */
export const eventsFrame = {
  noun: "event",
  source: "GET /events, GET /events/{event_ticker}",
  fields: eventFields,
  key: ["event_ticker"],
  orderBy: ["event_ticker"],
} satisfies Frame;

/**
 * Events, one row per event. Ascending; a record that came twice stands once.
 *
 * Columns: `event_ticker`, `series_ticker`, `title`, `strike_time` (ms since 1970, UTC), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /events, GET /events/{event_ticker}
 */
export function events(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(eventsFrame, raw, options);
}
