import type { Client, QueryValues } from "../client/http.js";
import type { ListEndpoint } from "../client/pages.js";
import { KalshiError } from "../errors.js";
import { liveEvents, multivariateEvents } from "../exchange/event.js";
import { historicalFills, liveFills } from "../exchange/fill.js";
import { historicalMarkets, liveMarkets } from "../exchange/market.js";
import { historicalOrders, liveOrders } from "../exchange/order.js";
import { historicalPositions, livePositions } from "../exchange/position.js";
import { liveSettlements } from "../exchange/settlement.js";
import { historicalTrades, liveTrades } from "../exchange/trade.js";
import type { Timestamp } from "../units/time.js";
import { type Cutoffs, OVERLAP, readCutoffs } from "./cutoff.js";
import type { Keep, Leg, ListLeg, Plan, Tier } from "./plan.js";
import {
  type FoundMarket,
  IDS_PER_REQUEST,
  isLongSettled,
  marketQueries,
  marketsNamed,
  type Reach,
  requireEvent,
  requireSeries,
  resolveMarkets,
  seriesOfEvents,
} from "./resolve.js";
import { type Selection, selectsAll } from "./selection.js";
import { secondsAround, spanFrom } from "./spans.js";
import { askBySubaccount, type SubaccountAsk } from "./subaccounts.js";

/** More markets than this are not asked one by one where the whole account's list can be read and sifted. */
const ASK_EACH = 5;

/**
 * Trades: per market the part older than the cutoff from the historical tier, the newer from the live one, overlapping by a day.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`, and what {@link Client.json} throws
 * @see API: 10.3 Routing
 */
export async function routeTrades(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  const { cutoffs, markets } = selectsAll(selection)
    ? { cutoffs: await readCutoffs(client, reach.signal), markets: null }
    : await resolveMarkets(client, selection, reach);
  const legs =
    markets === null
      ? tradeLegs(cutoffs.trades_created, {}, selection.from, selection.to)
      : markets.flatMap(({ market }) =>
          tradeLegs(
            cutoffs.trades_created,
            { ticker: market.ticker },
            selection.from,
            selection.to,
            // Which tiers can hold its trades at all; a day of slack each way, since both times may have been moved.
            {
              first: market.open_time - OVERLAP,
              last: market.status === "finalized" ? market.close_time + OVERLAP : null,
              expected: {
                from: market.open_time,
                to: market.close_time,
                rows: market.volume / COUNT_OF_A_TRADE,
              },
            },
          ),
        );
  return { noun: "trades", legs, cutoffs, from: selection.from, to: selection.to, inOrder: false };
}

/** Contracts that a trade has on the average, more or less, in hundredths. */
const COUNT_OF_A_TRADE = 50_00;

interface TradingSpan {
  readonly first: Timestamp | null;
  readonly last: Timestamp | null;
  readonly expected: ListLeg["expected"];
}

function tradeLegs(
  cutoff: Timestamp,
  query: QueryValues,
  from: Timestamp | null,
  to: Timestamp | null,
  span?: TradingSpan,
): Leg[] {
  const first = latest(from, span?.first ?? null);
  const last = earliest(to, span?.last ?? null);
  const legs: Leg[] = [];
  // A market that was over before the span, or opens after it, has no trade in it.
  if (first !== null && last !== null && first >= last) return legs;
  // Over a day before the cutoff at least: all it will ever have is archived, so no bound is needed, and what is kept of it stays good.
  const closed = span !== undefined && span.last !== null && span.last <= cutoff - OVERLAP;
  if (first === null || first < cutoff + OVERLAP) {
    const end = closed ? to : earlier(to, cutoff + OVERLAP);
    legs.push({ ...expecting(span, spanLeg("historical", historicalTrades, query, from, end)), closed });
  }
  if (last === null || last > cutoff - OVERLAP)
    legs.push(expecting(span, spanLeg("live", liveTrades, query, later(from, cutoff - OVERLAP), to)));
  return legs;
}

function expecting(span: TradingSpan | undefined, leg: ListLeg): ListLeg {
  return span?.expected === undefined ? leg : { ...leg, expected: span.expected };
}

/**
 * Own fills, like trades, by the account's own list.
 *
 * @throws KalshiError `KEY_MISSING` and what {@link routeTrades} throws
 */
export async function routeFills(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  const cutoffs = await readCutoffs(client, reach.signal);
  const cutoff = cutoffs.trades_created;
  const { from, to } = selection;
  const legs = (await portfolioQueries(client, selection, reach)).flatMap(({ query, tickers }): Leg[] => {
    const parts: Leg[] = [];
    if (from === null || from < cutoff + OVERLAP)
      parts.push(spanLeg("historical", historicalFills, query, from, earlier(to, cutoff + OVERLAP), tickers));
    if (to === null || to > cutoff - OVERLAP)
      parts.push(spanLeg("live", liveFills, query, later(from, cutoff - OVERLAP), to, tickers));
    return parts;
  });
  return { noun: "fills", legs, cutoffs, from, to, inOrder: false };
}

/**
 * Own orders by their creation: resting ones are always live, finished ones move by their last update, so both tiers are asked for the
 * whole span, the live one last, since the last row of a key stays.
 */
export async function routeOrders(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  const cutoffs = await readCutoffs(client, reach.signal);
  const { from, to } = selection;
  const legs = (await portfolioQueries(client, selection, reach)).flatMap(({ query, tickers }): Leg[] => {
    // Whether the bounds go by creation or by last update is not documented. An order is not updated before it is created, so the lower one
    // is safe either way; the upper is left to us.
    const live = withoutUpperBound(spanLeg("live", liveOrders, query, from, to, tickers));
    const historical = spanLeg(
      "historical",
      historicalOrders,
      query,
      from,
      earlier(to, cutoffs.orders_updated + OVERLAP),
      tickers,
    );
    return from !== null && from >= cutoffs.orders_updated + OVERLAP ? [live] : [withoutUpperBound(historical), live];
  });
  return { noun: "orders", legs, cutoffs, from, to, inOrder: true };
}

/**
 * Own positions of both tiers, subaccount by subaccount; the live answer comes last and stays.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a span
 */
export async function routePositions(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  refuseSpan("positions", selection);
  const cutoffs = await readCutoffs(client, reach.signal);
  const legs = (await subaccountQueries(client, selection, reach)).flatMap(({ query, tickers, stamp }): Leg[] => {
    const keep = tickers === null ? null : { field: "last_updated_ts", from: null, to: null, tickers };
    const all = { ...query, settlement_status: "all" };
    return [
      { kind: "list", tier: "historical", endpoint: historicalPositions, query, keep, stamp },
      { kind: "list", tier: "live", endpoint: livePositions, query: all, keep, stamp },
    ];
  });
  return { noun: "positions", legs, cutoffs, from: null, to: null, inOrder: true };
}

/** Own settlements, subaccount by subaccount, since they do not name theirs; never archived. */
export async function routeSettlements(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  const { from, to } = selection;
  const queries = await subaccountQueries(client, selection, reach);
  const legs = queries.map(
    ({ query, tickers, stamp }): ListLeg => ({
      ...spanLeg("live", liveSettlements, query, from, to, tickers, "settled_time"),
      stamp,
    }),
  );
  return { noun: "settlements", legs, cutoffs: null, from, to, inOrder: false };
}

/**
 * Markets of a selection, of both tiers; all of them when nothing is selected.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`
 */
export async function routeMarkets(client: Client, selection: Selection, reach: Reach = {}): Promise<Plan> {
  const { signal } = reach;
  const named = { ...selection, events: [], series: [] };
  const [{ cutoffs, markets }] = await Promise.all([
    selection.tickers.length > 0
      ? resolveMarkets(client, named, reach)
      : readCutoffs(client, signal).then((read) => ({ cutoffs: read, markets: [] })),
    ...selection.events.map((event) => requireEvent(client, event, signal)),
    ...selection.series.map((series) => requireSeries(client, series, signal)),
  ]);
  const { from, to } = selection;
  const keep: Keep | null = from === null && to === null ? null : { field: "close_time", from, to, tickers: null };
  const archived = (query: QueryValues): Leg => ({
    kind: "list",
    tier: "historical",
    endpoint: historicalMarkets,
    query,
    keep,
  });
  const live = (query: QueryValues): Leg => ({ kind: "list", tier: "live", endpoint: liveMarkets, query, keep });
  // The live answer comes last and stays.
  const legs = selectsAll(selection)
    ? [archived({}), live({})]
    : [
        ...marketQueries(selection).map(archived),
        // What was settled long before the cutoff is in the historical tier alone.
        ...marketQueries({ ...selection, tickers: tickersOf(markets, (found) => !isLongSettled(found, cutoffs)) }).map(
          live,
        ),
      ];
  return { noun: "markets", legs, cutoffs, from, to, inOrder: true };
}

function tickersOf(markets: readonly FoundMarket[], wanted: (found: FoundMarket) => boolean): readonly string[] {
  return markets.filter(wanted).map(({ market }) => market.ticker);
}

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

/** The account's balance. */
export async function routeBalance(): Promise<Plan> {
  const leg: Leg = {
    kind: "single",
    tier: "live",
    path: "/portfolio/balance",
    access: "signed",
    query: {},
    list: null,
  };
  return { noun: "balance", legs: [leg], cutoffs: null, from: null, to: null, inOrder: false };
}

/**
 * What is still missing when the cutoff has moved while a plan was followed: the rows that left the live tier meanwhile, from the
 * historical one.
 */
export function routeMoved(plan: Plan, now: Cutoffs): readonly Leg[] {
  const before = plan.cutoffs;
  if (before === null) return [];
  const moved: Leg[] = [];
  for (const leg of plan.legs) {
    if (leg.kind === "list" && leg.tier === "live") moved.push(...listMoved(leg, before, now));
    if (leg.kind === "candlesticks" && leg.tier === "live" && now.market_settled > before.market_settled) {
      // A market that crossed the cutoff answers for its candles on the other side from now on.
      moved.push(
        ...leg.tickers.map((ticker): Leg => ({ ...leg, tier: "historical", tickers: [ticker], mayBeMissing: true })),
      );
    }
  }
  return moved;
}

function listMoved(leg: ListLeg, before: Cutoffs, now: Cutoffs): readonly Leg[] {
  const pair = tiers[leg.endpoint.path];
  if (pair === undefined || now[pair.cutoff] <= before[pair.cutoff]) return [];
  const { settlement_status: _, ...query } = leg.query;
  if (leg.keep === null) return [{ ...leg, tier: "historical", endpoint: pair.endpoint, query }];
  const { max_ts: _max, min_ts: _min, ...bare } = query;
  const to = pair.spans ? earlier(leg.keep.to, now[pair.cutoff] + OVERLAP) : leg.keep.to;
  const { from, tickers, field } = leg.keep;
  return [{ ...spanLeg("historical", pair.endpoint, bare, from, to, tickers, field), stamp: leg.stamp }];
}

/** Which list a live one is archived to, by which cutoff, and whether that cutoff bounds the times we filter by. */
const tiers: Readonly<Record<string, { endpoint: ListEndpoint; cutoff: keyof Cutoffs; spans: boolean }>> = {
  [liveTrades.path]: { endpoint: historicalTrades, cutoff: "trades_created", spans: true },
  [liveFills.path]: { endpoint: historicalFills, cutoff: "trades_created", spans: true },
  [liveOrders.path]: { endpoint: historicalOrders, cutoff: "orders_updated", spans: true },
  [livePositions.path]: { endpoint: historicalPositions, cutoff: "positions_updated", spans: false },
  [liveMarkets.path]: { endpoint: historicalMarkets, cutoff: "market_settled", spans: false },
};

interface PortfolioQuery {
  readonly query: QueryValues;
  readonly tickers: readonly string[] | null;
}

/** The same lists of each subaccount. */
async function subaccountQueries(
  client: Client,
  selection: Selection,
  reach: Reach,
): Promise<readonly (PortfolioQuery & SubaccountAsk)[]> {
  const [queries, subaccounts] = await Promise.all([
    portfolioQueries(client, selection, reach),
    askBySubaccount(client, reach.signal),
  ]);
  return queries.flatMap(({ query, tickers }) =>
    subaccounts.map((one) => ({ tickers, stamp: one.stamp, query: { ...query, ...one.query } })),
  );
}

/** Lists of the account for a selection: market by market when these are few, else the whole list, sifted. */
async function portfolioQueries(
  client: Client,
  selection: Selection,
  reach: Reach,
): Promise<readonly PortfolioQuery[]> {
  if (selectsAll(selection)) return [{ query: {}, tickers: null }];
  const tickers = tickersOf((await resolveMarkets(client, selection, reach)).markets, () => true);
  if (tickers.length <= ASK_EACH) return tickers.map((ticker) => ({ query: { ticker }, tickers: null }));
  return [{ query: {}, tickers }];
}

/** A list leg over a span: sifted here, since the exchange is asked for a little more. */
function spanLeg(
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

/** What has no time of its own cannot be asked for by time, and is not given whole instead. */
function refuseSpan(noun: string, { from, to }: Selection): void {
  if (from === null && to === null) return;
  throw new KalshiError("BAD_ARGUMENT", `${noun} cannot be asked for by time`, {
    hint: `leave out from and to; filter the table of ${noun} by its own columns`,
    context: { noun },
  });
}

function withoutUpperBound(leg: ListLeg): ListLeg {
  return { ...leg, query: { ...leg.query, max_ts: undefined } };
}

function later(a: Timestamp | null, b: Timestamp): Timestamp {
  return a === null ? b : Math.max(a, b);
}

function earlier(a: Timestamp | null, b: Timestamp): Timestamp {
  return a === null ? b : Math.min(a, b);
}

function latest(a: Timestamp | null, b: Timestamp | null): Timestamp | null {
  return b === null ? a : later(a, b);
}

function earliest(a: Timestamp | null, b: Timestamp | null): Timestamp | null {
  return b === null ? a : earlier(a, b);
}
