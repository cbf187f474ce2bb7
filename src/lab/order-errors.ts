import { KalshiError } from "../errors.js";
import type { ItemRefusal } from "../exchange/batch-answer.js";

const money = "the order needs more free money than the account has: see lab.balance()";
const market = "the market is paused, closed or not open yet: see its status in lab.markets()";
const pause =
  "the exchange pauses, Thursdays 03:00 to 05:00 Eastern or as /exchange/status tells; in a trading pause cancels still work";
const other =
  "the order is not what you say it is: read it with lab.trading.order(orderId) and give its own ticker, side and ids";
const own = "it would have met an order of your own: cancel that one first, or choose selfTradePrevention";
const group = "reset the group with lab.trading.groups.reset(), or raise its limit";
const fill =
  "the book holds too little at this price: take what there is with immediate_or_cancel, or see lab.orderbook()";
const cross = "it would have taken at once: move the price away from the other side, or leave postOnly out";

/** What to do about each of the exchange's own codes of orders, by the code in lower case. @see API: 5.4 Order failures */
const hints: Readonly<Record<string, string>> = {
  bad_request: "a field of the request is missing or of the wrong kind; the exchange names it above",
  invalid_price: "the price must lie on the market's grid: see price_ranges of the market",
  invalid_order:
    "these options do not go together: expirationTime needs good_till_canceled and a future time, reduceOnly needs immediate_or_cancel",
  invalid_order_size: "the count must be above zero, in steps of 0.01",
  insufficient_balance: money,
  available_balance_too_low: money,
  order_id_and_client_order_id_mismatch: other,
  order_side_mismatch: other,
  order_ticker_mismatch: other,
  fill_or_kill_insufficient_resting_volume: fill,
  fok_insufficient_volume: fill,
  post_only_cross: cross,
  order_already_exists: "a client order id can be used once for ever; leave it out to get a fresh one",
  market_inactive: market,
  market_already_closed: market,
  trading_is_paused: pause,
  trading_paused: pause,
  exchange_is_paused: pause,
  exchange_paused: pause,
  exchange_unavailable: pause,
  self_cross_attempt: own,
  taker_cancel_for_self_trade_prevention: own,
  maker_cancel_for_self_trade_prevention: own,
  order_group_not_found: "no such group on this shard: see lab.trading.groups.list()",
  order_group_cancel: group,
  exceeded_order_group_risk_limit: group,
  exceeded_per_market_risk_limit:
    "the account may not hold more of this market: reduce the count, or close some of it first",
  exceeded_sell_position_floor: "more would be sold than is held: see lab.positions()",
  invalid_amend_qty_for_order:
    "the count of an amendment is what is filled plus what shall rest; it cannot lie below what is filled",
  immediate_or_cancelled: "nothing rested at this price; an order that may wait is good_till_canceled",
  expired: "its expirationTime has passed",
  internal_error: "the exchange says it did nothing: try again with the same clientOrderId",
  customer_account_not_found: "this account does not trade for customers; leave the subtrader out",
  permission_denied_for_customer_account: "this key may not trade for that customer",
};

/** The hint for a code of the exchange, in whatever spelling; the general one for a code that is not known. */
function hintFor(code: unknown, details: unknown): string {
  if (/post.only.cross/i.test(String(details))) return cross;
  return hints[String(code).toLowerCase()] ?? "read the exchange's own words above";
}

/** A refusal of an order in this library's words; any other error as it was. */
export function asOrderError(error: unknown): unknown {
  if (!(error instanceof KalshiError)) return error;
  const { context, message } = error;
  if (error.code === "REQUEST_REFUSED") {
    return new KalshiError("ORDER_REFUSED", message, {
      hint: hintFor(context.code, context.details),
      context,
      cause: error,
    });
  }
  if (error.code === "NOT_FOUND" && /market/i.test(String(context.code))) {
    return new KalshiError("MARKET_NOT_FOUND", message, {
      hint: "check the ticker: lab.search() finds markets",
      context,
      cause: error,
    });
  }
  if (error.code === "NOT_FOUND") {
    const hint =
      "check the id; unknown, cancelled and executed orders are answered alike, and lab.orders() tells which it is";
    return new KalshiError("NOT_FOUND", message, { hint, context, cause: error });
  }
  return error;
}

/** Why one item of a batch was refused, as an error that was not thrown. */
export function itemError(where: string, { code, message, details }: ItemRefusal): KalshiError {
  const said = [code, message, details].filter((part) => part !== null && part !== "").join(": ");
  const found = code === null ? "" : code.toLowerCase();
  const errorCode =
    found === "not_found" ? "NOT_FOUND" : found === "market_not_found" ? "MARKET_NOT_FOUND" : "ORDER_REFUSED";
  const hint =
    errorCode === "NOT_FOUND"
      ? "unknown, cancelled and executed orders are answered alike: see lab.orders()"
      : hintFor(code, details);
  return new KalshiError(errorCode, `${where}: the exchange refused it (${said})`, {
    hint,
    context: { code, message, details },
  });
}

/** An uncertain outcome, and how to find out about it. `ids` are what to look for, `where` to look. */
export function unsureError(
  error: KalshiError,
  ids: Readonly<Record<string, string>>,
  where = "lab.orders()",
): KalshiError {
  const named = Object.entries(ids).map(([name, id]) => `${name} ${id}`);
  return new KalshiError(error.code, error.message, {
    hint: `look it up before sending it again: ${where}, ${named.join(", ")}`,
    context: { ...error.context, ...ids },
    cause: error,
  });
}
