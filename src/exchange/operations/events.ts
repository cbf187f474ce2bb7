import { liveEvents, multivariateEvents } from "../event.js";
import { eventMetadata } from "../event-metadata.js";
import { milestone } from "../milestone.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object, optional } from "../shape.js";
import { cursor, event, market } from "./answers.js";

/** Events, combos apart. `status` is that of any of an event's markets. Nested markets are those of the live tier. @see GET /events */
export const getEvents = operation({
  id: "GetEvents",
  method: "GET",
  path: liveEvents.path,
  access: liveEvents.access,
  query: {
    limit: takes("integer", [1, liveEvents.maxLimit]),
    cursor: takes("text"),
    with_nested_markets: takes("boolean"),
    with_milestones: takes("boolean"),
    status: takes("text"),
    series_ticker: takes("text"),
    tickers: takes("comma"),
    min_close_ts: takes("seconds"),
    min_updated_ts: takes("seconds"),
  },
  answer: object({ events: list(event), milestones: optional(list(milestone)), cursor }),
  list: liveEvents,
});

/** Events of combos. @see GET /events/multivariate */
export const getMultivariateEvents = operation({
  id: "GetMultivariateEvents",
  method: "GET",
  path: multivariateEvents.path,
  access: "public",
  query: {
    limit: takes("integer", [1, multivariateEvents.maxLimit]),
    cursor: takes("text"),
    series_ticker: takes("text"),
    collection_ticker: takes("text"),
    with_nested_markets: takes("boolean"),
  },
  answer: object({ events: list(event), cursor }),
  list: multivariateEvents,
});

/** One event, its markets beside it, or within it when nested ones are asked for. @see GET /events/{event_ticker} */
export const getEvent = operation({
  id: "GetEvent",
  method: "GET",
  path: "/events/{event_ticker}",
  access: "public",
  inPath: { event_ticker: needs("text") },
  query: { with_nested_markets: takes("boolean") },
  answer: object({ event, markets: optional(list(market)) }),
});

/** Pictures and colours of an event and its markets. @see GET /events/{event_ticker}/metadata */
export const getEventMetadata = operation({
  id: "GetEventMetadata",
  method: "GET",
  path: "/events/{event_ticker}/metadata",
  access: "public",
  inPath: { event_ticker: needs("text") },
  answer: eventMetadata,
});
