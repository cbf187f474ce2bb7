import { always, maybe } from "../exchange/field.js";

/** Columns of a recording's quality, by market and hour. */
export const qualityFields = {
  start_time: always("time", "start_time", "start of the hour, of the exchange's clock"),
  ticker: always("text", "ticker", "market"),
  deltas: always("integer", "deltas", "changes of a level"),
  snapshots: always("integer", "snapshots", "whole books"),
  trades: always("integer", "trades", "trades"),
  covered_seconds: always("number", "covered_seconds", "seconds in which the book is known"),
  unknown_seconds: always("number", "unknown_seconds", "seconds in which messages of it are missing"),
  crossed_seconds: always("number", "crossed_seconds", "of the known, those in which bid and ask met or overlapped"),
  stalled_seconds: always("number", "stalled_seconds", "seconds without a message though the connection stood"),
  gaps: always("integer", "gaps", "times that messages began to be missing"),
  stalls: always("integer", "stalls", "times that nothing came for too long"),
  unparsed: always("integer", "unparsed", "messages that could not be read; they are kept"),
  rest_checks: always("integer", "rest_checks", "books compared with those of REST"),
  rest_differences: always("integer", "rest_differences", "of them those that were not alike"),
  latency_min: maybe("number", "latency_min", "receive time − exchange time, ms; below 0 where our clock is behind"),
  latency_median: maybe("number", "latency_median", "likewise, the median, within 1 %, ms"),
  latency_p99: maybe("number", "latency_p99", "likewise, of a hundred the second largest, within 1 %, ms"),
  latency_max: maybe("number", "latency_max", "likewise, the largest, ms"),
};
