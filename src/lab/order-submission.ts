import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import type { PlacedOrder } from "../exchange/order-answer.js";
import { isUncertain } from "../exchange/uncertain.js";
import { asOrderError, unsureError } from "./order-errors.js";
import { type LookupPolicy, seekOrders } from "./order-lookup.js";
import type { WireOrder } from "./order-request.js";

/** What became of one order: placed, or why not. */
export type Outcome = PlacedOrder | KalshiError;

/** Sends orders and gives one outcome for each, in their order; throws what concerns all of them. */
export type Send = (orders: readonly WireOrder[]) => Promise<readonly Outcome[]>;

/**
 * Sends orders so that each is placed once at most, and gives what became of each, in their order.
 *
 * When the answer is lost they are looked up by their client ids. What has arrived counts as placed. What certainly has not is sent once
 * more under the same client id, which the exchange accepts only once. What stays uncertain is said to be so.
 */
export async function submit(
  client: Client,
  policy: LookupPolicy,
  send: Send,
  orders: readonly WireOrder[],
): Promise<readonly Outcome[]> {
  let lost: KalshiError;
  try {
    return await send(orders);
  } catch (error) {
    if (!isUncertain(error)) throw asOrderError(error);
    lost = error;
  }
  const outcomes = new Map<string, Outcome>();
  const first = await seekOrders(client, policy, orders);
  for (const [id, placed] of first.found) outcomes.set(id, placed);
  const missing = orders.filter((order) => !outcomes.has(order.client_order_id));
  if (missing.length > 0 && first.sought.state === "absent") {
    for (const [id, outcome] of await sendAgain(client, policy, send, missing)) outcomes.set(id, outcome);
  }
  return orders.map(({ client_order_id: id }) => outcomes.get(id) ?? unsureError(lost, { client_order_id: id }));
}

/** Sends orders a second and last time. An id that exists by now is that of the first time, come late. */
async function sendAgain(
  client: Client,
  policy: LookupPolicy,
  send: Send,
  orders: readonly WireOrder[],
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const unclear: WireOrder[] = [];
  try {
    const answers = await send(orders);
    for (const [at, order] of orders.entries()) {
      const outcome = answers[at]!;
      if (isTaken(outcome)) unclear.push(order);
      else outcomes.set(order.client_order_id, outcome);
    }
  } catch (error) {
    const refused = asOrderError(error);
    if (!(refused instanceof KalshiError)) throw error;
    if (isUncertain(error) || isTaken(refused)) unclear.push(...orders);
    else for (const order of orders) outcomes.set(order.client_order_id, refused);
  }
  if (unclear.length > 0) {
    const { found } = await seekOrders(client, policy, unclear);
    for (const [id, placed] of found) outcomes.set(id, placed);
  }
  return outcomes;
}

function isTaken(outcome: Outcome): boolean {
  return outcome instanceof KalshiError && String(outcome.context.code).toLowerCase() === "order_already_exists";
}
