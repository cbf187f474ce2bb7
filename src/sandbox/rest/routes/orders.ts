import { formatCount } from "../../../units/count.js";
import { formatAmount, roundAmount } from "../../../units/money.js";
import { formatPrice } from "../../../units/price.js";
import type { Order } from "../../engine/accounts.js";
import type { Engine } from "../../engine/engine.js";
import type { Placed } from "../../engine/trading.js";
import type { AccountRef, Json, JsonObject, Reply, Route, SandboxRequest } from "../../types.js";
import { wholeMillis } from "../../wire/private-messages.js";
import { invalidParameter, notFound, ok, Refused, refusal } from "../../wire/replies.js";
import { readAmend, readCreate, readDecrease, readItems, readTarget, type Target } from "../order-body.js";
import { QueryReader } from "../query.js";
import { checkShard, checkShardIn } from "../shard.js";

type Handle = (engine: Engine, request: SandboxRequest) => Reply;

const ORDERS = "/portfolio/events/orders";

/** Creating, changing and cancelling orders, one at a time and in batches, and where they stand in the queue. */
export function orderRoutes(engine: Engine): Route[] {
  const route = (method: Route["method"], path: string, cost: Route["cost"], handle: Handle): Route => ({
    method,
    path,
    access: "signed",
    bucket: method === "GET" ? "read" : "write",
    cost,
    handle: (request) => handle(engine, request),
  });
  return [
    route("POST", ORDERS, 10, create),
    route("DELETE", ORDERS, 2, cancelAll),
    route("POST", `${ORDERS}/batched`, (body) => 10 * itemsOf(body), createBatch),
    route("DELETE", `${ORDERS}/batched`, (body) => 2 * itemsOf(body), cancelBatch),
    route("DELETE", `${ORDERS}/:order_id`, 2, cancel),
    route("POST", `${ORDERS}/:order_id/amend`, 10, amend),
    route("POST", `${ORDERS}/:order_id/decrease`, 10, decrease),
    route("GET", "/portfolio/orders/queue_positions", 10, queuePositions),
    route("GET", "/portfolio/orders/:order_id/queue_position", 10, queuePosition),
  ];
}

/** Who signed. The server lets nobody else through to a signed route. */
export function signer({ account }: SandboxRequest): AccountRef {
  if (account === null) throw new Refused(refusal(401, "authentication_error", "authentication_error", "NOT_FOUND"));
  return account;
}

function create(engine: Engine, request: SandboxRequest): Reply {
  const { ticker, order } = readCreate(request.body);
  return { status: 201, body: placedWire(engine.place(signer(request).userId, ticker, order)) };
}

function cancel(engine: Engine, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "CancelOrderV2");
  checkShardIn(query);
  const target = {
    id: request.params.order_id ?? "",
    subaccount: ownSubaccount(request),
    ticker: query.text("market_ticker"),
  };
  return ok(canceledBody(engine, signer(request).userId, target));
}

function canceledBody(engine: Engine, userId: string, { id, subaccount, ticker }: Omit<Target, "shard">): JsonObject {
  const { order, count } = engine.cancel(userId, id, subaccount, ticker);
  return {
    client_order_id: order.clientOrderId,
    order_id: order.id,
    reduced_by: formatCount(count),
    ts_ms: wholeMillis(order.updated),
  };
}

/** Those orders that come within the next minute are left alone: the exchange only says that it may cancel them too. */
function cancelAll(engine: Engine, request: SandboxRequest): Reply {
  engine.cancelAll(signer(request).userId, new QueryReader(request.query, "CancelAllOrders").integer("subaccount"));
  return { status: 204 };
}

/** The counts are told where the amend has filled something or changed what rests. */
function amend(engine: Engine, request: SandboxRequest): Reply {
  const { userId } = signer(request);
  const id = request.params.order_id ?? "";
  const read = readAmend(request.body);
  let before = 0;
  const noting = (order: Order) => {
    before = order.remaining;
    return read(order);
  };
  const placed = engine.amend(userId, id, noting, ownSubaccount(request));
  const {
    average_fee_paid = null,
    average_fill_price = null,
    fill_count,
    remaining_count,
    ...wire
  } = placedWire(placed);
  const told = placed.filled > 0 || placed.order.remaining !== before;
  return ok({
    ...wire,
    average_fee_paid,
    average_fill_price,
    fill_count: told ? fill_count : null,
    remaining_count: told ? remaining_count : null,
  });
}

function decrease(engine: Engine, request: SandboxRequest): Reply {
  const { userId } = signer(request);
  const id = request.params.order_id ?? "";
  const order = engine.decrease(userId, id, readDecrease(request.body), ownSubaccount(request));
  return ok({
    client_order_id: order.clientOrderId,
    order_id: order.id,
    remaining_count: formatCount(order.remaining),
    ts_ms: wholeMillis(order.updated),
  });
}

/** All items are read before the first is placed: one that cannot be decoded refuses the whole request. */
function createBatch(engine: Engine, request: SandboxRequest): Reply {
  const items = readItems("BatchCreateOrdersV2Request", request.body).map((item) => orRefused(() => readCreate(item)));
  const { userId } = signer(request);
  const orders = items.map((item) =>
    "error" in item ? item : orRefused(() => placedWire(engine.place(userId, item.ticker, item.order))),
  );
  return { status: 201, body: { orders } };
}

function cancelBatch(engine: Engine, request: SandboxRequest): Reply {
  const targets = readItems("BatchCancelOrdersV2Request", request.body).map(readTarget);
  const { userId } = signer(request);
  const orders = targets.map((target) => {
    const item = orRefused(() => {
      checkShard(target.shard);
      return canceledBody(engine, userId, target);
    });
    return "error" in item ? { ...item, order_id: target.id, reduced_by: formatCount(0) } : item;
  });
  return ok({ orders });
}

/** What an item of a batch gives, or its own refusal. @throws Refused for what cannot be decoded, which concerns the whole request */
function orRefused<T extends object>(act: () => T): T | { readonly error: Json } {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refusedItem(error);
  }
}

function refusedItem(refused: Refused): { readonly error: Json } {
  const { error } = refused.reply.body as JsonObject;
  if (error === undefined) throw refused;
  return { error };
}

/** How many items a batch has to pay for; one without items is refused, and costs as one. */
function itemsOf(body: unknown): number {
  const orders = typeof body === "object" && body !== null ? Reflect.get(body, "orders") : undefined;
  return Array.isArray(orders) ? Math.max(1, orders.length) : 1;
}

function queuePosition(engine: Engine, request: SandboxRequest): Reply {
  const { userId } = signer(request);
  const id = request.params.order_id ?? "";
  const { lockedTo } = request;
  if (lockedTo !== undefined && !engine.account(userId, lockedTo).orders.has(id)) return notFound();
  const { count } = engine.ahead(userId, id);
  return ok({ queue_position_fp: formatCount(count) });
}

function queuePositions(engine: Engine, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetOrderQueuePositions");
  const tickers = query.list("market_tickers");
  const event = query.text("event_ticker");
  if (tickers === undefined && event === undefined) {
    throw new Refused(invalidParameter("market_tickers or event_ticker is needed"));
  }
  const { userId } = signer(request);
  const asked = [...engine.account(userId, query.integer("subaccount")).resting].filter(
    ({ ticker }) => tickers?.includes(ticker) ?? request.world.markets.get(ticker)?.eventTicker === event,
  );
  const queue_positions = asked.map((order) => ({
    market_ticker: order.ticker,
    order_id: order.id,
    queue_position_fp: formatCount(engine.ahead(userId, order.id).count),
  }));
  return ok({ queue_positions });
}

/** The subaccount that a change of an order names: the primary one where it names none. */
function ownSubaccount({ query }: SandboxRequest): number {
  return new QueryReader(query, "").integer("subaccount") ?? 0;
}

function placedWire({ order, filled, notional, fees }: Placed): JsonObject {
  const perContract = (amount: bigint) => (amount * 100n) / BigInt(filled);
  return {
    average_fee_paid: filled === 0 ? undefined : formatAmount(perContract(fees), 4),
    average_fill_price: filled === 0 ? undefined : formatPrice(roundAmount(perContract(notional), 100, "half-up")),
    client_order_id: order.clientOrderId,
    fill_count: formatCount(filled),
    order_id: order.id,
    remaining_count: formatCount(order.remaining),
    ts_ms: wholeMillis(order.updated),
  };
}
