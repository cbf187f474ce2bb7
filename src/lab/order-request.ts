import { KalshiError } from "../errors.js";
import type { createOrderV2 } from "../exchange/operations/order-writes.js";
import { CONTRACT, type Count, parseCount } from "../units/count.js";
import { DOLLAR, parsePrice } from "../units/price.js";

/** An order as a caller writes it. Money and counts are text, or numbers that are written as such. */
export interface OrderRequest {
  readonly ticker: string;
  /** `bid` gets longer YES, `ask` longer NO. */
  readonly side: "bid" | "ask";
  /** Contracts: `"10"`, `"2.50"`. */
  readonly count: string | number;
  /** YES price in dollars: `"0.56"`. */
  readonly price: string | number;
  /** Default `good_till_canceled`. */
  readonly timeInForce?: "good_till_canceled" | "immediate_or_cancel" | "fill_or_kill" | undefined;
  /** When a resting order lapses: a `Date`, ISO text or Unix seconds; only with `good_till_canceled`. */
  readonly expirationTime?: Date | string | number | undefined;
  /** Refused rather than taking. */
  readonly postOnly?: boolean | undefined;
  /** Never more than closes the position; only with `immediate_or_cancel`. */
  readonly reduceOnly?: boolean | undefined;
  /** Withdrawn when the exchange pauses. */
  readonly cancelOrderOnPause?: boolean | undefined;
  /** Default `taker_at_cross`. */
  readonly selfTradePrevention?: "taker_at_cross" | "maker" | undefined;
  /** Unique for ever; made for you by default. */
  readonly clientOrderId?: string | undefined;
  /** Default 0, the primary account. */
  readonly subaccount?: number | undefined;
  /** Group that it counts for. @see Trading.groups */
  readonly orderGroupId?: string | undefined;
  /** Shard; found by the ticker by default. */
  readonly exchangeIndex?: number | undefined;
}

/** Where an order is: needed for orders outside of the primary account and of shard 0. */
export interface OrderPlace {
  /** Default 0, the primary account. */
  readonly subaccount?: number | undefined;
  /** Shard. */
  readonly exchangeIndex?: number | undefined;
  /** The order's market, by which the exchange finds the shard. */
  readonly ticker?: string | undefined;
}

/** What an order becomes. Ticker and side must be its own. */
export interface AmendRequest extends Omit<OrderPlace, "ticker"> {
  readonly ticker: string;
  readonly side: "bid" | "ask";
  /** New YES price in dollars. */
  readonly price: string | number;
  /** New count in contracts: what is filled already plus what shall rest. */
  readonly count: string | number;
  /** Its client id, to be checked. */
  readonly clientOrderId?: string | undefined;
  /** A new client id. */
  readonly updatedClientOrderId?: string | undefined;
  /** When it lapses; left out it stays, `0` is never. */
  readonly expirationTime?: Date | string | number | undefined;
}

/** By or to how many contracts an order is made smaller: exactly one of the two. */
export interface DecreaseRequest extends OrderPlace {
  readonly reduceBy?: string | number | undefined;
  readonly reduceTo?: string | number | undefined;
}

type OrderArguments = NonNullable<Parameters<typeof createOrderV2>[1]>;

/** An order under the exchange's own names, with a client id in any case: it is what an order is looked up by. */
export type WireOrder = OrderArguments & { readonly client_order_id: string };

/** An order as the exchange wants it. @throws KalshiError `BAD_ARGUMENT`, `BAD_PRICE`, `BAD_COUNT` */
export function wireOrder(order: OrderRequest, clientOrderId: string): WireOrder {
  checkSide(order.side);
  checkPrice(order.price);
  checkCount(order.count, "an order");
  return {
    ticker: order.ticker,
    client_order_id: clientOrderId,
    side: order.side,
    count: order.count,
    price: order.price,
    time_in_force: order.timeInForce ?? "good_till_canceled",
    self_trade_prevention_type: order.selfTradePrevention ?? "taker_at_cross",
    expiration_time: order.expirationTime,
    post_only: order.postOnly,
    reduce_only: order.reduceOnly,
    cancel_order_on_pause: order.cancelOrderOnPause,
    subaccount: order.subaccount,
    order_group_id: order.orderGroupId,
    exchange_index: order.exchangeIndex,
  };
}

/** A place under the exchange's own names. */
export function wirePlace({ subaccount, exchangeIndex, ticker }: OrderPlace): {
  subaccount: number | undefined;
  exchange_index: number | undefined;
  market_ticker: string | undefined;
} {
  return { subaccount, exchange_index: exchangeIndex, market_ticker: ticker };
}

/** @throws KalshiError `BAD_ARGUMENT` */
export function checkSide(side: unknown): void {
  if (side === "bid" || side === "ask") return;
  throw new KalshiError("BAD_ARGUMENT", `no side of an order: ${JSON.stringify(side)}`, {
    hint: 'give "bid" to get longer YES, or "ask" to get longer NO; buying NO at 0.30 is an ask at 0.70',
    context: { side },
  });
}

/** @throws KalshiError `BAD_PRICE` for what is no amount, or none of a contract that pays a dollar */
export function checkPrice(price: string | number): void {
  const read = parsePrice(String(price));
  if (read >= 0 && read <= DOLLAR) return;
  throw new KalshiError("BAD_PRICE", `no price of a contract: $${price}`, {
    hint: 'prices are dollars from 0 to 1, of the YES side: "0.56" for 56 cents',
    context: { price },
  });
}

/** @throws KalshiError `BAD_COUNT` for what is no number of contracts, or not above zero */
export function checkCount(count: string | number, of: string, least: Count = 1): void {
  const read = parseCount(String(count));
  if (read >= least) return;
  throw new KalshiError("BAD_COUNT", `${of} of ${count} contracts`, {
    hint: `give ${least === 0 ? "zero" : `${least / CONTRACT}`} contracts or more, in steps of 0.01`,
    context: { count },
  });
}
