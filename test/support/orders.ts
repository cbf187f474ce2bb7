import { KalshiError } from "../../src/errors.js";
import type { Engine } from "../../src/sandbox/engine/engine.js";
import type { OrderRequest } from "../../src/sandbox/engine/venue.js";
import { Refused } from "../../src/sandbox/wire/replies.js";
import { parsePrice } from "../../src/units/price.js";

let serial = 0;

/** A good-till-cancelled order of contracts at a price, unless told otherwise. */
export function limit(
  side: "bid" | "ask",
  price: string,
  contracts: number,
  more: Partial<OrderRequest> = {},
): OrderRequest {
  serial += 1;
  return {
    side,
    price: parsePrice(price),
    count: Math.round(contracts * 100),
    timeInForce: "good_till_canceled",
    selfTrade: "taker_at_cross",
    clientOrderId: `limit-${serial}`,
    postOnly: false,
    reduceOnly: false,
    cancelOnPause: false,
    expires: null,
    ...more,
  };
}

/** The code that something is refused with, or "accepted". */
export function codeOf(act: () => unknown): string {
  try {
    act();
    return "accepted";
  } catch (error) {
    if (error instanceof KalshiError) return error.code;
    if (!(error instanceof Refused)) throw error;
    return (error.reply.body as { readonly error: { readonly code: string } }).error.code;
  }
}

/** What should be nothing: the money that an engine has lost or made. */
export function lostBy(engine: Engine): bigint {
  const { cash, escrow, fees, deposited } = engine.audit();
  return cash + escrow + fees - deposited;
}
