import { type Amount, formatAmount, notional } from "../../../units/money.js";
import { complement } from "../../../units/price.js";
import type { Account } from "../../engine/accounts.js";
import type { Engine } from "../../engine/engine.js";
import type { Reply, Route } from "../../types.js";
import { cents } from "../../wire/private-messages.js";
import { ok } from "../../wire/replies.js";
import { type Asked, signedReads } from "../signed-read.js";
import { movementRoutes } from "./movements.js";

/** What else an account may be asked: what its orders are worth, and what came and went. */
export function summaryRoutes(engine: Engine): Route[] {
  const read = signedReads(engine);
  return [
    read("/portfolio/summary/total_resting_order_value", restingValue, "GetTotalRestingOrderValue"),
    ...movementRoutes(engine),
  ];
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
