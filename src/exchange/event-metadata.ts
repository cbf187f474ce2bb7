import { always, maybe } from "./field.js";
import { settlementSource } from "./settlement-source.js";
import { list, object } from "./shape.js";

/** Pictures and colours of an event and its markets. @see API: GET /events/{event_ticker}/metadata */
export const eventMetadata = object({
  image_url: always("text", "image_url", "picture of the event"),
  featured_image_url: maybe("text", "featured_image_url", "its larger picture"),
  market_details: list(
    object({
      market_ticker: always("text", "market_ticker", "market"),
      image_url: always("text", "image_url", "picture of the market"),
      color_code: always("text", "color_code", "its colour on the web page"),
    }),
  ),
  settlement_sources: list(settlementSource),
  competition: maybe("text", "competition", "which competition it is part of"),
  competition_scope: maybe("text", "competition_scope", "which part of a game it is about"),
});

export type EventMetadata = ReturnType<typeof eventMetadata.parse>;
