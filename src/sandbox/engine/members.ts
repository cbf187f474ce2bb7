import { type Amount, amountOf } from "../../units/money.js";
import type { Timestamp } from "../../units/time.js";
import { invalidParameter, Refused, refusal } from "../wire/replies.js";
import { type Account, available, createAccount } from "./accounts.js";

/** Subaccounts beside the primary one that a member may have. */
export const MOST_SUBACCOUNTS = 63;

/** Where money can be: with the event contracts, or with the margined ones, which the sandbox does not trade. */
export type Instance = "event_contract" | "margined";

/** Money moved between two subaccounts. */
export interface SubaccountTransfer {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly cents: number;
  readonly time: Timestamp;
}

/** Money moved between the instances of the exchange. */
export interface InstanceTransfer {
  readonly id: string;
  readonly source: Instance;
  readonly destination: Instance;
  /** In ten-thousandths of a dollar. */
  readonly centiCents: number;
  readonly time: Timestamp;
}

/** How a member wants its balance spread over the shards. */
export interface Allocation {
  readonly shares: readonly { readonly exchangeIndex: number; readonly percent: number }[];
  readonly reservation: "max" | "sum" | "none";
}

/** A key holder: its subaccounts, and what it has moved between them. */
export interface Member {
  readonly userId: string;
  /** By number; the primary account first. */
  readonly accounts: Account[];
  /** Oldest first. */
  readonly transfers: SubaccountTransfer[];
  readonly instanceTransfers: InstanceTransfer[];
  /** Ids that transfers were asked for with; none is used twice. */
  readonly clientTransferIds: Set<string>;
  /** Money with the margined contracts. */
  margined: Amount;
  allocation: Allocation;
}

export function createMember(primary: Account): Member {
  return {
    userId: primary.userId,
    accounts: [primary],
    transfers: [],
    instanceTransfers: [],
    clientTransferIds: new Set(),
    margined: 0n,
    allocation: { shares: [], reservation: "sum" },
  };
}

/** One of a member's subaccounts. @throws Refused where it does not exist */
export function subaccountOf({ accounts }: Member, number: number): Account {
  const account = accounts[number];
  if (account === undefined) throw new Refused(invalidParameter(`subaccount ${number} does not exist`));
  return account;
}

/** Opens the next subaccount, without money. @throws Refused when there are as many as may be */
export function openSubaccount({ accounts }: Member): Account {
  if (accounts.length > MOST_SUBACCOUNTS) {
    throw new Refused(invalidParameter(`at most ${MOST_SUBACCOUNTS} subaccounts beside the primary account`));
  }
  const { userId, keyId, house, precision, clientOrderIds } = accounts[0]!;
  const subaccount = accounts.length;
  const account = createAccount({ userId, keyId, cash: 0n, house, precision, clientOrderIds, subaccount });
  accounts.push(account);
  return account;
}

export interface SubaccountTransferRequest {
  readonly clientTransferId: string;
  readonly from: number;
  readonly to: number;
  readonly cents: number;
}

/** Moves money between two subaccounts. @throws Refused for an id used before, and for more than is free */
export function transfer(
  member: Member,
  { clientTransferId, from, to, cents }: SubaccountTransferRequest,
  id: string,
  time: Timestamp,
): SubaccountTransfer {
  checkTransferId(member, clientTransferId);
  const [source, destination] = [subaccountOf(member, from), subaccountOf(member, to)];
  if (from === to) throw new Refused(invalidParameter("from_subaccount and to_subaccount are the same"));
  if (!(cents > 0)) throw new Refused(invalidParameter("amount_cents should be more than 0"));
  const amount = BigInt(cents) * AMOUNT_PER_CENT;
  take(source, amount, time);
  give(destination, amount, time);
  member.clientTransferIds.add(clientTransferId);
  const done = { id, from, to, cents, time };
  member.transfers.push(done);
  return done;
}

export interface InstanceTransferRequest {
  readonly clientTransferId: string | null;
  readonly source: Instance;
  readonly destination: Instance;
  readonly centiCents: number;
  readonly from: number;
  readonly to: number;
}

/** Moves money between the instances, or within that of the event contracts between subaccounts. @throws Refused */
export function instanceTransfer(
  member: Member,
  request: InstanceTransferRequest,
  id: string,
  time: Timestamp,
): InstanceTransfer {
  const { clientTransferId, source, destination, centiCents, from, to } = request;
  if (clientTransferId !== null) checkTransferId(member, clientTransferId);
  const [giver, taker] = [subaccountOf(member, from), subaccountOf(member, to)];
  const within = source === "event_contract" && destination === "event_contract";
  if (!within && (from !== 0 || to !== 0)) {
    throw new Refused(invalidParameter("subaccounts are for transfers between event contracts alone"));
  }
  if (source === destination && from === to) throw new Refused(invalidParameter("source and destination are the same"));
  if (!(centiCents > 0)) throw new Refused(invalidParameter("amount should be more than 0"));
  const amount = BigInt(centiCents) * AMOUNT_PER_CENTI_CENT;
  if (amount % amountOf(giver.precision) !== 0n)
    throw new Refused(invalidParameter("amount is finer than the balance"));
  if (source === "event_contract") take(giver, amount, time);
  else takeMargined(member, amount);
  if (destination === "event_contract") give(taker, amount, time);
  else member.margined += amount;
  if (clientTransferId !== null) member.clientTransferIds.add(clientTransferId);
  const done = { id, source, destination, centiCents, time };
  member.instanceTransfers.push(done);
  return done;
}

const AMOUNT_PER_CENTI_CENT = 10_000n;
const AMOUNT_PER_CENT = 100n * AMOUNT_PER_CENTI_CENT;

function checkTransferId({ clientTransferIds }: Member, id: string): void {
  if (clientTransferIds.has(id)) throw new Refused(refusal(409, "transfer_already_exists", "transfer already exists"));
}

function take(account: Account, amount: Amount, time: Timestamp): void {
  if (available(account) < amount) throw insufficient();
  account.cash -= amount;
  account.updated = time;
}

function give(account: Account, amount: Amount, time: Timestamp): void {
  account.cash += amount;
  account.updated = time;
}

function takeMargined(member: Member, amount: Amount): void {
  if (member.margined < amount) throw insufficient();
  member.margined -= amount;
}

export function insufficient(): Refused {
  return new Refused(refusal(400, "insufficient_balance", "insufficient balance"));
}
