import { always, maybe } from "../exchange/field.js";
import type { Frame } from "./frame.js";

/** Columns of `coherence(…)`: a row for every event. */
export const coherenceFields = {
  event_ticker: always("text", "event_ticker", "the event"),
  market_count: always("integer", "market_count", "its markets in the table"),
  exclusive: maybe(
    "boolean",
    "exclusive",
    "at most one pays YES, by its strikes, else as the exchange says; null: not known",
  ),
  exhaustive: maybe("boolean", "exhaustive", "at least one pays YES, by its strikes; null: not known"),
  sum_bid: always("dollars", "sum_bid", "sum of the best bids, one that is not there counting 0, $"),
  sum_ask: maybe("dollars", "sum_ask", "sum of the best asks, $; null where a market has none"),
  sum_midpoint: maybe("dollars", "sum_midpoint", "sum of the midpoints, $; null where a market has none"),
  violations: always("integer", "violations", "pairs of which the narrower's bid is above the wider's ask"),
  worst_violation: maybe("dollars", "worst_violation", "by how much at most, $, before fees"),
};

/** Columns of the table of `impliedDistribution(…)`: a row for every span between strikes. */
export const impliedFields = {
  event_ticker: always("text", "event_ticker", "the event"),
  ticker: maybe("text", "ticker", "market that pays there; null where it follows from a ladder of markets"),
  value_from: maybe("number", "value_from", "lower end of the span, in the unit of the strikes; null: open"),
  value_to: maybe("number", "value_to", "upper end of it; null: open"),
  assumed_from: maybe(
    "number",
    "assumed_from",
    "the same, an open end where the tail is taken to end; null: no telling",
  ),
  assumed_to: maybe("number", "assumed_to", "likewise, upwards"),
  raw_probability: maybe(
    "number",
    "raw_probability",
    "probability as prices have it, before it is repaired; null without a price",
  ),
  probability: always("number", "probability", "probability of the span, repaired; all together are 1"),
  cumulative: always("number", "cumulative", "probability of a value in or below the span"),
};

/** How the coherence of events stands in a table. */
export const coherenceFrame = {
  noun: "coherence of an event",
  source: "`coherence(markets)`",
  fields: coherenceFields,
  key: [],
  orderBy: ["event_ticker"],
} satisfies Frame;

/** How an implied distribution stands in a table. */
export const impliedFrame = {
  noun: "span of an implied distribution",
  source: "`impliedDistribution(markets)`",
  fields: impliedFields,
  key: [],
  orderBy: [],
} satisfies Frame;
