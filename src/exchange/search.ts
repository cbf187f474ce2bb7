import { always, maybe } from "./field.js";

/** Columns of what a search by words found, in table order. */
export const searchFields = {
  kind: always("text", "kind", "series, event or market"),
  ticker: always("text", "ticker", "its id"),
  title: always("text", "title", "its name"),
  series_ticker: maybe("text", "series_ticker", "series it belongs to"),
  score: always("number", "score", "how well it fits: words found, whole words counting twice"),
};
