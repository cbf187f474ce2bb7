import type { Timestamp } from "../../units/time.js";
import type { Account, Order, Position } from "../engine/accounts.js";

/** Snapshots older than this are of no more use to any rule. */
const KEPT_MS = 3_600_000;
const KEPT_SNAPSHOTS = 1_000;

/** A moment, by the wall and by the sandbox's own clock. */
export interface Moment {
  readonly wallMs: number;
  readonly time: Timestamp;
}

/** A member at a moment. */
interface Was {
  readonly at: Moment;
  /** Each subaccount as it was. */
  readonly accounts: ReadonlyMap<Account, AccountWas>;
}

/** What can be read of a subaccount. Orders that rest are copied, for no other can change; lists only grow. */
interface AccountWas {
  readonly resting: ReadonlyMap<Order, Order>;
  /** How many orders there were; later ones stand behind them. */
  readonly known: number;
  readonly fills: number;
  readonly settlements: number;
  readonly positions: ReadonlyMap<string, Position>;
  readonly money: Money;
}

type Money = Pick<Account, "cash" | "returnedTotal" | "reservedTotal" | "updated">;

/**
 * Reads of orders, fills, positions and balance that lag behind writes. Before each write of a member all of it is remembered; a stale read
 * sets it back for as long as the read takes, which is within one turn of the event loop, so that nobody else sees it.
 */
export class StaleReads {
  readonly #was = new Map<string, Was[]>();

  /** To be called before a member's write is carried out. */
  remember(userId: string, accounts: readonly Account[], at: Moment): void {
    const list = (this.#was.get(userId) ?? []).filter((was) => at.wallMs - was.at.wallMs < KEPT_MS);
    list.push({ at, accounts: new Map(accounts.map((account) => [account, asItIs(account)])) });
    this.#was.set(userId, list.slice(-KEPT_SNAPSHOTS));
  }

  /** Reads a member as it was `ms` ago; null where no write has changed it since. `read` must do its work at once. */
  read<Answer>(accounts: readonly Account[], ms: number, nowMs: number, read: () => Answer): Answer | null {
    const was = this.#find(accounts[0]?.userId ?? "", ms, nowMs);
    if (was === undefined) return null;
    const forward = accounts.map((account) => rewind(account, was.accounts.get(account) ?? UNOPENED));
    try {
      return read();
    } finally {
      for (const restore of forward) restore();
    }
  }

  /** The moment that reads of one member, or of the one furthest behind, show when they lag by `ms`; null where all is shown as it is. */
  shownAt(userId: string | null, ms: number, nowMs: number): Timestamp | null {
    const times = [...this.#was.keys()]
      .filter((one) => userId === null || one === userId)
      .flatMap((one) => this.#find(one, ms, nowMs)?.at.time ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  #find(userId: string, ms: number, nowMs: number): Was | undefined {
    return this.#was.get(userId)?.find(({ at }) => nowMs - at.wallMs <= ms);
  }
}

/** A subaccount that was opened since. */
const UNOPENED: AccountWas = {
  ...{ resting: new Map(), known: 0, fills: 0, settlements: 0, positions: new Map() },
  money: { cash: 0n, returnedTotal: 0n, reservedTotal: 0n, updated: 0 },
};

function asItIs(account: Account): AccountWas {
  return {
    resting: new Map([...account.resting].map((order) => [order, { ...order }])),
    known: account.orders.size,
    fills: account.fills.length,
    settlements: account.settlements.length,
    positions: new Map([...account.positions].map(([ticker, position]) => [ticker, { ...position }])),
    money: moneyOf(account),
  };
}

function moneyOf({ cash, returnedTotal, reservedTotal, updated }: Account): Money {
  return { cash, returnedTotal, reservedTotal, updated };
}

/** Sets an account back, and gives what brings it forward again. */
function rewind(account: Account, was: AccountWas): () => void {
  const resting = [...account.resting];
  const later = [...account.orders].slice(was.known);
  const now = [...was.resting.keys()].map((order) => [order, { ...order }] as const);
  const positions = [...account.positions];
  const money = moneyOf(account);
  const fills = account.fills.splice(was.fills);
  const settlements = account.settlements.splice(was.settlements);
  for (const [order, copy] of was.resting) Object.assign(order, copy);
  for (const [id] of later) account.orders.delete(id);
  refill(account.resting, was.resting.keys());
  replace(account.positions, was.positions);
  Object.assign(account, was.money);
  return () => {
    for (const [order, copy] of now) Object.assign(order, copy);
    for (const [id, order] of later) account.orders.set(id, order);
    refill(account.resting, resting);
    replace(account.positions, positions);
    Object.assign(account, money);
    for (const fill of fills) account.fills.push(fill);
    for (const settlement of settlements) account.settlements.push(settlement);
  };
}

function refill<Item>(set: Set<Item>, items: Iterable<Item>): void {
  set.clear();
  for (const item of items) set.add(item);
}

function replace<Item>(map: Map<string, Item>, entries: Iterable<readonly [string, Item]>): void {
  map.clear();
  for (const [key, item] of entries) map.set(key, item);
}
