import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, MarketRecord, World } from "../types.js";
import { positionMessage } from "../wire/private-messages.js";
import type { Account } from "./accounts.js";
import type { Margin } from "./margin.js";
import { nets } from "./netting.js";
import type { Register } from "./register.js";
import { settle, waiveShortage } from "./settlement.js";
import type { Trading } from "./trading.js";

/** Pays markets, and knows what was paid. */
export interface Payouts {
  /** Dollars that an event's markets have paid per contract of YES so far. */
  paidBy(eventTicker: string): Price;
  /** Pays a market to all who hold it, and gives or takes what its result does to the collateral of its event. */
  pay(market: MarketRecord, time: Timestamp): void;
}

export interface PayoutsContext {
  readonly world: World;
  readonly register: Register;
  readonly trading: () => Trading;
  readonly margin: () => Margin;
  /** Whether a market is still to be paid, its time past or not. */
  isUnpaid(ticker: string): boolean;
  now(): Timestamp;
  emit(event: EngineEvent): void;
}

export function createPayouts(context: PayoutsContext): Payouts {
  const { world, register, emit } = context;
  const paid = new Map<string, Price>();

  function paidBy(eventTicker: string): Price {
    const known = paid.get(eventTicker);
    if (known !== undefined) return known;
    let sum = 0;
    for (const { ticker, settledTime, outcome } of world.marketsOf(eventTicker)) {
      if (settledTime <= context.now() && !context.isUnpaid(ticker)) sum += outcome.value;
    }
    paid.set(eventTicker, sum);
    return sum;
  }

  function pay(market: MarketRecord, time: Timestamp): void {
    const { ticker, eventTicker } = market;
    paid.set(eventTicker, paidBy(eventTicker) + market.outcome.value);
    for (const account of register.every()) {
      const paying = settle(account, market, time);
      if (paying !== null) register.charge(paying.fee);
      if (account.house) account.positions.delete(ticker);
      else if (paying !== null) tell(account, ticker);
    }
    if (nets(world.events.get(eventTicker))) renet(eventTicker, time);
  }

  function renet(eventTicker: string, time: Timestamp): void {
    for (const account of register.everyOfMembers()) {
      context.margin().refreshEvent(eventTicker, account);
      context.trading().cover(account, time);
      register.charge(-waiveShortage(account));
    }
  }

  function tell({ userId, subaccount, positions }: Account, ticker: string): void {
    const position = positions.get(ticker);
    if (position === undefined) return;
    emit({ type: "position", userId, subaccount, ticker, message: positionMessage(userId, subaccount, position) });
  }

  return { paidBy, pay };
}
