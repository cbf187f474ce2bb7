import type { Client, QueryValues } from "../client/http.js";
import { historicalFills, liveFills } from "../exchange/fill.js";
import { historicalOrders, liveOrders } from "../exchange/order.js";
import { historicalPositions, livePositions } from "../exchange/position.js";
import { liveSettlements } from "../exchange/settlement.js";
import { OVERLAP, readCutoffs } from "./cutoff.js";
import type { Leg, ListLeg, Plan } from "./plan.js";
import { type Reach, resolveMarkets } from "./resolve.js";
import { refuseSpan } from "./route-catalogue.js";
import { type Selection, selectsAll } from "./selection.js";
import { earlier, later, spanLeg } from "./span-leg.js";
import { askBySubaccount, type SubaccountAsk } from "./subaccounts.js";

/** More markets than this are not asked one by one where the whole account's list can be read and sifted. */
const ASK_EACH = 5;

/**
 * Own fills, like trades, by the account's own list.
 *
 * @throws KalshiError `KEY_MISSING`, `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`, and what {@link Client.json} throws
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
  const tickers = (await resolveMarkets(client, selection, reach)).markets.map(({ market }) => market.ticker);
  if (tickers.length <= ASK_EACH) return tickers.map((ticker) => ({ query: { ticker }, tickers: null }));
  return [{ query: {}, tickers }];
}

function withoutUpperBound(leg: ListLeg): ListLeg {
  return { ...leg, query: { ...leg.query, max_ts: undefined } };
}
