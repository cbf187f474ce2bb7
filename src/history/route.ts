import type { Client, QueryValues } from "../client/http.js";
import { historicalMarkets, liveMarkets } from "../exchange/market.js";
import { historicalTrades, liveTrades } from "../exchange/trade.js";
import type { Timestamp } from "../units/time.js";
import { OVERLAP, readCutoffs } from "./cutoff.js";
import type { Keep, Leg, ListLeg, Plan } from "./plan.js";
import {
  type FoundMarket,
  isLongSettled,
  marketQueries,
  type Reach,
  requireEvent,
  requireSeries,
  resolveMarkets,
} from "./resolve.js";
import { type Selection, selectsAll } from "./selection.js";
import { earlier, earliest, later, latest, spanLeg } from "./span-leg.js";

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
