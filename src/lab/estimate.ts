import type { Client } from "../client/http.js";
import { asksLive, concurrencyOf } from "../history/follow.js";
import type { Leg, Plan } from "../history/plan.js";

/** What a question will take, as far as the exchange lets one know. */
export interface Estimate {
  /** With the last look at the cutoffs. What is kept on disk takes none. */
  readonly requests: number;
  readonly tokens: number;
  /** At the account's refill rate with the full bucket spent first, or by the way there and back where that takes longer. */
  readonly seconds: number;
  /** True when the figures are what it takes; false when they are the least, since a list takes one request more for each further page. */
  readonly exact: boolean;
  readonly rows: "unknown";
}

/** What following a plan takes. */
export function estimateOf(client: Client, plan: Plan): Estimate {
  const asked = plan.legs.filter(({ kind }) => kind !== "cached");
  const last = plan.cutoffs === null || !asksLive(asked) ? [] : ["/historical/cutoff"];
  const paths = [...asked.map(pathOf), ...last];
  const tokens = paths.reduce((sum, path) => sum + client.costOf("GET", path), 0);
  const { capacity, refillRate } = client.read.size;
  const rounds = Math.ceil(asked.length / concurrencyOf(plan)) + last.length;
  const seconds = Math.max(0, (tokens - capacity) / refillRate, (rounds * (client.roundTripMs ?? 0)) / 1000);
  return {
    requests: paths.length,
    tokens,
    seconds,
    exact: asked.every(({ kind }) => kind !== "list"),
    rows: "unknown",
  };
}

function pathOf(leg: Leg): string {
  if (leg.kind === "single") return leg.path;
  if (leg.kind === "candlesticks")
    return leg.tier === "live" ? "/markets/candlesticks" : `/historical/markets/${leg.tickers[0]}/candlesticks`;
  return leg.kind === "list" ? leg.endpoint.path : "";
}
