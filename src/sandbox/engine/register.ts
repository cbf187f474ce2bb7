import type { Count } from "../../units/count.js";
import { type Amount, notional } from "../../units/money.js";
import { DOLLAR } from "../../units/price.js";
import { Refused, refusal } from "../wire/replies.js";
import type { Account } from "./accounts.js";
import { createMember, type Member, subaccountOf } from "./members.js";

/**
 * Where all money is: what accounts hold, what open contracts will pay, what was charged. The three add up to `deposited`.
 *
 * Returned collateral is not money of its own: it is a claim on what open contracts will pay, and counts there.
 */
export interface Audit {
  readonly cash: Amount;
  readonly escrow: Amount;
  readonly fees: Amount;
  readonly deposited: Amount;
}

/** All members, and what the exchange has charged them. */
export interface Register {
  /** Enters an account with its money, as the primary one of a new member. */
  open(account: Account): void;
  has(userId: string): boolean;
  /** @throws Refused where nobody is called so */
  member(userId: string): Member;
  /** A subaccount, the primary one unless told otherwise. @throws Refused where it does not exist */
  account(userId: string, subaccount?: number): Account;
  /** Every account, the house's included. */
  every(): Iterable<Account>;
  /** Every account but the house's. */
  everyOfMembers(): Iterable<Account>;
  /** Takes in what was charged; gives back what is less than nothing. */
  charge(fee: Amount): void;
  /** Takes over the sums of an engine that stopped. */
  continueWith(fees: Amount, deposited: Amount): void;
  audit(): Audit;
}

export function createRegister(): Register {
  const members = new Map<string, Member>();
  let fees: Amount = 0n;
  let deposited: Amount = 0n;

  function member(userId: string): Member {
    const found = members.get(userId);
    if (found === undefined) throw new Refused(refusal(404, `user_not_found:_${userId}`, "user not found"));
    return found;
  }

  function* every(): Iterable<Account> {
    for (const { accounts } of members.values()) yield* accounts;
  }

  return {
    open(account) {
      members.set(account.userId, createMember(account));
      deposited += account.cash;
    },
    has: (userId) => members.has(userId),
    member,
    account(userId, subaccount = 0) {
      const found = member(userId);
      return subaccount === 0 ? found.accounts[0]! : subaccountOf(found, subaccount);
    },
    every,
    *everyOfMembers() {
      for (const account of every()) if (!account.house) yield account;
    },
    charge(fee) {
      fees += fee;
    },
    continueWith(charged, paidIn) {
      fees = charged;
      deposited = paidIn;
    },
    audit() {
      let cash: Amount = 0n;
      let long: Count = 0;
      for (const account of every()) {
        cash += account.cash;
        for (const position of account.positions.values()) long += Math.max(0, position.count);
      }
      for (const { margined } of members.values()) cash += margined;
      return { cash, escrow: notional(DOLLAR, long), fees, deposited };
    },
  };
}
