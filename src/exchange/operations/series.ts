import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object } from "../shape.js";
import { series } from "./answers.js";

/**
 * The whole catalogue in one answer, some 14,000 series of 18 MB, or those of a category or with tags. Its `items` come while it arrives.
 *
 * @see GET /series
 */
export const getSeriesList = operation({
  id: "GetSeriesList",
  method: "GET",
  path: "/series",
  access: "public",
  query: {
    category: takes("text"),
    tags: takes("comma"),
    include_product_metadata: takes("boolean"),
    include_volume: takes("boolean"),
    min_updated_ts: takes("seconds"),
  },
  answer: object({ series: list(series) }),
  catalogue: { list: "series", key: "ticker", item: series },
});

/** One series. @see GET /series/{series_ticker} */
export const getSeries = operation({
  id: "GetSeries",
  method: "GET",
  path: "/series/{series_ticker}",
  access: "public",
  inPath: { series_ticker: needs("text") },
  query: { include_volume: takes("boolean") },
  answer: object({ series }),
});
