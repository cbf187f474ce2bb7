import type { Client, QueryValues } from "../client/http.js";
import { type ListEndpoint, pages } from "../client/pages.js";
import { KalshiError } from "../errors.js";
import { liveEvents, parseEvent } from "../exchange/event.js";
import { asObject } from "../exchange/field.js";
import { historicalMarkets, liveMarkets, type Market, parseMarket } from "../exchange/market.js";
import type { CacheWriter, HistoryCache } from "./cache.js";
import { type Cutoffs, OVERLAP, readCutoffs } from "./cutoff.js";
import type { Leg, ListLeg } from "./plan.js";
import type { Selection } from "./selection.js";
import { ALWAYS } from "./spans.js";

/** A market as far as routing needs it, and the tier that answered. */
export interface FoundMarket {
  readonly market: Market;
  readonly tier: "live" | "historical";
}

/** Ids in one comma-separated parameter. */
export const IDS_PER_REQUEST = 100;

/** What a question reaches for besides the exchange. */
export interface Reach {
  /** What is kept of closed history; none by default. */
  readonly cache?: HistoryCache | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Markets of a selection, and the cutoffs read on the way. */
export interface Resolved {
  readonly markets: readonly FoundMarket[];
  readonly cutoffs: Cutoffs;
}

/**
 * The markets of a selection from both tiers, each once; a market that both know counts as live. Nothing is asked about markets that were
 * named and are kept as settled long before the cutoff.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND` naming what neither tier knows
 */
export async function resolveMarkets(client: Client, selection: Selection, reach: Reach = {}): Promise<Resolved> {
  const { cache = null, signal } = reach;
  const cover = async (legs: readonly Leg[], cutoffs: Cutoffs | null): Promise<readonly Leg[]> =>
    cache === null ? legs : cache.cover(legs, cutoffs);
  const parts = await cover(marketQueries(selection).map(archivedMarkets), null);
  const asked = parts.filter((leg) => leg.kind === "list");
  const named = asked.filter(({ query }) => query.tickers !== undefined);
  const listed = asked.filter(({ query }) => query.tickers === undefined);
  const reading = readCutoffs(client, signal);
  // Whether a named market is missing shows, so both lists are asked at once. What a list of a series lacks does not: what has left the live
  // one when it is read is in the historical one by then, so that one is asked afterwards.
  const [before, live, both] = await Promise.all([
    reading,
    Promise.all(asked.map(({ query }) => collect(client, liveMarkets, query, signal))),
    Promise.all(named.map((leg) => readArchived(client, leg, reading, reach))),
  ]);
  let cutoffs = before;
  let rest = await cover(listed, before);
  if (rest.some(({ kind }) => kind === "cached")) {
    // A kept list is whole as of its cutoff: that one must still stand after the live list was read.
    cutoffs = await readCutoffs(client, signal);
    rest = await cover(listed, cutoffs);
  }
  const kept = parts.filter((leg) => leg.kind === "cached");
  const found = new Map<string, FoundMarket>();
  const archived = await Promise.all([...kept, ...rest].map((leg) => readArchived(client, leg, cutoffs, reach)));
  for (const market of [...both, ...archived].flat()) found.set(market.ticker, { market, tier: "historical" });
  for (const market of live.flat()) found.set(market.ticker, { market, tier: "live" });
  // Archived between the two answers.
  const missing = marketQueries({ ...selection, tickers: selection.tickers.filter((ticker) => !found.has(ticker)) });
  const moved = missing.filter(({ tickers }) => tickers !== undefined).map(archivedMarkets);
  for (const markets of await Promise.all(moved.map((leg) => readArchived(client, leg, cutoffs, reach))))
    for (const market of markets) found.set(market.ticker, { market, tier: "historical" });
  await refuseUnknown(client, selection, found, signal);
  return { markets: [...found.values()], cutoffs };
}

/** Whether nothing about an archived market can change any more; a day before the cutoff, since rows near it may be in either tier. */
export function isLongSettled({ market }: FoundMarket, cutoffs: Cutoffs): boolean {
  return market.settlement_time !== null && market.settlement_time < cutoffs.market_settled - OVERLAP;
}

function archivedMarkets(query: QueryValues): ListLeg {
  return { kind: "list", tier: "historical", endpoint: historicalMarkets, query, keep: null };
}

/** Markets of one part of the historical side, kept or asked; what was asked is kept for another time. */
async function readArchived(
  client: Client,
  leg: Leg,
  cutoffs: Cutoffs | Promise<Cutoffs>,
  reach: Reach,
): Promise<readonly Market[]> {
  if (leg.kind === "cached") {
    const markets: Market[] = [];
    const reading = reach.cache!.read(leg);
    let next = await reading.next();
    for (; next.done !== true; next = await reading.next()) markets.push(...next.value.items.map(parseMarket));
    for (const missing of next.value) markets.push(...(await readArchived(client, missing, cutoffs, reach)));
    return markets;
  }
  if (leg.kind !== "list") return [];
  const markets: Market[] = [];
  let writer: CacheWriter | null | undefined;
  for await (const { items } of pages(client, leg.endpoint, leg.query, { signal: reach.signal })) {
    markets.push(...items.map(parseMarket));
    writer ??= reach.cache?.writer(leg, await cutoffs) ?? null;
    writer?.add(items, ALWAYS.from, ALWAYS.to);
  }
  await writer?.finish();
  return markets;
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
  const unknown = selection.events.filter((event) => !events.has(event));
  const series = found.size > 0 && selection.series.length === 1 ? [] : selection.series;
  await Promise.all([
    ...unknown.map((event) => requireEvent(client, event, signal)),
    ...series.map((one) => requireSeries(client, one, signal)),
  ]);
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

/** Markets by their tickers, of either tier. @throws KalshiError `MARKET_NOT_FOUND` */
export async function marketsNamed(
  client: Client,
  tickers: readonly string[],
  reach?: Reach,
): Promise<readonly Market[]> {
  if (tickers.length === 0) return [];
  const { markets } = await resolveMarkets(client, { tickers, events: [], series: [], from: null, to: null }, reach);
  return markets.map(({ market }) => market);
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
