import { CONTRACT, type Count } from "../../units/count.js";
import { HOUR, type Timestamp } from "../../units/time.js";
import type { MarketRecord, TradeRecord } from "../types.js";
import { tickAbove, tickBelow } from "./grid.js";
import { chanceBetween } from "./path.js";
import type { BuiltEvent, StrikePlan } from "./plan.js";
import { nearestOnGrid } from "./price-structures.js";
import type { Random } from "./random.js";

const LARGEST: Count = 25_000 * CONTRACT;

/**
 * The trades of one market up to a moment, oldest first; sets its figures to what they add up to. Takers come in bursts at the busy
 * hours and sweep several makers within one microsecond; prices follow the event's path from the opening to the outcome.
 */
export function printTrades(built: BuiltEvent, index: number, until: Timestamp): TradeRecord[] {
  const market = built.markets[index] as MarketRecord;
  const strike = built.plan.strikes[index] as StrikePlan;
  const random = built.random.stream(`trades/${strike.suffix}`);
  const trades: TradeRecord[] = [];
  for (const time of burstTimes(built, random)) {
    if (time >= until) break;
    sweep(built, market, strike, random, time, trades);
  }
  return trades;
}

/** Moments of the bursts of a whole life, ascending, whether or not all of it has passed. */
function burstTimes({ plan }: BuiltEvent, random: Random): readonly Timestamp[] {
  // A few markets never trade at all.
  if (random.chance(0.03)) return [];
  const count = Math.round(plan.bursts * Math.exp(0.7 * random.normal() - 0.25));
  const times: Timestamp[] = [];
  for (let i = 0; i < count; i += 1) {
    const time = random.integer(plan.openTime, plan.closeTime);
    const weight = plan.hours?.[Math.floor(time / HOUR) % 24] ?? 1;
    if (random.chance(weight)) times.push(time);
  }
  return times.sort((a, b) => a - b);
}

function sweep(
  { plan, path }: BuiltEvent,
  market: MarketRecord,
  strike: StrikePlan,
  random: Random,
  time: Timestamp,
  into: TradeRecord[],
): void {
  const fair = chanceBetween(path.at(time), strike.low, strike.high);
  // Hardly anybody trades what is as good as worth nothing; what is as good as won still changes hands near the dollar.
  if ((fair < 0.004 && random.chance(0.7)) || (fair > 0.996 && random.chance(0.3))) return;
  const taker = random.chance(0.56) ? "yes" : "no";
  const direction = taker === "yes" ? 1 : -1;
  const next = taker === "yes" ? tickAbove : tickBelow;
  const doubt = 0.03 * Math.sqrt(fair * (1 - fair)) * random.normal();
  let price = nearestOnGrid(market.grid, fair + doubt + direction * 0.008 * Math.min(1, 8 * fair * (1 - fair)));
  const makers = random.chance(0.62) ? 1 : 2 + Math.min(6, Math.floor(random.exponential() * 1.4));
  const isBlock = random.chance(0.0005);
  for (let i = 0; i < makers; i += 1) {
    const count = size(random, plan.fractional);
    const openInterest = held(market.stats.openInterest, count, random);
    into.push({ id: random.uuid(), ticker: market.ticker, price, count, taker, time, isBlock, openInterest });
    market.stats.openInterest = openInterest;
    market.stats.volume += count;
    market.stats.lastPrice = price;
    if (random.chance(0.45)) price = next(market.grid, price) ?? price;
  }
}

/** Contracts of one print: 22 in the median, 170 in the ninth tenth, a thousand once in a hundred. */
function size(random: Random, fractional: number): Count {
  const contracts = Math.exp(3.09 + 1.6 * random.normal());
  const count = random.chance(fractional)
    ? Math.round(contracts * CONTRACT)
    : Math.max(1, Math.round(contracts)) * CONTRACT;
  return Math.min(Math.max(count, 1), LARGEST);
}

/** Open interest after a trade: mostly both sides are new to the market, sometimes one or both hand over or leave. */
function held(before: Count, count: Count, random: Random): Count {
  const kind = random.next();
  if (kind < 0.62) return before + count;
  return kind < 0.82 ? before : Math.max(0, before - count);
}
