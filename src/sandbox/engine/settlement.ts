import type { Count } from "../../units/count.js";
import { type FineAmount, fineAmount } from "../../units/fine-amount.js";
import { type Amount, amountOf } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";
import { type Account, available, type Settlement, valueAt } from "./accounts.js";

/** What a position is paid, and what the balance's precision cuts off it. */
export interface Payout {
  /** What the position is worth, exactly. */
  readonly worth: Amount;
  /** What is paid: whole steps of the balance. */
  readonly paid: Amount;
  /** The difference, kept by the exchange. */
  readonly fee: Amount;
}

/** Payout of a net position: YES pays the market's value per contract, NO its complement. */
export function payout(market: Pick<MarketRecord, "outcome">, held: Count, precision: Price): Payout {
  const worth = valueAt(held, market.outcome.value);
  const step = amountOf(precision);
  const paid = (worth / step) * step;
  return { worth, paid, fee: worth - paid };
}

/**
 * Pays a market to one account: cash, realized profit, and a settlement row. Null when it never traded there or
 * was paid before; a position closed before the end is marked as settled and gets no row.
 */
export function settle(account: Account, market: MarketRecord, time: Timestamp): Payout | null {
  const position = account.positions.get(market.ticker);
  if (position === undefined || position.settled) return null;
  const paying = payout(market, position.count, account.precision);
  account.cash += paying.paid;
  account.updated = time;
  if (!account.house && position.count !== 0) account.settlements.push(settlementRow(market, position, paying, time));
  position.realized += fineAmount(paying.worth) - position.cost;
  position.fees += paying.fee;
  position.count = 0;
  position.cost = 0n;
  position.feeCost = 0n;
  position.updated = time;
  position.settled = true;
  return paying;
}

function settlementRow(
  market: MarketRecord,
  held: { readonly count: Count; readonly cost: FineAmount; readonly fees: Amount },
  paying: Payout,
  time: Timestamp,
): Settlement {
  const long = held.count > 0;
  return {
    ticker: market.ticker,
    eventTicker: market.eventTicker,
    result: market.outcome.result,
    value: market.outcome.value,
    yesCount: long ? held.count : 0,
    yesCost: long ? held.cost : 0n,
    noCount: long ? 0 : Math.abs(held.count),
    noCost: long ? 0n : held.cost,
    revenue: paying.paid,
    fee: held.fees + paying.fee,
    time,
  };
}

/**
 * What the precision of payments has cut off a netted account, back in whole steps, where its balance would else be below zero: the exchange
 * returned collateral against the exact worth. Returns what was given.
 */
export function waiveShortage(account: Account): Amount {
  const short = -available(account);
  if (short <= 0n) return 0n;
  const step = amountOf(account.precision);
  const given = ((short + step - 1n) / step) * step;
  account.cash += given;
  return given;
}
