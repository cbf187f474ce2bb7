import { always, maybe } from "./field.js";
import { priceRange } from "./price-range.js";
import { list, object, optional, text } from "./shape.js";

/** An event whose markets can be legs of a collection's combos. */
const associatedEvent = object({
  ticker: always("text", "ticker", "event"),
  is_yes_only: always("boolean", "is_yes_only", "only YES can be picked"),
  size_max: maybe("integer", "size_max", "most legs of this event; null for no limit"),
  size_min: maybe("integer", "size_min", "fewest legs of this event; null for no limit"),
  active_quoters: list(text),
});

/** What combos can be made of. @see API: GET /multivariate_event_collections */
export const collection = object({
  collection_ticker: always("text", "collection_ticker", "key of the collection"),
  series_ticker: always("text", "series_ticker", "series of the combos' events"),
  title: always("text", "title", "name"),
  description: always("text", "description", "in words"),
  open_time: always("time", "open_date", "from when combos can be made"),
  close_time: always("time", "close_date", "until when"),
  associated_events: list(associatedEvent),
  is_ordered: always("boolean", "is_ordered", "the order of the legs makes a difference"),
  size_min: always("integer", "size_min", "fewest legs"),
  size_max: always("integer", "size_max", "most legs"),
  functional_description: always("text", "functional_description", "how the legs make the outcome"),
  price_level_structure: maybe("text", "price_level_structure", "label of the combos' price grid"),
  price_ranges: optional(list(priceRange)),
  exchange_index: maybe("integer", "exchange_index", "shard"),
  associated_event_tickers: optional(list(text)),
  is_single_market_per_event: maybe("boolean", "is_single_market_per_event", "deprecated: see the events' `size_max`"),
  is_all_yes: maybe("boolean", "is_all_yes", "deprecated: see the events' `is_yes_only`"),
});

export type Collection = ReturnType<typeof collection.parse>;
