import type { Count } from "../../units/count.js";
import { parseFixed } from "../../units/fixed.js";
import { SECOND } from "../../units/time.js";
import type { Order } from "../engine/accounts.js";
import type { Amendment } from "../engine/admission.js";
import type { OrderRequest } from "../engine/venue.js";
import { Refused, refusal } from "../wire/replies.js";
import { demand, type Fields, fieldsOf, items, missing, parseCount, text } from "./body.js";
import { checkShard } from "./shard.js";

/** An order as a create request asks for it, read as strictly as the exchange: strings for count and price, known words for the rest. */
export function readCreate(body: unknown): { ticker: string; order: OrderRequest } {
  const fields = fieldsOf("CreateOrderV2Request", body);
  demand(fields, ["ticker", "side", "count", "price", "time_in_force", "self_trade_prevention_type"]);
  checkShard(text(fields, "exchange_index", "number"));
  const expires = text(fields, "expiration_time", "number");
  const order: OrderRequest = {
    side: word(fields, "side", ["bid", "ask"]),
    price: readPrice(text(fields, "price", "string") ?? ""),
    count: readCount(text(fields, "count", "string") ?? ""),
    timeInForce: word(fields, "time_in_force", ["good_till_canceled", "immediate_or_cancel", "fill_or_kill"]),
    selfTrade: word(fields, "self_trade_prevention_type", ["taker_at_cross", "maker"]),
    clientOrderId: text(fields, "client_order_id", "string") ?? "",
    postOnly: text(fields, "post_only", "boolean") ?? false,
    reduceOnly: text(fields, "reduce_only", "boolean") ?? false,
    cancelOnPause: text(fields, "cancel_order_on_pause", "boolean") ?? false,
    expires: expires === undefined ? null : expires * SECOND,
    subaccount: text(fields, "subaccount", "number") ?? 0,
    groupId: text(fields, "order_group_id", "string") ?? null,
  };
  return { ticker: text(fields, "ticker", "string") ?? "", order };
}

/** What an amend request asks of the order that it is about. @throws Refused for another order's ticker, side or client id */
export function readAmend(body: unknown): (order: Order) => Amendment {
  const fields = fieldsOf("AmendOrderV2Request", body);
  demand(fields, ["ticker", "side", "price", "count"]);
  checkShard(text(fields, "exchange_index", "number"));
  const side = word(fields, "side", ["bid", "ask"]);
  const ticker = text(fields, "ticker", "string");
  const clientOrderId = text(fields, "client_order_id", "string");
  const price = readPrice(text(fields, "price", "string") ?? "");
  const count = readCount(text(fields, "count", "string") ?? "");
  const updated = text(fields, "updated_client_order_id", "string");
  const expires = text(fields, "expiration_time", "number");
  return (order) => {
    if (order.ticker !== ticker) throw mismatch("order_ticker_mismatch");
    if (order.side !== side) throw mismatch("order_side_mismatch");
    if (clientOrderId !== undefined && clientOrderId !== order.clientOrderId) {
      throw mismatch("order_id_and_client_order_id_mismatch");
    }
    // Left out it stays, 0 is never.
    const lapses = expires === 0 ? null : expires === undefined ? order.expires : expires * SECOND;
    return { price, count, expires: lapses, clientOrderId: updated ?? order.clientOrderId };
  };
}

/** By how much a decrease request makes the order smaller that it is about. */
export function readDecrease(body: unknown): (order: Order) => Count {
  const fields = fieldsOf("DecreaseOrderV2Request", body);
  checkShard(text(fields, "exchange_index", "number"));
  const by = text(fields, "reduce_by", "string");
  const to = text(fields, "reduce_to", "string");
  if ((by === undefined) === (to === undefined)) throw refused("exactly one of reduce_by and reduce_to is needed");
  const count = readCount(by ?? to ?? "");
  const named = text(fields, "market_ticker", "string");
  return ({ remaining, ticker }) => {
    if (named !== undefined && named !== ticker) throw mismatch("order_ticker_mismatch");
    const less = by === undefined ? remaining - count : count;
    // The other way round, or past nothing: what the exchange does then is not known.
    if (less <= 0 || less > remaining) throw badSize();
    return less;
  };
}

/** The items of a batch's body. */
export function readItems(struct: string, body: unknown): readonly unknown[] {
  const orders = items(fieldsOf(struct, body), "orders");
  if (orders === undefined || orders.length === 0) throw missing("orders");
  return orders;
}

/** An order to be cancelled: its subaccount, the shard that it is sought on, and its market where that is said. */
export interface Target {
  readonly id: string;
  readonly subaccount: number;
  readonly shard: number;
  readonly ticker: string | undefined;
}

/** What an item of a batch of cancellations is about. */
export function readTarget(item: unknown): Target {
  const fields = fieldsOf("BatchCancelOrdersV2RequestOrder", item);
  demand(fields, ["order_id"]);
  return {
    id: text(fields, "order_id", "string") ?? "",
    subaccount: text(fields, "subaccount", "number") ?? 0,
    shard: text(fields, "exchange_index", "number") ?? 0,
    ticker: text(fields, "market_ticker", "string"),
  };
}

function word<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word {
  const value = text(fields, name, "string");
  const found = words.find((candidate) => candidate === value);
  if (found === undefined) throw refused(`${name} should be one of ${words.join(", ")}`);
  return found;
}

/** Prices are taken with two to four decimals: no grid is finer. */
const PRICE_TEXT = /^\d+\.\d{2,4}$/;

/** A price in micro-dollars. What cannot be one is off every grid. */
function readPrice(value: string): number {
  const price = PRICE_TEXT.test(value) ? parseFixed(value, 6) : Number.NaN;
  if (Number.isNaN(price)) throw new Refused(refusal(400, "invalid_price", "invalid price"));
  return price;
}

/** A count in hundredths. What is no number, or one with more than two decimals, is no size. */
function readCount(value: string): Count {
  const count = parseCount(value);
  if (Number.isNaN(count)) throw badSize();
  return count;
}

function badSize(): Refused {
  return new Refused(refusal(400, "invalid_order_size", "invalid order size"));
}

function mismatch(code: string): Refused {
  return new Refused(refusal(400, code, code.replaceAll("_", " ")));
}

function refused(details: string): Refused {
  return new Refused(refusal(400, "invalid_order", "invalid order", details));
}
