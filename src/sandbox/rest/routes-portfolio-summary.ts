import { type Amount, formatAmount, notional } from "../../units/money.js";
import { complement } from "../../units/price.js";
import type { Account } from "../engine/accounts.js";
import type { Engine } from "../engine/engine.js";
import type { Reply, Route } from "../types.js";
import { cents } from "../wire/private-messages.js";
import { notFound, ok } from "../wire/replies.js";
import { type Asked, signedReads } from "./signed-read.js";

/** What else an account may be asked: what its orders are worth, and what came and went. It begins with its money, so nothing did. */
export function summaryRoutes(engine: Engine): Route[] {
  const read = signedReads(engine);
  return [
    read("/portfolio/summary/total_resting_order_value", restingValue, "GetTotalRestingOrderValue"),
    read("/portfolio/deposits", ({ query }) => none("deposits", query.limit(1, 500, 100)), "GetDeposits"),
    read("/portfolio/withdrawals", ({ query }) => none("withdrawals", query.limit(1, 500, 100)), "GetWithdrawals"),
    read("/account/api_usage_level/volume_progress", () => ok({ volume_progress: [] }), "GetVolumeProgress"),
    read("/series/:series_ticker/events/:ticker/forecast_percentile_history", forecasts, "GetForecastPercentiles"),
  ];
}

/** An empty page; its size was read because one out of range is refused all the same. */
function none(name: string, _limit: number): Reply {
  return ok({ cursor: "", [name]: [] });
}

/** Each order of every subaccount at the price of what it buys. */
function restingValue({ account, engine }: Asked): Reply {
  let worth: Amount = 0n;
  for (const { side, price, remaining } of engine.member(account.userId).accounts.flatMap((one) => [...one.resting])) {
    worth += notional(side === "bid" ? price : complement(price), remaining);
  }
  return ok({
    resting_order_value_breakdown: [{ balance: formatAmount(worth, 4), exchange_index: 0 }],
    total_resting_order_value: cents(worth),
  });
}

/** When an account's money last changed; an untouched one is as current as the exchange. */
export function updatedTime(account: Account, engine: Engine): number {
  return account.updated === 0 ? engine.now() : account.updated;
}

/** Nobody forecasts here. */
function forecasts({ query, request }: Asked): Reply {
  for (const name of ["start_ts", "end_ts", "period_interval"]) query.requiredInteger(name);
  const event = request.world.events.get(request.params.ticker ?? "");
  return event?.seriesTicker === request.params.series_ticker ? ok({ forecast_history: [] }) : notFound();
}
