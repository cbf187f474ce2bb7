import type { Count } from "../../units/count.js";
import { type Amount, notional } from "../../units/money.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { MINUTE, SECOND, type Timestamp } from "../../units/time.js";
import type { MarketRecord, TradeRecord, World } from "../types.js";
import type { FeeTerms } from "../world/fee-schedule.js";
import { tickAbove, tickBelow } from "../world/grid.js";
import type { Random } from "../world/random.js";
import type { Account, Fill, Order } from "./accounts.js";
import { bookFill, newOrder } from "./booking.js";
import type { BookSide } from "./matching.js";
import { settle } from "./settlement.js";

/** The series that an account's past was traded in. */
const SERIES = "SANDBOX";
/** A past has about this many fills. */
const FEWEST_FILLS = 170;
const MOST_FILLS = 230;
/** No single fill of the past costs more than this. */
const LARGEST_FILL: Amount = notional(80 * DOLLAR, 100);

/**
 * Gives an account a past: orders, fills and settlements in the settled markets of `SANDBOX`, each fill the account's part in a
 * public trade of that market, at its price, time and count. Money, positions and fees follow from them by the same rules as
 * when the engine trades. Depends on nothing but the world and the stream of chance.
 */
export function addPast(
  account: Account,
  world: World,
  termsOf: (market: MarketRecord, time: Timestamp) => FeeTerms,
  random: Random,
): void {
  const now = world.clock.now();
  const markets = [...world.markets.values()].filter((one) => one.seriesTicker === SERIES && one.settledTime <= now);
  const wanted = random.integer(FEWEST_FILLS, MOST_FILLS);
  const past: MarketPast[] = [];
  let count = 0;
  for (const market of shuffled(markets, random)) {
    if (count >= wanted) break;
    const one = tradeMarket(account, market, world, (time) => termsOf(market, time), random);
    if (one === null) continue;
    past.push(one);
    count += one.fills.length;
  }
  const byTime = (a: { time: Timestamp }, b: { time: Timestamp }) => a.time - b.time;
  account.fills.push(...past.flatMap(({ fills }) => fills).sort(byTime));
  for (const order of past.flatMap(({ orders }) => orders).sort((a, b) => a.created - b.created)) {
    account.orders.set(order.id, order);
    account.clientOrderIds.add(order.clientOrderId);
  }
  account.settlements.sort(byTime);
  account.updated = Math.max(0, ...past.map(({ market }) => market.settledTime));
}

interface MarketPast {
  readonly market: MarketRecord;
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
}

/** One to three orders in a market, in the order of their fills, and its settlement. Null where nothing fits. */
function tradeMarket(
  account: Account,
  market: MarketRecord,
  world: World,
  termsAt: (time: Timestamp) => FeeTerms,
  random: Random,
): MarketPast | null {
  const prints = world.trades.between(market.ticker, market.openTime, market.closeTime).filter(isModest);
  const orders: Order[] = [];
  const fills: Fill[] = [];
  let at = random.integer(0, Math.max(1, prints.length));
  for (let left = random.integer(1, 4); left > 0 && at < prints.length; left -= 1) {
    const taker = random.chance(0.55);
    const meets = taker ? swept(prints, at) : rested(prints, at, random);
    const order = placed(account, market, meets, taker, random);
    for (const trade of meets) {
      const part = { tradeId: trade.id, price: trade.price, count: trade.count, isTaker: taker, time: trade.time };
      order.remaining -= trade.count;
      fills.push(bookFill(account, order, termsAt(trade.time), part));
    }
    finish(order, market, random);
    orders.push(order);
    at = Math.max(...meets.map((trade) => prints.indexOf(trade))) + 1 + random.integer(0, 12);
    // Nobody could tell in which order two orders were filled in one moment.
    while (at < prints.length && prints[at]!.time <= meets.at(-1)!.time) at += 1;
  }
  if (fills.length === 0) return null;
  settle(account, market, market.settledTime);
  return { market, orders, fills };
}

/** A trade that a small account can have been part of. */
function isModest(trade: TradeRecord): boolean {
  return !trade.isBlock && notional(Math.max(trade.price, DOLLAR - trade.price), trade.count) <= LARGEST_FILL;
}

/** The trade at `at` and those that the same taker made with it: same moment, same side; the best price first. At most three. */
function swept(prints: readonly TradeRecord[], at: number): readonly TradeRecord[] {
  const first = prints[at]!;
  const sign = first.taker === "yes" ? 1 : -1;
  return prints
    .slice(at, at + 3)
    .filter((one) => one.time === first.time && one.taker === first.taker)
    .sort((a, b) => sign * (a.price - b.price));
}

/** The trade at `at`, and perhaps a later one at its price that the same resting order met. */
function rested(prints: readonly TradeRecord[], at: number, random: Random): readonly TradeRecord[] {
  const first = prints[at]!;
  const later = prints
    .slice(at + 1, at + 20)
    .find((one) => one.price === first.price && one.taker === first.taker && one.time > first.time);
  return later !== undefined && random.chance(0.5) ? [first, later] : [first];
}

/** The order behind fills: a taker's with a limit at or past the worst of them, a maker's at their price, placed before. */
function placed(
  account: Account,
  market: MarketRecord,
  meets: readonly TradeRecord[],
  taker: boolean,
  random: Random,
): Order {
  const first = meets[0]!;
  const long = (first.taker === "yes") === taker;
  const side: BookSide = long ? "bid" : "ask";
  const filled = meets.reduce((sum, trade) => sum + trade.count, 0);
  const extra: Count = random.chance(0.2) ? random.integer(1, 20) * 100 : 0;
  const waited = taker ? 0 : random.integer(2 * SECOND, 20 * MINUTE);
  const created = Math.max(market.openTime, first.time - waited);
  const draft = {
    id: random.uuid(),
    ticker: market.ticker,
    side,
    price: taker ? limitPast(market, side, meets, random) : first.price,
    count: filled + extra,
    clientOrderId: random.uuid(),
    selfTrade: "taker_at_cross" as const,
    cancelOnPause: false,
    expires: null,
  };
  return newOrder(account, draft, created);
}

/** A limit that all these trades satisfy, sometimes with a few ticks to spare. */
function limitPast(market: MarketRecord, side: BookSide, meets: readonly TradeRecord[], random: Random): Price {
  const prices = meets.map((trade) => trade.price);
  let price = side === "bid" ? Math.max(...prices) : Math.min(...prices);
  for (let spare = random.chance(0.4) ? random.integer(1, 4) : 0; spare > 0; spare -= 1) {
    price = (side === "bid" ? tickAbove(market.grid, price) : tickBelow(market.grid, price)) ?? price;
  }
  return price;
}

/** What was left of an order is withdrawn: at once where it took, some minutes later or at the close where it rested. */
function finish(order: Order, market: MarketRecord, random: Random): void {
  const whole = order.remaining === 0;
  order.status = whole ? "executed" : "canceled";
  order.remaining = 0;
  if (whole || order.takerCost > 0n) return;
  const later = order.updated + random.integer(SECOND, 30 * MINUTE);
  order.updated = Math.min(later, market.closeTime);
  order.reason = later < market.closeTime ? null : "CloseCancel";
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = random.integer(0, at + 1);
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}
