import type { QueryValues } from "../client/http.js";
import type { ListEndpoint } from "../client/pages.js";
import type { Timestamp } from "../units/time.js";
import type { ListLeg, Tier } from "./plan.js";
import { secondsAround, spanFrom } from "./spans.js";

/** A list leg over a span: sifted here, since the exchange is asked for a little more. */
export function spanLeg(
  tier: Tier,
  endpoint: ListEndpoint,
  query: QueryValues,
  from: Timestamp | null,
  to: Timestamp | null,
  tickers: readonly string[] | null = null,
  field = "created_time",
): ListLeg {
  const bounds = secondsAround(spanFrom({ from, to }));
  return { kind: "list", tier, endpoint, query: { ...query, ...bounds }, keep: { field, from, to, tickers } };
}

/** The later of two times, of which null is the beginning. */
export function later(a: Timestamp | null, b: Timestamp): Timestamp {
  return a === null ? b : Math.max(a, b);
}

/** The earlier of two times, of which null is the end. */
export function earlier(a: Timestamp | null, b: Timestamp): Timestamp {
  return a === null ? b : Math.min(a, b);
}

/** The same where either can be null. */
export function latest(a: Timestamp | null, b: Timestamp | null): Timestamp | null {
  return b === null ? a : later(a, b);
}

/** The same where either can be null. */
export function earliest(a: Timestamp | null, b: Timestamp | null): Timestamp | null {
  return b === null ? a : earlier(a, b);
}
