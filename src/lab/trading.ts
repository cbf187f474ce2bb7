import { randomUUID } from "node:crypto";
import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import type { BatchItem } from "../exchange/batch-answer.js";
import {
  amendOrderV2,
  batchCancelOrdersV2,
  batchCreateOrdersV2,
  cancelAllOrders,
  createOrderV2,
  decreaseOrderV2,
} from "../exchange/operations/order-writes.js";
import { getOrder, getOrderQueuePositions } from "../exchange/operations/orders.js";
import type { Order } from "../exchange/order.js";
import type {
  AmendedOrder,
  CanceledOrder,
  DecreasedOrder,
  PlacedOrder,
  QueuePosition,
} from "../exchange/order-answer.js";
import { isUncertain, uncertain } from "../exchange/uncertain.js";
import { cancelOrder } from "./order-cancellation.js";
import { asOrderError, itemError, unsureError } from "./order-errors.js";
import { OrderGroups } from "./order-groups.js";
import { defaultLookup, type LookupPolicy } from "./order-lookup.js";
import {
  type AmendRequest,
  checkCount,
  checkPrice,
  checkSide,
  type DecreaseRequest,
  type OrderPlace,
  type OrderRequest,
  type WireOrder,
  wireOrder,
  wirePlace,
} from "./order-request.js";
import { type Send, submit } from "./order-submission.js";

/** One item of a batch: what became of it, or an error that was not thrown since the others are not concerned. */
export type BatchResult<T> =
  | { readonly order: T; readonly error: null }
  | { readonly order: null; readonly error: KalshiError };

/** Which resting orders: of markets, or of an event. */
export interface QueueAsk {
  readonly tickers?: readonly string[] | undefined;
  readonly event?: string | undefined;
  readonly subaccount?: number | undefined;
}

/**
 * Orders. Refused with `TRADING_DISABLED` unless the lab was connected with `trading: true`, or to the sandbox.
 *
 * No write is repeated blindly. When the answer to an order is lost, the order is looked up by its client id: found, it counts as placed; once
 * the account's records have certainly caught up without it, it is sent a second time under the same id, which the exchange takes only
 * once; otherwise the error says that nobody knows. The other methods tell what they do instead.
 */
export class Trading {
  /** Groups of orders that are withdrawn together. */
  readonly groups: OrderGroups;
  readonly #client: Client;
  readonly #lookup: LookupPolicy;

  constructor(client: Client, lookup: LookupPolicy = defaultLookup) {
    this.groups = new OrderGroups(client);
    this.#client = client;
    this.#lookup = lookup;
  }

  /**
   * Places a limit order, once. An answer that was lost is made up from the order itself: what was filled since counts as filled at once.
   *
   * @throws KalshiError `TRADING_DISABLED`, `ORDER_REFUSED` (with the exchange's own code in the context), `MARKET_NOT_FOUND`, `BAD_ARGUMENT`,
   * `BAD_PRICE`, `BAD_COUNT`; and of a lost answer, when looking the order up leaves it uncertain, the code of the loss
   * @see POST /portfolio/events/orders
   */
  async place(order: OrderRequest): Promise<PlacedOrder> {
    const send: Send = async ([one]) => [await createOrderV2(this.#client, one!)];
    const [outcome] = await submit(this.#client, this.#lookup, send, [named(order)]);
    if (outcome instanceof KalshiError) throw outcome;
    return outcome!;
  }

  /**
   * Places several orders in one request; each is taken or refused by itself, and the results come in the order of the requests. The batch costs
   * as much as all its orders, and must fit into the Write bucket at once. What is lost is treated as in {@link Trading.place}, each by itself.
   *
   * @throws KalshiError `OVER_CAPACITY` and `BAD_ARGUMENT` (no orders, a client id twice) before anything is sent, and as {@link Trading.place}
   * @see POST /portfolio/events/orders/batched
   */
  async placeBatch(orders: readonly OrderRequest[]): Promise<readonly BatchResult<PlacedOrder>[]> {
    const wire = requireItems(orders, "orders").map(named);
    requireDistinct(
      wire.map((order) => order.client_order_id),
      "clientOrderId",
    );
    const send: Send = async (some) => {
      const { orders: items } = await batchCreateOrdersV2(this.#client, { orders: some });
      return requireAll(items, some.length).map(
        ({ done, refused }, at) => done ?? itemError(`order ${some[at]!.client_order_id}`, refused),
      );
    };
    const outcomes = await submit(this.#client, this.#lookup, send, wire);
    return outcomes.map((outcome) =>
      outcome instanceof KalshiError ? { order: null, error: outcome } : { order: outcome, error: null },
    );
  }

  /**
   * Withdraws an order. When the answer is lost the order is read: cancelled, that is the answer; still resting once the account's records have
   * caught up, it is withdrawn again.
   *
   * @throws KalshiError `TRADING_DISABLED`, `ORDER_REFUSED`; `NOT_FOUND` for an unknown, a cancelled and an executed order alike
   * @see DELETE /portfolio/events/orders/{order_id}
   */
  async cancel(orderId: string, place: OrderPlace = {}): Promise<CanceledOrder> {
    return cancelOrder(this.#client, this.#lookup, { order_id: orderId, ...wirePlace(place) });
  }

  /**
   * Withdraws several orders in one request, each by itself; results in the order of the ids. It is not sent twice.
   *
   * @throws KalshiError `OVER_CAPACITY` and `BAD_ARGUMENT` before anything is sent, `TRADING_DISABLED`
   * @see DELETE /portfolio/events/orders/batched
   */
  async cancelBatch(
    orderIds: readonly string[],
    place: OrderPlace = {},
  ): Promise<readonly BatchResult<CanceledOrder>[]> {
    requireDistinct(requireItems(orderIds, "ids"), "order id");
    const orders = orderIds.map((order_id) => ({ order_id, ...wirePlace(place) }));
    const items = await this.#once({ order_ids: orderIds.join(" ") }, async () =>
      requireAll((await batchCancelOrdersV2(this.#client, { orders })).orders, orders.length),
    );
    return items.map(({ done, refused }, at) =>
      refused === null
        ? { order: done, error: null }
        : { order: null, error: itemError(`order ${orderIds[at]}`, refused) },
    );
  }

  /**
   * Withdraws all orders, of one subaccount or of all, on every shard; also those that reach the exchange within the next minute. Repeating it
   * does no harm.
   *
   * @see DELETE /portfolio/events/orders
   */
  async cancelAll({ subaccount }: { readonly subaccount?: number | undefined } = {}): Promise<void> {
    await this.#once({ subaccount: String(subaccount ?? "all") }, () => cancelAllOrders(this.#client, { subaccount }));
  }

  /**
   * Changes price, count and expiry of a resting order. Only a smaller count alone keeps its place in the queue. It is not sent twice.
   *
   * @throws KalshiError `TRADING_DISABLED`, `ORDER_REFUSED`, `NOT_FOUND`, `BAD_ARGUMENT`, `BAD_PRICE`, `BAD_COUNT`
   * @see POST /portfolio/events/orders/{order_id}/amend
   */
  async amend(orderId: string, to: AmendRequest): Promise<AmendedOrder> {
    checkSide(to.side);
    checkPrice(to.price);
    checkCount(to.count, "an order");
    const args = {
      order_id: orderId,
      ticker: to.ticker,
      side: to.side,
      price: to.price,
      count: to.count,
      client_order_id: to.clientOrderId,
      updated_client_order_id: to.updatedClientOrderId,
      expiration_time: to.expirationTime,
      subaccount: to.subaccount,
      exchange_index: to.exchangeIndex,
    };
    return this.#once({ order_id: orderId }, () => amendOrderV2(this.#client, args));
  }

  /**
   * Makes a resting order smaller by, or to, a number of contracts; it keeps its place. `reduceTo` is sent a second time when the answer is lost,
   * which changes nothing further; `reduceBy` is not.
   *
   * @throws KalshiError `TRADING_DISABLED`, `ORDER_REFUSED`, `NOT_FOUND`, `BAD_ARGUMENT` (both or neither), `BAD_COUNT`
   * @see POST /portfolio/events/orders/{order_id}/decrease
   */
  async decrease(orderId: string, { reduceBy, reduceTo, ...place }: DecreaseRequest): Promise<DecreasedOrder> {
    if ((reduceBy === undefined) === (reduceTo === undefined)) {
      const what = reduceBy === undefined ? "neither reduceBy nor reduceTo" : "both reduceBy and reduceTo";
      throw new KalshiError("BAD_ARGUMENT", `decrease of order ${orderId}: ${what} given`, {
        hint: "give reduceBy, the contracts to take away, or reduceTo, the contracts to leave",
        context: { order_id: orderId, reduceBy, reduceTo },
      });
    }
    if (reduceBy !== undefined) checkCount(reduceBy, "a decrease by");
    if (reduceTo !== undefined) checkCount(reduceTo, "a decrease to", 0);
    const args = { order_id: orderId, reduce_by: reduceBy, reduce_to: reduceTo, ...wirePlace(place) };
    const send = (): Promise<DecreasedOrder> => decreaseOrderV2(this.#client, args);
    return this.#once(
      { order_id: orderId },
      reduceTo === undefined ? send : () => send().catch((error: unknown) => again(error, send)),
    );
  }

  /** One own order as the exchange has it. Just after a change it may still be read as before. @throws KalshiError `NOT_FOUND` @see GET /portfolio/orders/{order_id} */
  async order(orderId: string): Promise<Order> {
    return (await getOrder(this.#client, { order_id: orderId })).order;
  }

  /** How many contracts stand before own resting orders. @throws KalshiError `BAD_ARGUMENT` @see GET /portfolio/orders/queue_positions */
  async queuePositions({ tickers, event, subaccount }: QueueAsk): Promise<readonly QueuePosition[]> {
    if ((tickers === undefined || tickers.length === 0) && event === undefined) {
      throw new KalshiError("BAD_ARGUMENT", "queue positions of no market and no event", {
        hint: "give tickers or event: the exchange lists no queue positions without",
      });
    }
    const asked = await getOrderQueuePositions(this.#client, {
      market_tickers: tickers,
      event_ticker: event,
      subaccount,
    });
    return asked.queue_positions;
  }

  /** Sends what must not be repeated. `ids` name it when its outcome is unknown. */
  async #once<T>(ids: Readonly<Record<string, string>>, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw isUncertain(error) ? unsureError(error, ids) : asOrderError(error);
    }
  }
}

function named(order: OrderRequest): WireOrder {
  return wireOrder(order, order.clientOrderId ?? randomUUID());
}

/** Sends again what changes nothing further. Refused then, the first may have done it: what is known is the loss. */
async function again<T>(lost: unknown, send: () => Promise<T>): Promise<T> {
  if (!isUncertain(lost)) throw lost;
  return send().catch(() => {
    throw lost;
  });
}

function requireItems<T>(items: readonly T[], of: string): readonly T[] {
  if (items.length > 0) return items;
  throw new KalshiError("BAD_ARGUMENT", `a batch without ${of}`, { hint: `give at least one of the ${of}` });
}

function requireDistinct(ids: readonly string[], name: string): void {
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return;
  throw new KalshiError("BAD_ARGUMENT", `a batch has ${name} ${twice} twice`, {
    hint: `each ${name} can stand once`,
    context: { [name]: twice },
  });
}

/** An answer with fewer or more items than were asked leaves open which is which. */
function requireAll<T>(items: readonly BatchItem<T>[], asked: number): readonly BatchItem<T>[] {
  if (items.length === asked) return items;
  const error = new KalshiError("BAD_RESPONSE", `the answer to a batch of ${asked} has ${items.length} items`, {
    hint: "look the orders up: lab.orders()",
    context: { asked, answered: items.length },
  });
  throw uncertain(error);
}
