import type { Timestamp } from "../units/time.js";
import type { Book } from "./book.js";
import type { SubscriptionState } from "./feed-state.js";
import { HeldDeltas } from "./held-deltas.js";

/** What is known of one subscription of one connection. */
export class Subscription {
  readonly sid: number;
  channel: string | null = null;
  /** The books it was seen to carry, by ticker. */
  readonly books = new Map<string, Book>();
  /** All of its markets, once the exchange has listed them; null before. */
  listed: ReadonlySet<string> | null = null;
  /** Last number taken; null before the first, where the count may start anywhere. */
  last: number | null = null;
  /** Latest exchange time seen on it. */
  lastTime: Timestamp | null = null;
  /** While some of its books are not certain, the deltas that come meanwhile. */
  held: HeldDeltas | null = null;
  readonly #answered = new Map<string, number>();

  constructor(sid: number) {
    this.sid = sid;
  }

  /**
   * Takes the next number. Returns 0 when it follows, how many are missing when it jumps, and −1 when it was had before.
   *
   * Every message with a number counts, `ok` and `unsubscribed` included.
   */
  take(seq: number): number {
    const expected = this.last === null ? seq : this.last + 1;
    if (seq < expected) return -1;
    this.last = seq;
    return seq - expected;
  }

  /** Messages before a number are missing: from it on deltas are held until the books are whole again. */
  holdFrom(seq: number): void {
    this.held = new HeldDeltas(seq);
  }

  /** Whether a reply to this command was not had for this market before. Ids only grow. */
  isNewAnswer(ticker: string, id: number): boolean {
    if (id <= (this.#answered.get(ticker) ?? 0)) return false;
    this.#answered.set(ticker, id);
    return true;
  }

  /** All of it as plain data. */
  save(): SubscriptionState {
    const { sid, channel, last, lastTime } = this;
    const listed = this.listed === null ? null : [...this.listed];
    const held = this.held?.save() ?? null;
    return { sid, channel, books: [...this.books.keys()], listed, last, lastTime, answered: [...this.#answered], held };
  }

  static restore(state: SubscriptionState, bookOf: (ticker: string) => Book): Subscription {
    const subscription = new Subscription(state.sid);
    subscription.channel = state.channel;
    for (const ticker of state.books) subscription.books.set(ticker, bookOf(ticker));
    subscription.listed = state.listed === null ? null : new Set(state.listed);
    subscription.last = state.last;
    subscription.lastTime = state.lastTime;
    const { held = null } = state;
    subscription.held = held === null ? null : new HeldDeltas(held.from, held.deltas);
    for (const [ticker, id] of state.answered) subscription.#answered.set(ticker, id);
    return subscription;
  }
}

/** Whether books come on it, as far as that is known. */
export function carriesBooks({ channel }: Subscription): boolean {
  return channel === null || channel === "orderbook_delta";
}
