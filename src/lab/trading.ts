import { randomUUID } from "node:crypto";
import type { Client } from "../client/http.js";
import { type ErrorCode, KalshiError } from "../errors.js";
import { always, maybe, type RecordOf, recordParser } from "../exchange/field.js";
import { formatCount, parseCount } from "../units/count.js";
import { formatPrice, parsePrice } from "../units/price.js";

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
  readonly postOnly?: boolean | undefined;
  readonly reduceOnly?: boolean | undefined;
  /** Default `taker_at_cross`. */
  readonly selfTradePrevention?: "taker_at_cross" | "maker" | undefined;
  /** Unique for ever; made for you by default. */
  readonly clientOrderId?: string | undefined;
}

const placedFields = {
  order_id: always("uuid", "order_id", "key of the order"),
  client_order_id: maybe("text", "client_order_id", "our own id"),
  fill_count: always("contracts", "fill_count", "filled at once"),
  remaining_count: always("contracts", "remaining_count", "resting"),
  average_fill_price: maybe("dollars", "average_fill_price", "of what was filled, $"),
  average_fee_paid: maybe("dollars", "average_fee_paid", "per contract, $"),
  time: always("time", "ts_ms", "engine time", "millis"),
};

const canceledFields = {
  order_id: always("uuid", "order_id", "key of the order"),
  client_order_id: maybe("text", "client_order_id", "our own id"),
  reduced_by: always("contracts", "reduced_by", "contracts withdrawn"),
  time: always("time", "ts_ms", "engine time", "millis"),
};

/** The answer to an order. Counts in hundredths, money in micro-dollars, times in microseconds. */
export type PlacedOrder = RecordOf<typeof placedFields>;

/** The answer to a cancellation. */
export type CanceledOrder = RecordOf<typeof canceledFields>;

const parsePlaced = recordParser("order answer", placedFields);
const parseCanceled = recordParser("cancel answer", canceledFields);

/** Orders. Refused unless the lab was connected with `trading: true`, or to the sandbox. */
export class Trading {
  readonly #client: Client;
  readonly #allowed: boolean;

  constructor(client: Client, allowed: boolean) {
    this.#client = client;
    this.#allowed = allowed;
  }

  /**
   * Places a limit order. It is never sent twice: when the answer is lost, the error says so and names the client id to look it up by.
   *
   * @throws KalshiError `TRADING_DISABLED`, `ORDER_REFUSED` (with the exchange's own code in the context), `BAD_PRICE`, `BAD_COUNT`
   * @see POST /portfolio/events/orders
   */
  async place(order: OrderRequest): Promise<PlacedOrder> {
    this.#require();
    const body = {
      ticker: order.ticker,
      client_order_id: order.clientOrderId ?? randomUUID(),
      side: order.side,
      count: formatCount(parseCount(String(order.count))),
      price: formatPrice(parsePrice(String(order.price))),
      time_in_force: order.timeInForce ?? "good_till_canceled",
      self_trade_prevention_type: order.selfTradePrevention ?? "taker_at_cross",
      post_only: order.postOnly,
      reduce_only: order.reduceOnly,
    };
    return this.#send("POST", "/portfolio/events/orders", parsePlaced, body);
  }

  /**
   * Withdraws an order.
   *
   * @throws KalshiError `TRADING_DISABLED`; `NOT_FOUND` for an unknown, a cancelled and an executed order alike
   * @see DELETE /portfolio/events/orders/{order_id}
   */
  async cancel(orderId: string): Promise<CanceledOrder> {
    this.#require();
    return this.#send("DELETE", `/portfolio/events/orders/${encodeURIComponent(orderId)}`, parseCanceled);
  }

  async #send<T>(method: "POST" | "DELETE", path: string, parse: (raw: unknown) => T, body?: unknown): Promise<T> {
    try {
      return parse(await this.#client.json({ method, path, access: "signed", body }));
    } catch (error) {
      if (error instanceof KalshiError && error.code === "REQUEST_REFUSED") throw orderRefused(error);
      throw error instanceof KalshiError && unsure.has(error.code) ? orderUnsure(error, body) : error;
    }
  }

  #require(): void {
    if (this.#allowed) return;
    throw new KalshiError("TRADING_DISABLED", "this connection only reads", {
      hint: "connect({ trading: true }) allows orders on a real account; the sandbox always does",
    });
  }
}

/** After these nobody here knows whether the exchange has acted; an answer that cannot be read came from one that has. */
const unsure: ReadonlySet<ErrorCode> = new Set([
  "SERVER_FAILED",
  "TIMED_OUT",
  "UNREACHABLE",
  "BAD_RESPONSE",
  "BAD_RECORD",
  "INTERRUPTED",
]);

const hints: Readonly<Record<string, string>> = {
  invalid_price: "the price must lie on the market's grid: see price_ranges of the market",
  invalid_order_size: "the count must be above zero, in steps of 0.01",
  insufficient_balance: "the order needs more free money than the account has: see lab.balance()",
  available_balance_too_low: "the order needs more free money than the account has: see lab.balance()",
  order_already_exists: "a client order id can be used once for ever; leave it out to get a fresh one",
  MARKET_INACTIVE: "the market is paused or closed",
};

function orderRefused(error: KalshiError): KalshiError {
  const code = String(error.context.code);
  return new KalshiError("ORDER_REFUSED", error.message, {
    hint: hints[code] ?? "read the exchange's own words above",
    context: error.context,
    cause: error,
  });
}

/** The order may or may not have been placed: saying so is the only honest answer. */
function orderUnsure(error: KalshiError, body: unknown): KalshiError {
  const id = typeof body === "object" && body !== null ? Reflect.get(body, "client_order_id") : undefined;
  return new KalshiError(error.code, `${error.message}; the order may or may not have reached the exchange`, {
    hint: `look it up before sending it again: lab.orders(), client_order_id ${String(id ?? "unknown")}`,
    context: { ...error.context, client_order_id: id },
    cause: error,
  });
}
