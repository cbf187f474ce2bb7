import type { Count } from "../../units/count.js";
import type { Amount } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { Refused, refusal } from "../wire/replies.js";
import { onGrid } from "../world/grid.js";
import { type Account, available, closingCount, collateral, type Order } from "./accounts.js";
import { type BookSide, crosses, probe } from "./matching.js";
import { isTrading, type OrderRequest, type Venue } from "./venue.js";

/**
 * Whether an order may enter, and with what count: a reduce-only one is cut to what its owner holds the other way.
 *
 * @throws Refused with the exchange's own answer, and then nothing has changed
 */
export function admit(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): OrderRequest {
  if (request.clientOrderId !== "" && account.clientOrderIds.has(request.clientOrderId)) {
    throw new Refused(refusal(409, "order_already_exists", "order already exists"));
  }
  check(venue, request, time);
  const allowed = request.reduceOnly ? reduced(venue, account, request) : request;
  const kills = request.timeInForce === "fill_or_kill";
  if (kills && probe(venue.book, { ...allowed, owner: account.userId }) === "short") {
    const code = "fill_or_kill_insufficient_resting_volume";
    throw new Refused(refusal(400, code, code.replaceAll("_", " ")));
  }
  afford(venue, account, allowed);
  return allowed;
}

/** What a resting order becomes. */
export interface Amendment {
  readonly price: Price;
  /** What is filled already and what shall rest, together. */
  readonly count: Count;
  readonly expires: Timestamp | null;
  readonly clientOrderId: string;
}

/** Whether a resting order may become what is asked. @throws Refused with the exchange's own answer, and then nothing has changed */
export function admitAmendment(
  venue: Venue,
  account: Account,
  order: Order,
  { price, count, expires, clientOrderId }: Amendment,
  time: Timestamp,
): void {
  if (clientOrderId !== order.clientOrderId && account.clientOrderIds.has(clientOrderId)) {
    throw new Refused(refusal(409, "order_already_exists", "order already exists"));
  }
  check(venue, { ...order, price, count, expires, ...AS_RESTING }, time);
  if (count < order.filled) {
    const code = "invalid_amend_qty_for_order";
    throw new Refused(refusal(400, code, code.replaceAll("_", " ")));
  }
  afford(venue, account, { side: order.side, price, count: count - order.filled }, order);
}

const AS_RESTING = { timeInForce: "good_till_canceled", postOnly: false, reduceOnly: false } as const;

/** Sets aside what an account's resting orders of a market may cost. To be called after anything that changes it. */
export function reserve(venue: Venue, account: Account): void {
  const { ticker } = venue.market;
  const amount = collateralOf(venue, account);
  if (amount === 0n) account.reserved.delete(ticker);
  else account.reserved.set(ticker, amount);
}

function check(venue: Venue, request: OrderRequest, time: Timestamp): void {
  const invalid = (details: string) => new Refused(refusal(400, "invalid_order", "invalid order", details));
  if (!isTrading(venue.market, time)) throw new Refused(refusal(400, "MARKET_INACTIVE", "market inactive"));
  if (!onGrid(venue.market.grid, request.price)) throw new Refused(refusal(400, "invalid_price", "invalid price"));
  if (!Number.isSafeInteger(request.count) || request.count <= 0) {
    throw new Refused(refusal(400, "invalid_order_size", "invalid order size"));
  }
  if (request.expires !== null) {
    if (request.timeInForce !== "good_till_canceled") throw invalid("expiration_time needs good_till_canceled");
    if (request.expires <= time) throw invalid("expiration_time is in the past");
  }
  if (request.reduceOnly && request.timeInForce !== "immediate_or_cancel") {
    throw invalid("reduce_only needs immediate_or_cancel");
  }
  if (request.postOnly && crosses(venue.book, request.side, request.price)) throw invalid("post only cross");
}

/** A reduce-only request cut to what its owner holds the other way; possibly to nothing. */
function reduced(venue: Venue, account: Account, request: OrderRequest): OrderRequest {
  const held = account.positions.get(venue.market.ticker)?.count ?? 0;
  return { ...request, count: closingCount(held, request.side, request.count) };
}

/** `instead`: a resting order in whose place it comes. */
function afford(
  venue: Venue,
  account: Account,
  request: Pick<OrderRequest, "side" | "price" | "count">,
  instead?: Order,
): void {
  const incoming = { side: request.side, price: request.price, remaining: request.count, role: "taker" as const };
  const needed = collateralOf(venue, account, incoming, instead) - (account.reserved.get(venue.market.ticker) ?? 0n);
  if (needed > 0n && needed > available(account)) {
    throw new Refused(refusal(400, "insufficient_balance", "insufficient balance"));
  }
}

interface Claim {
  readonly side: BookSide;
  readonly price: Price;
  readonly remaining: Count;
  readonly role: "taker" | "maker";
}

function collateralOf(venue: Venue, account: Account, incoming?: Claim, without?: Order): Amount {
  const { ticker } = venue.market;
  const held = account.positions.get(ticker)?.count ?? 0;
  const claims: Claim[] = [];
  for (const order of account.resting) {
    if (order.ticker === ticker && order !== without) {
      claims.push({ side: order.side, price: order.price, remaining: order.remaining, role: "maker" });
    }
  }
  if (incoming !== undefined) claims.push(incoming);
  const of = (side: BookSide) =>
    collateral(
      held,
      side,
      claims.filter((claim) => claim.side === side),
      venue.terms,
    );
  return of("bid") + of("ask");
}
