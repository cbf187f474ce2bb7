import type { Count } from "../../units/count.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { Refused, refusal } from "../wire/replies.js";
import { onGrid } from "../world/grid.js";
import { type Account, closingCount, type Order } from "./accounts.js";
import type { Margin } from "./margin.js";
import { countReached, crosses, type Incoming, probe } from "./matching.js";
import type { OrderGroups } from "./order-groups.js";
import { isTrading, type OrderRequest, type Venue } from "./venue.js";

/** Open orders that a member may have at once. */
const MOST_OPEN = 200_000;

/** What a resting order becomes. */
export interface Amendment {
  readonly price: Price;
  /** What is filled already and what shall rest, together. */
  readonly count: Count;
  readonly expires: Timestamp | null;
  readonly clientOrderId: string;
}

/** Who may enter the book. Each question throws {@link Refused} with the exchange's own answer, and then nothing has changed. */
export interface Admission {
  /** Gives the count back with which an order may enter: a reduce-only one is cut to what its owner holds the other way. */
  admit(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): OrderRequest;
  admitAmendment(venue: Venue, account: Account, order: Order, amendment: Amendment, time: Timestamp): void;
}

export function createAdmission(margin: Margin, groups: OrderGroups): Admission {
  function admit(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): OrderRequest {
    if (request.clientOrderId !== "" && account.clientOrderIds.has(request.clientOrderId)) throw known();
    check(venue, request, time);
    const { groupId = null } = request;
    if (groupId !== null) groups.admit(account.userId, account.subaccount, groupId);
    if (account.resting.size >= MOST_OPEN) throw invalid(`more than ${MOST_OPEN} open orders`);
    const allowed = request.reduceOnly ? reduced(venue, account, request) : request;
    const incoming = { ...allowed, owner: account.userId };
    if (request.timeInForce === "fill_or_kill" && probe(venue.book, incoming) === "short") {
      throw inLowerCase("fill_or_kill_insufficient_resting_volume");
    }
    afford(venue, account, incoming);
    return allowed;
  }

  function admitAmendment(
    venue: Venue,
    account: Account,
    order: Order,
    { price, count, expires, clientOrderId }: Amendment,
    time: Timestamp,
  ): void {
    if (clientOrderId !== order.clientOrderId && account.clientOrderIds.has(clientOrderId)) throw known();
    check(venue, { ...order, price, count, expires, ...AS_RESTING }, time, 0);
    if (count < order.filled) throw inLowerCase("invalid_amend_qty_for_order");
    afford(venue, account, { ...order, price, count: count - order.filled }, order);
  }

  function afford(venue: Venue, account: Account, incoming: Incoming, instead?: Order): void {
    const { side, price, count: remaining } = incoming;
    // What is left after those fills rests, and is filled once more.
    const fills = countReached(venue.book, incoming) + 1;
    margin.afford(venue, account, { side, price, remaining, role: "taker", fills }, instead);
  }

  return { admit, admitAmendment };
}

const AS_RESTING = { timeInForce: "good_till_canceled", postOnly: false, reduceOnly: false } as const;

/** `least` is the smallest count: an order that nothing is filled of can be amended to none, which cancels it. */
function check(venue: Venue, request: OrderRequest, time: Timestamp, least: Count = 1): void {
  if (!isTrading(venue.market, time)) throw inactive();
  if (!onGrid(venue.market.grid, request.price)) throw new Refused(refusal(400, "invalid_price", "invalid price"));
  if (!Number.isSafeInteger(request.count) || request.count < least) {
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

/** What an order meets whose market does not trade. */
export function inactive(): Refused {
  return new Refused(refusal(400, "MARKET_INACTIVE", "market inactive"));
}

/** What a change of an order meets that names another market than the order's. */
export function otherMarket(): Refused {
  return inLowerCase("order_ticker_mismatch");
}

function known(): Refused {
  return new Refused(refusal(409, "order_already_exists", "order already exists"));
}

function inLowerCase(code: string): Refused {
  return new Refused(refusal(400, code, code.replaceAll("_", " ")));
}

function invalid(details: string): Refused {
  return new Refused(refusal(400, "invalid_order", "invalid order", details));
}
