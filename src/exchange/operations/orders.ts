import { always, maybe } from "../field.js";
import { operation } from "../operation.js";
import { liveOrders, orderFields } from "../order.js";
import { queuePositionFields } from "../order-answer.js";
import { needs, takes } from "../parameter.js";
import { list, object, record } from "../shape.js";

const order = record("order", orderFields);

/** Own orders, resting or finished after the cutoff, newest first. @see GET /portfolio/orders */
export const getOrders = operation({
  id: "GetOrders",
  method: "GET",
  path: liveOrders.path,
  access: "signed",
  query: {
    ticker: takes("text"),
    event_ticker: takes("comma", [0, 10]),
    min_ts: takes("seconds"),
    max_ts: takes("seconds"),
    status: takes("text"),
    limit: takes("integer", [1, liveOrders.maxLimit]),
    cursor: takes("text"),
    subaccount: takes("integer"),
    exchange_index: takes("integer"),
  },
  answer: object({ orders: list(order), cursor: maybe("text", "cursor", "next page, empty after the last") }),
  list: liveOrders,
});

/** One own order. Just after a change it may still be read as before. @see GET /portfolio/orders/{order_id} */
export const getOrder = operation({
  id: "GetOrder",
  method: "GET",
  path: "/portfolio/orders/{order_id}",
  access: "signed",
  inPath: { order_id: needs("text") },
  answer: object({ order }),
});

/** How many contracts stand before own resting orders: of markets or of an event. @see GET /portfolio/orders/queue_positions */
export const getOrderQueuePositions = operation({
  id: "GetOrderQueuePositions",
  method: "GET",
  path: "/portfolio/orders/queue_positions",
  access: "signed",
  query: { market_tickers: takes("comma"), event_ticker: takes("text"), subaccount: takes("integer") },
  answer: object({ queue_positions: list(record("queue position", queuePositionFields)) }),
});

/** How many contracts stand before one resting order. @see GET /portfolio/orders/{order_id}/queue_position */
export const getOrderQueuePosition = operation({
  id: "GetOrderQueuePosition",
  method: "GET",
  path: "/portfolio/orders/{order_id}/queue_position",
  access: "signed",
  inPath: { order_id: needs("text") },
  answer: object({ queue_position: always("contracts", "queue_position_fp", "contracts ahead of it at its price") }),
});
