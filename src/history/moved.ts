import type { ListEndpoint } from "../client/pages.js";
import { historicalFills, liveFills } from "../exchange/fill.js";
import { historicalMarkets, liveMarkets } from "../exchange/market.js";
import { historicalOrders, liveOrders } from "../exchange/order.js";
import { historicalPositions, livePositions } from "../exchange/position.js";
import { historicalTrades, liveTrades } from "../exchange/trade.js";
import { type Cutoffs, OVERLAP } from "./cutoff.js";
import type { Leg, ListLeg, Plan } from "./plan.js";
import { earlier, spanLeg } from "./span-leg.js";

/**
 * What is still missing when the cutoff has moved while a plan was followed: the rows that left the live tier meanwhile, from the
 * historical one.
 */
export function routeMoved(plan: Plan, now: Cutoffs): readonly Leg[] {
  const before = plan.cutoffs;
  if (before === null) return [];
  const moved: Leg[] = [];
  for (const leg of plan.legs) {
    if (leg.kind === "list" && leg.tier === "live") moved.push(...listMoved(leg, before, now));
    if (leg.kind === "candlesticks" && leg.tier === "live" && now.market_settled > before.market_settled) {
      // A market that crossed the cutoff answers for its candles on the other side from now on.
      moved.push(
        ...leg.tickers.map((ticker): Leg => ({ ...leg, tier: "historical", tickers: [ticker], mayBeMissing: true })),
      );
    }
  }
  return moved;
}

function listMoved(leg: ListLeg, before: Cutoffs, now: Cutoffs): readonly Leg[] {
  const pair = tiers[leg.endpoint.path];
  if (pair === undefined || now[pair.cutoff] <= before[pair.cutoff]) return [];
  const { settlement_status: _, ...query } = leg.query;
  if (leg.keep === null) return [{ ...leg, tier: "historical", endpoint: pair.endpoint, query }];
  const { max_ts: _max, min_ts: _min, ...bare } = query;
  const to = pair.spans ? earlier(leg.keep.to, now[pair.cutoff] + OVERLAP) : leg.keep.to;
  const { from, tickers, field } = leg.keep;
  return [{ ...spanLeg("historical", pair.endpoint, bare, from, to, tickers, field), stamp: leg.stamp }];
}

/** Which list a live one is archived to, by which cutoff, and whether that cutoff bounds the times we filter by. */
const tiers: Readonly<Record<string, { endpoint: ListEndpoint; cutoff: keyof Cutoffs; spans: boolean }>> = {
  [liveTrades.path]: { endpoint: historicalTrades, cutoff: "trades_created", spans: true },
  [liveFills.path]: { endpoint: historicalFills, cutoff: "trades_created", spans: true },
  [liveOrders.path]: { endpoint: historicalOrders, cutoff: "orders_updated", spans: true },
  [livePositions.path]: { endpoint: historicalPositions, cutoff: "positions_updated", spans: false },
  [liveMarkets.path]: { endpoint: historicalMarkets, cutoff: "market_settled", spans: false },
};
