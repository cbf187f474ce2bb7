import type { ColumnTable } from "arquero";
import { seriesFields } from "../exchange/series.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How series stand in a table. */
export const seriesFrame = {
  noun: "series",
  source: "GET /series, GET /series/{series_ticker}",
  fields: seriesFields,
  key: ["ticker"],
  orderBy: ["ticker"],
} satisfies Frame;

/**
 * Series, one row per series. Ascending; a record that came twice stands once.
 *
 * Columns: `ticker`, `title`, `category`, `fee_type`, `fee_multiplier`, `volume` (contracts), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /series, GET /series/{series_ticker}
 */
export function series(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(seriesFrame, raw, options);
}
