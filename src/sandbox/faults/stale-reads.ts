import type { Account, Order } from "../engine/accounts.js";

/** Snapshots older than this are of no more use to any rule. */
const KEPT_MS = 3_600_000;
const KEPT_SNAPSHOTS = 1_000;

/** An account's orders at a moment. Those that rest are copied, for no other can change. */
interface Was {
  readonly atMs: number;
  readonly resting: ReadonlyMap<Order, Order>;
  /** How many orders there were; later ones stand behind them. */
  readonly known: number;
}

/**
 * Order reads that lag behind writes. Before each write of an account its orders are remembered; a stale read sets them back for as long as
 * the read takes, which is within one turn of the event loop, so that nobody else sees it.
 */
export class StaleReads {
  readonly #was = new Map<string, Was[]>();

  /** To be called before an account's write is carried out. */
  remember(account: Account, nowMs: number): void {
    const list = (this.#was.get(account.userId) ?? []).filter(({ atMs }) => nowMs - atMs < KEPT_MS);
    const resting = new Map([...account.resting].map((order) => [order, { ...order }]));
    list.push({ atMs: nowMs, resting, known: account.orders.size });
    this.#was.set(account.userId, list.slice(-KEPT_SNAPSHOTS));
  }

  /** Reads an account as it was `ms` ago; null where no write has changed it since. `read` must do its work at once. */
  read<Answer>(account: Account, ms: number, nowMs: number, read: () => Answer): Answer | null {
    const was = this.#was.get(account.userId)?.find(({ atMs }) => nowMs - atMs <= ms);
    if (was === undefined) return null;
    const forward = rewind(account, was);
    try {
      return read();
    } finally {
      forward();
    }
  }
}

/** Sets the orders of an account back, and gives what brings them forward again. */
function rewind(account: Account, was: Was): () => void {
  const resting = [...account.resting];
  const later = [...account.orders].slice(was.known);
  const now = [...was.resting.keys()].map((order) => [order, { ...order }] as const);
  for (const [order, copy] of was.resting) Object.assign(order, copy);
  for (const [id] of later) account.orders.delete(id);
  account.resting.clear();
  for (const order of was.resting.keys()) account.resting.add(order);
  return () => {
    for (const [order, copy] of now) Object.assign(order, copy);
    for (const [id, order] of later) account.orders.set(id, order);
    account.resting.clear();
    for (const order of resting) account.resting.add(order);
  };
}
