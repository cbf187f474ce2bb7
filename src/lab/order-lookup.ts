import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "../client/http.js";
import { backoff } from "../client/retry.js";
import { KalshiError } from "../errors.js";
import { getUserDataTimestamp } from "../exchange/operations/exchange.js";
import { getOrders } from "../exchange/operations/orders.js";
import { getFills } from "../exchange/operations/portfolio.js";
import type { Order } from "../exchange/order.js";
import type { PlacedOrder } from "../exchange/order-answer.js";
import { notional, roundAmount } from "../units/money.js";
import { HOUR, MILLISECOND, type Timestamp } from "../units/time.js";
import type { WireOrder } from "./order-request.js";

/** How long and how often a thing is looked for whose answer was lost. */
export interface LookupPolicy {
  /** How long a request may still be on its way in the exchange after we have lost sight of it. */
  readonly graceMs: number;
  /** Mean wait before the second look; doubles from there. */
  readonly baseMs: number;
  readonly ceilingMs: number;
  /** All looks together; after that the outcome is uncertain. */
  readonly deadlineMs: number;
}

export const defaultLookup: LookupPolicy = { graceMs: 2_000, baseMs: 250, ceilingMs: 2_000, deadlineMs: 30_000 };

/** What looking came to: the thing; that there is none, for certain; or nothing certain. */
export type Sought<T> =
  | { readonly state: "found"; readonly value: T }
  | { readonly state: "absent" }
  | { readonly state: "uncertain"; readonly cause: unknown };

/** What is far from the exchange's own clock is the clock of a sandbox, which has its own. */
const SAME_CLOCK = HOUR;

/**
 * Looks for what a lost request should have brought about, until it is there, or until the account's records have caught up with the moment
 * at which the request can have arrived at the latest: what is read just after a write can be older than it.
 *
 * `look` gets a moment safely before the request was sent; it gives null for nothing found yet.
 */
export async function seek<T>(
  client: Client,
  policy: LookupPolicy,
  look: (since: Timestamp, signal: AbortSignal) => Promise<T | null>,
): Promise<Sought<T>> {
  const lostAt = Date.now();
  const signal = AbortSignal.timeout(policy.deadlineMs);
  let first: Timestamp | null = null;
  try {
    for (let looks = 1; ; looks += 1) {
      const { as_of_time: asOf } = await getUserDataTimestamp(client, {}, { signal });
      first ??= asOf;
      const value = await look(first - HOUR, signal);
      if (value !== null) return { state: "found", value };
      if (asOf >= latestArrival(client, lostAt, first, policy)) return { state: "absent" };
      await wait(backoff(looks, policy), undefined, { signal });
    }
  } catch (cause) {
    return { state: "uncertain", cause };
  }
}

/** By the exchange's clock: when what was lost sight of at `lostAt` has arrived, if ever. */
function latestArrival(client: Client, lostAt: number, first: Timestamp, { graceMs }: LookupPolicy): Timestamp {
  const theirs = (lostAt + (client.clockOffsetMs ?? 0)) * MILLISECOND;
  const base = Math.abs(first - theirs) < SAME_CLOCK ? theirs : first;
  return base + graceMs * MILLISECOND;
}

/** Orders by their client ids: those of `wanted` that the exchange has, once it has all of them or has certainly no more. */
export async function seekOrders(
  client: Client,
  policy: LookupPolicy,
  wanted: readonly WireOrder[],
): Promise<{ readonly found: ReadonlyMap<string, PlacedOrder>; readonly sought: Sought<true> }> {
  const orders = new Map<string, Order>();
  const found = new Map<string, PlacedOrder>();
  const sought = await seek(client, policy, async (since, signal) => {
    const missing = wanted.filter((order) => !orders.has(order.client_order_id));
    for (const order of await listed(client, missing, since, signal)) orders.set(order.client_order_id ?? "", order);
    for (const [id, order] of orders) if (!found.has(id)) found.set(id, await placedOf(client, order, signal));
    return orders.size === wanted.length ? true : null;
  });
  return { found, sought };
}

/** Those of the orders that the exchange lists. It lists the newest first, so what was just placed is found at once. */
async function listed(
  client: Client,
  wanted: readonly WireOrder[],
  since: Timestamp,
  signal: AbortSignal,
): Promise<readonly Order[]> {
  const found: Order[] = [];
  for (const ticker of new Set(wanted.map((order) => order.ticker))) {
    const ids = new Set(wanted.filter((order) => order.ticker === ticker).map((order) => order.client_order_id));
    for await (const page of getOrders.pages(client, { ticker, min_ts: new Date(since / MILLISECOND) }, { signal })) {
      for (const order of page.orders) if (ids.delete(order.client_order_id ?? "")) found.push(order);
      if (ids.size === 0) break;
    }
  }
  return found;
}

/** The answer that an order had, or would have now: what was filled in the meantime counts as filled at once. */
async function placedOf(client: Client, order: Order, signal: AbortSignal): Promise<PlacedOrder> {
  let money = 0n;
  let fees = 0n;
  let count = 0;
  if (order.fill_count > 0) {
    for await (const page of getFills.pages(client, { order_id: order.order_id }, { signal })) {
      for (const fill of page.fills) {
        money += notional(fill.yes_price, fill.count);
        fees += BigInt(fill.fee_cost) * 100n;
        count += fill.count;
      }
    }
  }
  // Averages have four decimals. Fills that are not listed yet leave them unknown.
  const whole = count === order.fill_count && count > 0;
  const average = (sum: bigint): number | null =>
    whole ? roundAmount((sum * 100n) / BigInt(count), 100, "half-up") : null;
  return {
    order_id: order.order_id,
    client_order_id: order.client_order_id,
    fill_count: order.fill_count,
    remaining_count: order.remaining_count,
    average_fill_price: average(money),
    average_fee_paid: average(fees),
    time: momentOf(order, order.created_time ?? order.last_update_time),
    extra: null,
  };
}

/** A time of an order that answers always have. @throws KalshiError `BAD_RECORD` */
export function momentOf(order: Order, time: Timestamp | null): Timestamp {
  if (time !== null) return time;
  throw new KalshiError(
    "BAD_RECORD",
    `order ${order.order_id}: \`created_time\` and \`last_update_time\` are missing`,
    {
      hint: "the record is refused rather than guessed at",
      context: { id: order.order_id },
    },
  );
}
