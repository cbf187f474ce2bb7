import { always, maybe, type RecordOf } from "./field.js";

const ids = {
  order_id: always("uuid", "order_id", "key of the order"),
  client_order_id: maybe("text", "client_order_id", "our own id, unique for ever"),
};
const time = always("time", "ts_ms", "engine time", "millis");
const averageFillPrice = maybe("dollars", "average_fill_price", "YES price of what was filled, $; null without a fill");
const averageFeePaid = maybe("dollars", "average_fee_paid", "per contract filled, $; null without a fill");

/** The answer to an order. @see API: POST /portfolio/events/orders */
export const placedFields = {
  ...ids,
  fill_count: always("contracts", "fill_count", "filled at once"),
  remaining_count: always("contracts", "remaining_count", "resting"),
  average_fill_price: averageFillPrice,
  average_fee_paid: averageFeePaid,
  time,
};

/** The answer to an order. Counts in hundredths, money in micro-dollars, times in microseconds. */
export type PlacedOrder = RecordOf<typeof placedFields>;

/** The answer to a cancellation. @see API: DELETE /portfolio/events/orders/{order_id} */
export const canceledFields = { ...ids, reduced_by: always("contracts", "reduced_by", "contracts withdrawn"), time };

/** The answer to a cancellation. */
export type CanceledOrder = RecordOf<typeof canceledFields>;

/** The answer to an amendment. @see API: POST /portfolio/events/orders/{order_id}/amend */
export const amendedFields = {
  ...ids,
  remaining_count: maybe("contracts", "remaining_count", "resting, where that changed"),
  fill_count: maybe("contracts", "fill_count", "filled by the amendment"),
  average_fill_price: averageFillPrice,
  average_fee_paid: averageFeePaid,
  time,
};

/** The answer to an amendment. */
export type AmendedOrder = RecordOf<typeof amendedFields>;

/** The answer to a decrease. @see API: POST /portfolio/events/orders/{order_id}/decrease */
export const decreasedFields = { ...ids, remaining_count: always("contracts", "remaining_count", "resting"), time };

/** The answer to a decrease. */
export type DecreasedOrder = RecordOf<typeof decreasedFields>;

/** Contracts ahead of a resting order. @see API: GET /portfolio/orders/queue_positions */
export const queuePositionFields = {
  order_id: always("uuid", "order_id", "key of the order"),
  ticker: always("text", "market_ticker", "market"),
  queue_position: always("contracts", "queue_position_fp", "contracts ahead of it at its price"),
};

export type QueuePosition = RecordOf<typeof queuePositionFields>;
