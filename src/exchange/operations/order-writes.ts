import { canceledItem, placedItem } from "../batch-answer.js";
import { operation } from "../operation.js";
import { amendedFields, canceledFields, decreasedFields, placedFields } from "../order-answer.js";
import { needs, needsObjects, takes } from "../parameter.js";
import { list, nothing, object, record } from "../shape.js";

const ORDERS = "/portfolio/events/orders";

const newOrder = {
  ticker: needs("text"),
  client_order_id: takes("text"),
  side: needs("text"),
  count: needs("contracts"),
  price: needs("dollars"),
  expiration_time: takes("seconds"),
  time_in_force: needs("text"),
  post_only: takes("boolean"),
  self_trade_prevention_type: needs("text"),
  cancel_order_on_pause: takes("boolean"),
  reduce_only: takes("boolean"),
  subaccount: takes("integer"),
  order_group_id: takes("text"),
  exchange_index: takes("integer"),
};

/** Places a limit order. A `client_order_id` works once for ever. @see POST /portfolio/events/orders */
export const createOrderV2 = operation({
  id: "CreateOrderV2",
  method: "POST",
  path: ORDERS,
  access: "signed",
  body: newOrder,
  answer: record("order answer", placedFields),
  writes: true,
});

/** Withdraws one order. @see DELETE /portfolio/events/orders/{order_id} */
export const cancelOrderV2 = operation({
  id: "CancelOrderV2",
  method: "DELETE",
  path: `${ORDERS}/{order_id}`,
  access: "signed",
  inPath: { order_id: needs("text") },
  query: { subaccount: takes("integer"), exchange_index: takes("integer"), market_ticker: takes("text") },
  answer: record("cancel answer", canceledFields),
  writes: true,
});

/** Withdraws all orders on all shards, and those that arrive within the next minute. @see DELETE /portfolio/events/orders */
export const cancelAllOrders = operation({
  id: "CancelAllOrders",
  method: "DELETE",
  path: ORDERS,
  access: "signed",
  query: { subaccount: takes("integer") },
  answer: nothing,
  writes: true,
});

/** Places several orders; each is taken or refused by itself. @see POST /portfolio/events/orders/batched */
export const batchCreateOrdersV2 = operation({
  id: "BatchCreateOrdersV2",
  method: "POST",
  path: `${ORDERS}/batched`,
  access: "signed",
  body: { orders: needsObjects(newOrder) },
  itemsIn: "orders",
  answer: object({ orders: list(placedItem) }),
  writes: true,
});

/** Withdraws several orders; each by itself. @see DELETE /portfolio/events/orders/batched */
export const batchCancelOrdersV2 = operation({
  id: "BatchCancelOrdersV2",
  method: "DELETE",
  path: `${ORDERS}/batched`,
  access: "signed",
  body: {
    orders: needsObjects({
      order_id: needs("text"),
      subaccount: takes("integer"),
      exchange_index: takes("integer"),
      market_ticker: takes("text"),
    }),
  },
  itemsIn: "orders",
  answer: object({ orders: list(canceledItem) }),
  writes: true,
});

/** Changes price, count (what is filled included) or expiry of a resting order. @see POST /portfolio/events/orders/{order_id}/amend */
export const amendOrderV2 = operation({
  id: "AmendOrderV2",
  method: "POST",
  path: `${ORDERS}/{order_id}/amend`,
  access: "signed",
  inPath: { order_id: needs("text") },
  query: { subaccount: takes("integer") },
  body: {
    ticker: needs("text"),
    side: needs("text"),
    price: needs("dollars"),
    count: needs("contracts"),
    client_order_id: takes("text"),
    updated_client_order_id: takes("text"),
    exchange_index: takes("integer"),
    expiration_time: takes("seconds"),
  },
  answer: record("amend answer", amendedFields),
  writes: true,
});

/** Makes a resting order smaller, by or to a count; it keeps its place. @see POST /portfolio/events/orders/{order_id}/decrease */
export const decreaseOrderV2 = operation({
  id: "DecreaseOrderV2",
  method: "POST",
  path: `${ORDERS}/{order_id}/decrease`,
  access: "signed",
  inPath: { order_id: needs("text") },
  query: { subaccount: takes("integer") },
  body: {
    reduce_by: takes("contracts"),
    reduce_to: takes("contracts"),
    exchange_index: takes("integer"),
    market_ticker: takes("text"),
  },
  answer: record("decrease answer", decreasedFields),
  writes: true,
});
