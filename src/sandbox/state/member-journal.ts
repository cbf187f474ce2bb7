import type { Account, Order } from "../engine/accounts.js";
import type { Engine } from "../engine/engine.js";
import type { Member } from "../engine/members.js";
import type { OrderGroup } from "../engine/order-groups.js";
import type { Json } from "../types.js";
import { applyDifference, type Difference, Shadow } from "./difference.js";
import { toPlain } from "./plain.js";

/** What a journal says of one member: changes of its own fields, of each subaccount's, its groups, and places in the queue. */
export interface MemberChange {
  readonly user: string;
  readonly own?: Difference;
  readonly accounts?: Readonly<Record<string, Difference>>;
  /** All of them, where one has changed. */
  readonly groups?: readonly Json[];
  /** Orders that came to the end of their queue, with a number that grows over all members. */
  readonly ranks?: readonly (readonly [id: string, rank: number])[];
}

/** Found from the orders, or shared with the member. */
const DERIVED = ["resting", "restingIn"];

/** Tells what has changed about a member since the last time, and nothing else. */
export class MemberJournal {
  readonly #member: Member;
  readonly #engine: Engine;
  readonly #own = new Shadow(["accounts"]);
  readonly #accounts: { readonly shadow: Shadow; known: number; resting: ReadonlySet<string> }[] = [];
  readonly #placed = new Map<string, { price: number; remaining: number }>();
  readonly #nextRank: () => number;
  #groups = "[]";

  constructor(engine: Engine, member: Member, nextRank: () => number) {
    this.#engine = engine;
    this.#member = member;
    this.#nextRank = nextRank;
  }

  change(): MemberChange | null {
    const { userId: user, accounts } = this.#member;
    const own = this.#own.difference(this.#member);
    const changed: Record<string, Difference> = {};
    for (const account of accounts) {
      const difference = this.#accountChange(account);
      if (difference !== null) changed[String(account.subaccount)] = difference;
    }
    const groups = this.#groupChange();
    const ranks = this.#newRanks();
    if (own === null && Object.keys(changed).length === 0 && groups === null && ranks.length === 0) return null;
    return {
      user,
      ...(own === null ? {} : { own }),
      ...(Object.keys(changed).length === 0 ? {} : { accounts: changed }),
      ...(groups === null ? {} : { groups }),
      ...(ranks.length === 0 ? {} : { ranks }),
    };
  }

  #accountChange(account: Account): Difference | null {
    this.#accounts[account.subaccount] ??= { shadow: new Shadow(DERIVED), known: 0, resting: new Set() };
    const kept = this.#accounts[account.subaccount]!;
    // Orders that are over do not change: those are looked at that rest now, rested before, or are new.
    const difference = kept.shadow.difference(account, (name) => {
      if (name !== "orders") return null;
      const ids = new Set(kept.resting);
      for (const { id } of account.resting) ids.add(id);
      let at = 0;
      for (const id of account.orders.keys()) {
        if (at >= kept.known) ids.add(id);
        at += 1;
      }
      return ids;
    });
    kept.known = account.orders.size;
    kept.resting = new Set([...account.resting].map(({ id }) => id));
    return difference;
  }

  #groupChange(): readonly Json[] | null {
    const all = this.#engine.orderGroups().list(this.#member.userId);
    const plain = all.map(({ orders: _, ...group }) => toPlain(group));
    const text = JSON.stringify(plain);
    if (text === this.#groups) return null;
    this.#groups = text;
    return plain;
  }

  /** Who rests anew, at another price, or for more, has gone to the end of its queue. */
  #newRanks(): readonly (readonly [string, number])[] {
    const ranks: [string, number][] = [];
    const seen = new Set<string>();
    for (const account of this.#member.accounts) {
      for (const { id, price, remaining } of account.resting) {
        seen.add(id);
        const before = this.#placed.get(id);
        if (before === undefined || before.price !== price || before.remaining < remaining) {
          ranks.push([id, this.#nextRank()]);
        }
        this.#placed.set(id, { price, remaining });
      }
    }
    if (this.#placed.size > seen.size)
      for (const id of [...this.#placed.keys()]) if (!seen.has(id)) this.#placed.delete(id);
    return ranks;
  }
}

/** What all changes of a member add up to. */
export interface MemberState {
  readonly user: string;
  readonly own: Difference[];
  readonly accounts: Map<number, Difference[]>;
  groups: readonly OrderGroup[];
}

/** Makes a member what its changes say; its subaccounts are there already. Gives its resting orders. */
export function applyMember(member: Member, state: MemberState): readonly Order[] {
  for (const difference of state.own) applyDifference(member, difference);
  const resting: Order[] = [];
  for (const account of member.accounts) {
    account.orders.clear();
    for (const difference of state.accounts.get(account.subaccount) ?? []) applyDifference(account, difference);
    for (const order of account.orders.values()) if (order.status === "resting") resting.push(order);
  }
  return resting;
}
