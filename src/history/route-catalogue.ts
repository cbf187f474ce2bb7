import type { Client, QueryValues } from "../client/http.js";
import type { ListEndpoint } from "../client/pages.js";
import { KalshiError } from "../errors.js";
import { liveEvents, multivariateEvents } from "../exchange/event.js";
import type { Leg, ListLeg, Plan } from "./plan.js";
import { IDS_PER_REQUEST, marketsNamed, type Reach, requireEvent, requireSeries, seriesOfEvents } from "./resolve.js";
import { type Selection, selectsAll } from "./selection.js";

/**
 * Events, those of named markets among them; never archived.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`, `BAD_ARGUMENT` for a span
 */
export async function routeEvents(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  refuseSpan("events", selection);
  const { signal } = reach;
  await Promise.all([
    ...selection.events.map((event) => requireEvent(client, event, signal)),
    ...selection.series.map((series) => requireSeries(client, series, signal)),
  ]);
  const list = (endpoint: ListEndpoint, query: QueryValues): ListLeg => ({
    kind: "list",
    tier: "live",
    endpoint,
    query,
    keep: null,
  });
  // The list of events leaves those of combos out, which have a list of their own; by their name they are asked one by one.
  const both = (query: QueryValues) => [list(liveEvents, query), list(multivariateEvents, query)];
  const markets = await marketsNamed(client, selection.tickers, reach);
  const combos = markets.filter((market) => market.mve_collection_ticker !== null).map((market) => market.event_ticker);
  const alone = new Set([...selection.events, ...combos]);
  const listed = [...new Set(markets.map((market) => market.event_ticker))].filter((event) => !alone.has(event));
  const legs: Leg[] = [...alone].map(oneEvent);
  for (let at = 0; at < listed.length; at += IDS_PER_REQUEST) {
    legs.push(list(liveEvents, { tickers: listed.slice(at, at + IDS_PER_REQUEST).join(",") }));
  }
  legs.push(...selection.series.flatMap((series) => both({ series_ticker: series })));
  return {
    noun: "events",
    legs: selectsAll(selection) ? both({}) : legs,
    cutoffs: null,
    from: null,
    to: null,
    inOrder: false,
  };
}

function oneEvent(event: string): Leg {
  const path = `${liveEvents.path}/${encodeURIComponent(event)}`;
  return { kind: "single", tier: "live", path, access: "public", query: {}, list: "event" };
}

/**
 * All series, or the named ones, those of named events and markets among them.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`, `BAD_ARGUMENT` for a span
 */
export async function routeSeries(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  refuseSpan("series", selection);
  const { signal } = reach;
  await Promise.all(selection.series.map((series) => requireSeries(client, series, signal)));
  const one = (series: string): Leg => ({
    kind: "single",
    tier: "live",
    path: `/series/${encodeURIComponent(series)}`,
    access: "public",
    query: { include_volume: true },
    list: "series",
  });
  const all: Leg = {
    kind: "single",
    tier: "live",
    path: "/series",
    access: "public",
    query: { include_volume: true },
    list: "series",
    streamed: { key: "ticker" },
  };
  const markets = await marketsNamed(client, selection.tickers, reach);
  const events = [...selection.events, ...markets.map((market) => market.event_ticker)];
  const named = [...new Set([...selection.series, ...(await seriesOfEvents(client, events, signal))])];
  const legs = selectsAll(selection) ? [all] : named.map(one);
  return { noun: "series", legs, cutoffs: null, from: null, to: null, inOrder: false };
}

/** What has no time of its own cannot be asked for by time, and is not given whole instead. */
export function refuseSpan(noun: string, { from, to }: Selection): void {
  if (from === null && to === null) return;
  throw new KalshiError("BAD_ARGUMENT", `${noun} cannot be asked for by time`, {
    hint: `leave out from and to; filter the table of ${noun} by its own columns`,
    context: { noun },
  });
}
