import { formatAmount } from "../../../units/money.js";
import { DOLLAR } from "../../../units/price.js";
import { type Timestamp, toSeconds } from "../../../units/time.js";
import { available, type Fill, type Order, type Position, valueAt } from "../../engine/accounts.js";
import type { Engine } from "../../engine/engine.js";
import type { Cutoffs, JsonObject, Reply, Route, SandboxRequest } from "../../types.js";
import {
  cents,
  eventPositionWire,
  fillWire,
  orderWire,
  positionWire,
  settlementWire,
} from "../../wire/private-messages.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { OVERLAP } from "../../world/tiers.js";
import { cutPage, decodeCursor, type Position as PagePosition } from "../cursor.js";
import type { Limits } from "../limits.js";
import type { QueryReader } from "../query.js";
import { checkShardIn } from "../shard.js";
import { type Asked, signedReads, subaccountAsked, subaccountsAsked } from "../signed-read.js";
import { instanceRoutes } from "./instances.js";
import { orderGroupRoutes } from "./order-groups.js";
import { orderRoutes } from "./orders.js";
import { summaryRoutes, updatedTime } from "./portfolio-summary.js";
import { subaccountRoutes } from "./subaccounts.js";

/** The signed REST operations on orders, fills, positions, settlements and balance, live and historical. */
export function portfolioRoutes(engine: Engine, limits: Pick<Limits, "isAdvanced">): Route[] {
  const read = signedReads(engine);
  return [
    read("/portfolio/balance", balance, "GetBalance"),
    read("/portfolio/fills", (asked) => fills(asked, "live"), "GetFills"),
    read("/historical/fills", (asked) => fills(asked, "historical"), "GetHistoricalFills"),
    read("/portfolio/orders", (asked) => orders(asked, "live"), "GetOrders"),
    read("/historical/orders", (asked) => orders(asked, "historical"), "GetHistoricalOrders"),
    read("/portfolio/orders/:order_id", order, "GetOrder", 2),
    read("/portfolio/positions", (asked) => positions(asked, "live"), "GetPositions"),
    read("/historical/positions", (asked) => positions(asked, "historical"), "GetHistoricalPositions"),
    read("/portfolio/settlements", settlements, "GetSettlements"),
    ...summaryRoutes(engine),
    ...orderRoutes(engine),
    ...orderGroupRoutes(engine),
    ...subaccountRoutes(engine, limits),
    ...instanceRoutes(engine),
  ];
}

type Tier = "live" | "historical";

/** Money and the worth of what is held, at last prices. Cents are cut; beside them stands the exact balance. */
function balance(asked: Asked): Reply {
  const { request, query, engine } = asked;
  checkShardIn(query);
  const account = subaccountAsked(asked);
  const free = available(account);
  let worth = 0n;
  for (const { ticker, count } of account.positions.values()) {
    worth += valueAt(count, request.world.markets.get(ticker)?.stats.lastPrice ?? DOLLAR / 2);
  }
  // Returned collateral is balance already.
  worth = worth > account.returnedTotal ? worth - account.returnedTotal : 0n;
  const dollars = formatAmount(free, 4);
  return ok({
    balance: cents(free),
    // A key that sees one subaccount is not told how the account's money lies.
    balance_breakdown: request.lockedTo === undefined ? [{ balance: dollars, exchange_index: 0 }] : undefined,
    balance_dollars: dollars,
    portfolio_value: cents(worth),
    updated_ts: toSeconds(updatedTime(account, engine)),
  });
}

function fills(asked: Asked, tier: Tier): Reply {
  const { request, query } = asked;
  if (tier === "live") checkShardIn(query);
  const limit = query.limit(1, 1000, 100);
  const tickers = tier === "live" ? query.list("ticker", 100) : oneTicker(query);
  const orderId = tier === "live" ? query.text("order_id") : undefined;
  const wanted = within(query);
  const rows = subaccountsAsked(asked)
    .flatMap((one) => one.fills)
    .filter(
      (fill) =>
        inTier(fill.time, request.world.cutoffs().tradesCreated, tier) &&
        wanted(fill.time) &&
        (tickers === undefined || tickers.includes(fill.ticker)) &&
        (orderId === undefined || fill.orderId === orderId),
    );
  const positionOf = (fill: Fill) => ({ time: fill.time, id: `${fill.tradeId} ${fill.orderId}` });
  return listed(request, "fills", rows, limit, positionOf, fillWire);
}

function orders(asked: Asked, tier: Tier): Reply {
  const { request, query } = asked;
  if (tier === "live") checkShardIn(query);
  const limit = query.limit(1, 1000, 100);
  const ticker = query.text("ticker");
  const events = tier === "live" ? query.list("event_ticker", 10) : undefined;
  const status = tier === "live" ? query.oneOf("status", ["resting", "canceled", "executed"] as const) : undefined;
  const wanted = within(query);
  const found = subaccountsAsked(asked).flatMap((one) => [...one.orders.values()]);
  const rows = found.filter(
    (one) =>
      orderInTier(one, request.world.cutoffs(), tier) &&
      wanted(one.created) &&
      (ticker === undefined || one.ticker === ticker) &&
      (status === undefined || one.status === status) &&
      (events === undefined || events.includes(eventOf(request, one.ticker))),
  );
  const positionOf = (one: Order) => ({ time: one.created, id: one.id });
  return listed(request, "orders", rows, limit, positionOf, orderWire);
}

function order({ request, engine, account }: Asked): Reply {
  const id = request.params.order_id ?? "";
  const found = engine
    .member(account.userId)
    .accounts.filter(({ subaccount }) => request.lockedTo === undefined || subaccount === request.lockedTo)
    .map(({ orders: own }) => own.get(id))
    .find((one) => one !== undefined);
  if (found === undefined || !orderInTier(found, request.world.cutoffs(), "live")) return notFound();
  return ok({ order: orderWire(found) });
}

function settlements(asked: Asked): Reply {
  const { request, query } = asked;
  const limit = query.limit(1, 1000, 100);
  const ticker = query.text("ticker");
  const event = query.text("event_ticker");
  const wanted = within(query);
  const all = subaccountsAsked(asked).flatMap(({ subaccount, settlements: own }) =>
    own.map((settlement) => ({ settlement, subaccount })),
  );
  const rows = all.filter(
    ({ settlement: one }) =>
      wanted(one.time) &&
      (ticker === undefined || one.ticker === ticker) &&
      (event === undefined || one.eventTicker === event),
  );
  type Row = (typeof rows)[number];
  const positionOf = ({ settlement, subaccount }: Row) => ({
    time: settlement.time,
    id: `${settlement.ticker} ${subaccount}`,
  });
  return listed(request, "settlements", rows, limit, positionOf, ({ settlement }) => settlementWire(settlement));
}

const COUNT_FILTERS = ["position", "total_traded"] as const;

/** Market positions a page at a time, with the sums of the events that they belong to. */
function positions(asked: Asked, tier: Tier): Reply {
  const { request, query } = asked;
  if (tier === "live") checkShardIn(query);
  const limit = query.limit(1, 1000, 100);
  const ticker = query.text("ticker");
  const event = query.text("event_ticker");
  const filters = tier === "live" ? (query.list("count_filter") ?? []) : [];
  for (const name of filters) {
    if (!COUNT_FILTERS.some((known) => known === name)) {
      throw new Refused(invalidParameter(`count_filter should name ${COUNT_FILTERS.join(", ")}`));
    }
  }
  const words =
    tier === "live" ? query.oneOf("settlement_status", ["all", "unsettled", "settled"] as const) : "settled";
  const status = words ?? "unsettled";
  const { positionsUpdated } = request.world.cutoffs();
  const all = subaccountsAsked(asked, 0).flatMap((one) => [...one.positions.values()]);
  const rows = all.filter(
    (one) =>
      (one.settled ? inTier(one.updated, positionsUpdated, tier) : tier === "live") &&
      (status === "all" || one.settled === (status === "settled")) &&
      (ticker === undefined || one.ticker === ticker) &&
      (event === undefined || eventOf(request, one.ticker) === event) &&
      (!filters.includes("position") || one.count !== 0) &&
      (!filters.includes("total_traded") || one.traded !== 0n),
  );
  const keyOf = (one: Position) => ({ time: 0, id: `${eventOf(request, one.ticker)} ${one.ticker}` });
  const page = pageOf(request, rows, limit, keyOf);
  const events = new Set(page.rows.map((one) => eventOf(request, one.ticker)));
  const sumOf = (name: string) => {
    const own = rows.filter((one) => eventOf(request, one.ticker) === name);
    return eventPositionWire(name, own);
  };
  return ok({
    cursor: page.cursor,
    event_positions: [...events].map(sumOf),
    market_positions: page.rows.map(positionWire),
  });
}

/** A page of rows, newest first, as a list under its name with the cursor beside it. */
function listed<Row>(
  request: SandboxRequest,
  name: string,
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => PagePosition,
  wire: (row: Row) => JsonObject,
): Reply {
  const page = pageOf(request, rows, limit, positionOf);
  return ok({ cursor: page.cursor, [name]: page.rows.map(wire) });
}

function pageOf<Row>(
  request: SandboxRequest,
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => PagePosition,
): { readonly rows: readonly Row[]; readonly cursor: string } {
  const after = decodeCursor(request.query.get("cursor"));
  const keyed = rows.map((row) => ({ row, at: positionOf(row) })).sort((a, b) => newestFirst(a.at, b.at));
  const left = after === undefined ? keyed : keyed.filter(({ at }) => newestFirst(after, at) < 0);
  return cutPage(
    left.map(({ row }) => row),
    limit,
    positionOf,
  );
}

function newestFirst(a: PagePosition, b: PagePosition): number {
  if (a.time !== b.time) return b.time - a.time;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

/** Whether a tier shows a row of this time. The live one reaches a little over the boundary, so both show some. */
function inTier(time: Timestamp, cutoff: Timestamp, tier: Tier): boolean {
  return tier === "live" ? time >= cutoff - OVERLAP : time < cutoff;
}

function orderInTier(order: Order, cutoffs: Cutoffs, tier: Tier): boolean {
  if (order.status === "resting") return tier === "live";
  return inTier(order.updated, cutoffs.ordersUpdated, tier);
}

/** `min_ts` and `max_ts`, in seconds: after the one, before the other, neither included. */
function within(query: QueryReader): (time: Timestamp) => boolean {
  const after = query.seconds("min_ts") ?? Number.NEGATIVE_INFINITY;
  const before = query.seconds("max_ts") ?? Number.POSITIVE_INFINITY;
  return (time) => time > after && time < before;
}

function oneTicker(query: QueryReader): readonly string[] | undefined {
  const ticker = query.text("ticker");
  return ticker === undefined ? undefined : [ticker];
}

function eventOf(request: SandboxRequest, ticker: string): string {
  return request.world.markets.get(ticker)?.eventTicker ?? "";
}
