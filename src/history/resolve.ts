import type { Client, QueryValues } from "../client/http.js";
import { type ListEndpoint, pages } from "../client/pages.js";
import { KalshiError } from "../errors.js";
import { liveEvents, parseEvent } from "../exchange/event.js";
import { asObject } from "../exchange/field.js";
import { historicalMarkets, liveMarkets, type Market, parseMarket } from "../exchange/market.js";
import type { Selection } from "./selection.js";

/** A market as far as routing needs it, and the tier that answered. */
export interface FoundMarket {
  readonly market: Market;
  readonly tier: "live" | "historical";
}

/** Ids in one comma-separated parameter. */
export const IDS_PER_REQUEST = 100;

/**
 * The markets of a selection from both tiers, each once; a market that both know counts as live.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND` naming what neither tier knows
 */
export async function resolveMarkets(
  client: Client,
  selection: Selection,
  signal?: AbortSignal,
): Promise<readonly FoundMarket[]> {
  const found = new Map<string, FoundMarket>();
  const queries = marketQueries(selection);
  await Promise.all(
    queries.map(async (query) => {
      // One after the other: what has left the live tier when it is read is in the historical one by then.
      const live = await collect(client, liveMarkets, query, signal);
      const historical = await collect(client, historicalMarkets, query, signal);
      for (const market of historical)
        if (!found.has(market.ticker)) found.set(market.ticker, { market, tier: "historical" });
      for (const market of live) found.set(market.ticker, { market, tier: "live" });
    }),
  );
  await refuseUnknown(client, selection, found, signal);
  return [...found.values()];
}

/** One query per list that must be asked; the same words serve both tiers. */
export function marketQueries(selection: Selection): readonly QueryValues[] {
  const queries: QueryValues[] = [];
  for (let at = 0; at < selection.tickers.length; at += IDS_PER_REQUEST) {
    queries.push({ tickers: selection.tickers.slice(at, at + IDS_PER_REQUEST).join(",") });
  }
  for (const event of selection.events) queries.push({ event_ticker: event });
  for (const series of selection.series) queries.push({ series_ticker: series });
  return queries;
}

async function collect(
  client: Client,
  endpoint: ListEndpoint,
  query: QueryValues,
  signal: AbortSignal | undefined,
): Promise<Market[]> {
  const markets: Market[] = [];
  for await (const page of pages(client, endpoint, query, { signal })) markets.push(...page.items.map(parseMarket));
  return markets;
}

async function refuseUnknown(
  client: Client,
  selection: Selection,
  found: ReadonlyMap<string, FoundMarket>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const ticker of selection.tickers) {
    if (found.has(ticker)) continue;
    const event = await exists(client, `/events/${encodeURIComponent(ticker)}`, signal);
    throw new KalshiError("MARKET_NOT_FOUND", `no market ${ticker} in the live or the historical tier`, {
      hint: event
        ? `${ticker} is an event: ask with { event: "${ticker}" }`
        : "check the ticker; `kalshi-lab search` finds one by words",
      context: { ticker },
    });
  }
  const events = new Set([...found.values()].map(({ market }) => market.event_ticker));
  for (const event of selection.events) if (!events.has(event)) await requireEvent(client, event, signal);
  for (const series of found.size > 0 && selection.series.length === 1 ? [] : selection.series)
    await requireSeries(client, series, signal);
}

/** @throws KalshiError `EVENT_NOT_FOUND` */
export async function requireEvent(client: Client, event: string, signal?: AbortSignal): Promise<void> {
  if (await exists(client, `/events/${encodeURIComponent(event)}`, signal)) return;
  throw new KalshiError("EVENT_NOT_FOUND", `no event ${event}`, {
    hint: "check the id; lab.events({ series }) lists those of a series",
    context: { event },
  });
}

/** @throws KalshiError `SERIES_NOT_FOUND` */
export async function requireSeries(client: Client, series: string, signal?: AbortSignal): Promise<void> {
  if (await exists(client, `/series/${encodeURIComponent(series)}`, signal)) return;
  throw new KalshiError("SERIES_NOT_FOUND", `no series ${series}`, {
    hint: "check the id; lab.series() lists all, and `kalshi-lab search` finds one by words",
    context: { series },
  });
}

/** The series of events, by asking: a ticker's prefix does not tell. @throws KalshiError `EVENT_NOT_FOUND` */
export async function seriesOfEvents(
  client: Client,
  events: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const series = new Set<string>();
  for (const event of new Set(events)) {
    await requireEvent(client, event, signal);
    const path = `${liveEvents.path}/${encodeURIComponent(event)}`;
    const answer = asObject("event", await client.json({ path, access: "public", signal }));
    series.add(parseEvent(answer.event).series_ticker);
  }
  return [...series];
}

/** The events of markets. @throws KalshiError `MARKET_NOT_FOUND` */
export async function eventsOfMarkets(
  client: Client,
  tickers: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (tickers.length === 0) return [];
  const found = await resolveMarkets(client, { tickers, events: [], series: [], from: null, to: null }, signal);
  return [...new Set(found.map(({ market }) => market.event_ticker))];
}

async function exists(client: Client, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await client.json({ path, access: "public", signal });
    return true;
  } catch (error) {
    if (error instanceof KalshiError && error.code === "NOT_FOUND") return false;
    throw error;
  }
}
