import type { Timestamp } from "../../units/time.js";
import { type Account, available } from "./accounts.js";
import type { Halts } from "./halts.js";
import type { Margin } from "./margin.js";
import {
  type Allocation,
  type InstanceTransfer,
  type InstanceTransferRequest,
  instanceTransfer,
  insufficient,
  type Member,
  openSubaccount,
  type SubaccountTransfer,
  type SubaccountTransferRequest,
  subaccountOf,
  transfer,
} from "./members.js";

/** A member's subaccounts and the money between them. Each throws {@link Refused} with the exchange's own answer. */
export interface Treasury {
  openSubaccount(userId: string): Account;
  transfer(userId: string, request: SubaccountTransferRequest): SubaccountTransfer;
  instanceTransfer(userId: string, request: InstanceTransferRequest): InstanceTransfer;
  /** Whether collateral is returned across the markets of an event. Cannot be turned off while what was returned is spent. */
  setNetting(userId: string, subaccount: number, enabled: boolean): void;
  setAllocation(userId: string, allocation: Allocation): void;
}

export interface TreasuryContext {
  memberOf(userId: string): Member;
  newId(): string;
  now(): Timestamp;
  readonly margin: Margin;
  readonly halts: Halts;
}

export function createTreasury({ memberOf, newId, now, margin, halts }: TreasuryContext): Treasury {
  function applyNetting(account: Account, enabled: boolean, events: readonly string[]): void {
    account.netting = enabled;
    for (const event of events) margin.refreshEvent(event, account);
  }

  return {
    openSubaccount: (userId) => openSubaccount(memberOf(userId)),
    transfer(userId, request) {
      halts.checkExchange();
      return transfer(memberOf(userId), request, newId(), now());
    },
    instanceTransfer(userId, request) {
      halts.checkExchange();
      return instanceTransfer(memberOf(userId), request, newId(), now());
    },
    setNetting(userId, subaccount, enabled) {
      const account = subaccountOf(memberOf(userId), subaccount);
      if (account.netting === enabled) return;
      const events = margin.eventsOf(account);
      applyNetting(account, enabled, events);
      if (available(account) >= 0n) return;
      applyNetting(account, !enabled, events);
      throw insufficient();
    },
    setAllocation(userId, allocation) {
      memberOf(userId).allocation = allocation;
    },
  };
}
