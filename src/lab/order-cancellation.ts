import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { cancelOrderV2 } from "../exchange/operations/order-writes.js";
import { getOrder } from "../exchange/operations/orders.js";
import type { Order } from "../exchange/order.js";
import type { CanceledOrder } from "../exchange/order-answer.js";
import { isUncertain } from "../exchange/uncertain.js";
import { asOrderError, unsureError } from "./order-errors.js";
import { type LookupPolicy, momentOf, type Sought, seek } from "./order-lookup.js";

type Target = Parameters<typeof cancelOrderV2>[1];

/**
 * Withdraws an order. When the answer is lost the order is read until it rests no longer, or until the account's records have caught up; only
 * then, if it still rests, the withdrawal is sent a second and last time.
 *
 * @throws KalshiError `NOT_FOUND`, and what {@link asOrderError} gives; of a lost answer that reading does not settle, the code of the loss
 */
export async function cancelOrder(client: Client, policy: LookupPolicy, target: Target): Promise<CanceledOrder> {
  let lost: KalshiError;
  try {
    return await cancelOrderV2(client, target);
  } catch (error) {
    if (!isUncertain(error)) throw asOrderError(error);
    lost = error;
  }
  let sought = await seekEnded(client, policy, target.order_id);
  if (sought.state === "absent") {
    try {
      return await cancelOrderV2(client, target);
    } catch (error) {
      // Not found now, it was the first that withdrew it, or it was filled in between: the order tells.
      const mayHaveEnded = isUncertain(error) || (error instanceof KalshiError && error.code === "NOT_FOUND");
      if (!mayHaveEnded) throw asOrderError(error);
      sought = await seekEnded(client, policy, target.order_id);
    }
  }
  if (sought.state === "found") return canceledOf(sought.value, lost);
  throw unsureError(lost, { order_id: target.order_id }, "lab.trading.order()");
}

/** The order once it rests no longer. */
function seekEnded(client: Client, policy: LookupPolicy, id: string): Promise<Sought<Order>> {
  return seek(client, policy, async (_, signal) => {
    const { order } = await getOrder(client, { order_id: id }, { signal });
    return order.status === "resting" ? null : order;
  });
}

/** The answer to the cancellation of an order that rests no longer. */
function canceledOf(order: Order, lost: KalshiError): CanceledOrder {
  if (order.status !== "canceled") {
    throw new KalshiError("NOT_FOUND", `order ${order.order_id} is ${order.status}: there was nothing left to cancel`, {
      hint: "see what it was filled at: lab.fills()",
      context: { order_id: order.order_id, status: order.status },
      cause: lost,
    });
  }
  return {
    order_id: order.order_id,
    client_order_id: order.client_order_id,
    reduced_by: order.initial_count - order.fill_count,
    time: momentOf(order, order.last_update_time ?? order.created_time),
    extra: null,
  };
}
