import type { ListEndpoint } from "../client/pages.js";
import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of an event, in table order. @see API: GET /events, GET /events/{event_ticker} */
export const eventFields = {
  event_ticker: always("text", "event_ticker", "key of the event"),
  series_ticker: always("text", "series_ticker", "series it belongs to; never to be cut from the ticker"),
  title: always("text", "title", "question"),
  sub_title: always("text", "sub_title", "which instance of the question"),
  mutually_exclusive: always("boolean", "mutually_exclusive", "at most one market resolves YES"),
  collateral_return_type: always(
    "text",
    "collateral_return_type",
    "netting across its markets: MECNET, DIRECNET or empty",
  ),
  category: maybe("text", "category", "deprecated: the series tells"),
  strike_time: maybe("time", "strike_date", "moment the question is about"),
  strike_period: maybe("text", "strike_period", "or the period"),
  fee_type_override: maybe("text", "fee_type_override", "beats the series"),
  fee_multiplier_override: maybe("number", "fee_multiplier_override", "goes with it"),
  settlement_sources: maybe("json", "settlement_sources", "who decides, with name and url"),
  product_metadata: maybe("json", "product_metadata", "free form"),
  exchange_index: maybe("integer", "exchange_index", "shard"),
  last_updated_time: maybe("time", "last_updated_ts", "last change of its description"),
  markets: maybe("json", "markets", "its markets, when nested ones were asked for"),
};

export type Event = RecordOf<typeof eventFields>;

/** Reads an event. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseEvent = recordParser("event", eventFields);

/** Events; never archived, combos apart. @see GET /events */
export const liveEvents: ListEndpoint = {
  path: "/events",
  access: "public",
  list: "events",
  maxLimit: 200,
  key: "event_ticker",
};

/** Events of combos, which the list of events leaves out. @see GET /events/multivariate */
export const multivariateEvents: ListEndpoint = { ...liveEvents, path: "/events/multivariate" };
