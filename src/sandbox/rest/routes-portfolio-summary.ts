import { type Amount, formatAmount, notional } from "../../units/money.js";
import { complement } from "../../units/price.js";
import { toSeconds } from "../../units/time.js";
import { type Account, available } from "../engine/accounts.js";
import type { Engine } from "../engine/engine.js";
import type { Reply, Route } from "../types.js";
import { cents } from "../wire/private-messages.js";
import { ok } from "../wire/replies.js";
import { movementRoutes } from "./routes-movements.js";
import { type Asked, signedReads } from "./signed-read.js";

/**
 * What else an account may be asked: what its orders are worth, and what moved its money. There are no subaccounts, so lists of
 * transfers are empty.
 */
export function summaryRoutes(engine: Engine): Route[] {
  const read = signedReads(engine);
  return [
    read("/portfolio/summary/total_resting_order_value", restingValue, "GetTotalRestingOrderValue"),
    ...movementRoutes(engine),
    read("/portfolio/subaccounts/balances", subaccountBalances, "GetSubaccountBalances"),
    read(
      "/portfolio/subaccounts/transfers",
      ({ query }) => none("transfers", query.limit(1, 1000, 100)),
      "GetSubaccountTransfers",
    ),
    read(
      "/portfolio/subaccounts/netting",
      () => ok({ netting_configs: [{ enabled: true, exchange_index: 0, subaccount_number: 0 }] }),
      "GetSubaccountNetting",
    ),
    read(
      "/portfolio/intra_exchange_instance_transfers",
      ({ query }) => none("transfers", query.limit(1, 500, 100)),
      "GetIntraExchangeInstanceTransfers",
    ),
  ];
}

/** An empty page; its size was read because one out of range is refused all the same. */
function none(name: string, _limit: number): Reply {
  return ok({ cursor: "", [name]: [] });
}

/** Each order at the price of what it buys. */
function restingValue({ account }: Asked): Reply {
  let worth: Amount = 0n;
  for (const { side, price, remaining } of account.resting) {
    worth += notional(side === "bid" ? price : complement(price), remaining);
  }
  return ok({
    resting_order_value_breakdown: [{ balance: formatAmount(worth, 4), exchange_index: 0 }],
    total_resting_order_value: cents(worth),
  });
}

function subaccountBalances({ account, engine }: Asked): Reply {
  const balance = formatAmount(available(account), 4);
  const only = {
    balance,
    exchange_index: 0,
    subaccount_number: 0,
    updated_ts: toSeconds(updatedTime(account, engine)),
  };
  return ok({ subaccount_balances: [only] });
}

/** When an account's money last changed; an untouched one is as current as the exchange. */
export function updatedTime(account: Account, engine: Engine): number {
  return account.updated === 0 ? engine.now() : account.updated;
}
