import { formatCount } from "../../units/count.js";
import { formatAmount } from "../../units/money.js";
import { complement, formatPrice } from "../../units/price.js";
import { formatTime, MILLISECOND, toSeconds } from "../../units/time.js";
import { type Account, available } from "../engine/accounts.js";
import type { Engine } from "../engine/engine.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import type { Limits } from "../rest/limits.js";
import type { Stats } from "../rest/stats.js";
import type { Connection } from "../socket/connection.js";
import type { Json, JsonObject, Levels, MarketRecord } from "../types.js";
import { orderWire } from "../wire/private-messages.js";
import { statusOf } from "../world/lifecycle.js";
import type { MemoryWorld } from "../world/world.js";

/** What the overview is told from. */
export interface Overviewed {
  readonly world: MemoryWorld;
  readonly engine: Engine;
  readonly limits: Limits;
  readonly faults: FaultPlan;
  readonly stats: Stats;
  readonly clock: { readonly speed: number | string };
  readonly isFrozen: boolean;
  connections(): readonly Connection[];
}

const MOST_MARKETS = 200;
const MOST_LEVELS = 12;
const MOST_TRADES = 12;
const MOST_ORDERS = 40;
const MOST_STRIKES = 40;

/** All that the control page shows at a moment: counts and prices as text on the wire's grid, nothing secret. */
export function overview(parts: Overviewed, query: URLSearchParams): JsonObject {
  const { world, engine, faults, stats, limits } = parts;
  const live = liveMarkets(world);
  const wanted = (query.get("filter") ?? "").toUpperCase();
  const found = live.filter((market) => market.ticker.includes(wanted));
  const ticker = query.get("ticker") ?? "";
  return {
    accounts: members(engine).map((account) => accountRow(account)),
    book: bookOf(parts, world.markets.has(ticker) ? ticker : liveliest(engine, found)),
    clock: { frozen: parts.isFrozen, now: formatTime(world.clock.now()), speed: parts.clock.speed },
    faults: faults.list(),
    log: faults.log.describe(MOST_STRIKES),
    markets: found.slice(0, MOST_MARKETS).map((market) => marketRow(parts, market)),
    markets_found: found.length,
    markets_live: live.length,
    orders: members(engine).flatMap(restingRows).slice(-MOST_ORDERS),
    process: { memory_bytes: process.memoryUsage.rss(), pid: process.pid, uptime_s: Math.floor(process.uptime()) },
    requests: stats.describe(),
    sessions: parts.connections().map(sessionRow),
    tokens: limits.levels(),
    world: { events: world.events.size, markets: world.markets.size, seed: world.seed, series: world.series.size },
  };
}

function members(engine: Engine): readonly Account[] {
  return engine.accounts().filter(({ house }) => !house);
}

/** Markets with a book that are not over. */
function liveMarkets(world: MemoryWorld): readonly MarketRecord[] {
  const now = world.clock.now();
  return [...world.markets.values()].filter(
    (market) => market.live && market.createdTime <= now && now < market.settledTime,
  );
}

/** The first market that has quotes on both sides: there something moves. */
function liveliest(engine: Engine, markets: readonly MarketRecord[]): string {
  const quoted = markets.find(({ ticker }) => {
    const view = engine.ticker(ticker);
    return view?.yesBid != null && view.yesAsk !== null;
  });
  return (quoted ?? markets[0])?.ticker ?? "";
}

function marketRow({ engine, world }: Overviewed, market: MarketRecord): JsonObject {
  const view = engine.ticker(market.ticker);
  return {
    ask: view?.yesAsk == null ? null : formatPrice(view.yesAsk),
    bid: view?.yesBid == null ? null : formatPrice(view.yesBid),
    last: view?.lastPrice == null ? null : formatPrice(view.lastPrice),
    status: statusOf(market, world.clock.now()),
    ticker: market.ticker,
    volume: formatCount(view?.volume ?? 0),
  };
}

/** One market's ladder, both sides in YES prices and best first, and its last trades, newest first. */
function bookOf({ engine, world }: Overviewed, ticker: string): Json {
  const market = world.markets.get(ticker);
  if (market === undefined) return null;
  const book = engine.book(ticker);
  const side = (levels: Levels, yesPrice: (price: number) => number) =>
    levels
      .slice(-MOST_LEVELS)
      .reverse()
      .map(([price, count]) => [formatPrice(yesPrice(price)), formatCount(count)]);
  const trades = world.trades.page({ ticker, to: world.clock.now() + 1, limit: MOST_TRADES });
  return {
    asks: side(book?.no ?? [], complement),
    ask_levels: book?.no.length ?? 0,
    bids: side(book?.yes ?? [], (price) => price),
    bid_levels: book?.yes.length ?? 0,
    closes: formatTime(market.closeTime),
    ticker,
    title: typeof market.wire.title === "string" ? market.wire.title : "",
    trades: trades.map(({ id, price, count, taker, time }) => ({
      count: formatCount(count),
      id,
      price: formatPrice(price),
      taker,
      time: formatTime(time),
    })),
  };
}

function sessionRow(connection: Connection): JsonObject {
  return {
    account: connection.account.userId,
    frames: connection.sent,
    id: connection.id,
    pending_bytes: connection.pending,
    since_ms: connection.since / MILLISECOND,
    subscriptions: connection.subscriptions().map((subscription) => ({ ...subscription })),
  };
}

function accountRow(account: Account): JsonObject {
  return {
    balance: formatAmount(available(account), 4),
    fills: account.fills.length,
    orders: account.orders.size,
    positions: [...account.positions.values()].filter(({ count }) => count !== 0).length,
    resting: account.resting.size,
    subaccount: account.subaccount,
    updated_ts: toSeconds(account.updated),
    user_id: account.userId,
  };
}

function restingRows(account: Account): JsonObject[] {
  return [...account.resting].slice(-MOST_ORDERS).map((order) => {
    const { order_id, ticker, yes_price_dollars, remaining_count_fp, fill_count_fp, book_side } = orderWire(order);
    return {
      book_side,
      fill_count_fp,
      order_id,
      remaining_count_fp,
      subaccount: account.subaccount,
      ticker,
      user_id: account.userId,
      yes_price_dollars,
    };
  });
}
