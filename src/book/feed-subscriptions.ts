import { type Envelope, subscribedChannel } from "../exchange/channel.js";
import { asObject } from "../exchange/field.js";
import type { Timestamp } from "../units/time.js";
import type { Connection } from "./connection.js";
import type { BookEvent } from "./event.js";
import type { FeedBooks } from "./feed-books.js";
import type { FeedGaps } from "./feed-gaps.js";
import { carriesBooks, type Subscription } from "./sequence.js";

/** What the exchange says of the subscriptions of a connection: begun, with these markets, ended, refused. */
export class FeedSubscriptions {
  readonly #connection: Connection;
  readonly #books: FeedBooks;
  readonly #gaps: FeedGaps;
  readonly #emit: (event: BookEvent) => void;

  constructor(connection: Connection, books: FeedBooks, gaps: FeedGaps, emit: (event: BookEvent) => void) {
    this.#connection = connection;
    this.#books = books;
    this.#gaps = gaps;
    this.#emit = emit;
  }

  subscribed(envelope: Envelope): void {
    const msg = asObject("subscribed message", envelope.msg);
    const sid = typeof msg.sid === "number" ? msg.sid : envelope.sid;
    if (sid === null) return;
    const subscription = this.#connection.subscription(sid);
    subscription.channel = subscribedChannel(msg);
    // From here its count is known to start at 1, unless data has overtaken this message.
    subscription.last ??= 0;
  }

  /** The exchange's list is the whole of a subscription: what is no longer on it is no longer kept up. */
  listed(subscription: Subscription, tickers: readonly string[] | null, receivedAt: Timestamp): void {
    if (tickers === null) return;
    const listed = new Set(tickers);
    if (carriesBooks(subscription)) {
      const before = this.#connection.tickersOf(subscription);
      this.#dropped(
        before.filter((ticker) => !listed.has(ticker)),
        subscription,
        receivedAt,
      );
      this.#connection.asks(tickers);
    }
    subscription.listed = listed;
  }

  ended(subscription: Subscription, receivedAt: Timestamp): void {
    const { subscriptions } = this.#connection;
    subscriptions.delete(subscription.sid);
    if (!carriesBooks(subscription)) return;
    this.#dropped(this.#connection.tickersOf(subscription), subscription, receivedAt);
    this.#connection.asks([]);
  }

  /** The exchange has ended it by an error: its books lack messages from here on. */
  refused(subscription: Subscription, receivedAt: Timestamp): void {
    const tickers = this.#connection.tickersOf(subscription);
    const from = this.#connection.since(subscription);
    this.#gaps.open(this.#connection, { reason: "channel_error", subscription, tickers, receivedAt, from });
    this.#connection.subscriptions.delete(subscription.sid);
  }

  #dropped(tickers: readonly string[], subscription: Subscription, receivedAt: Timestamp): void {
    const given = tickers.filter((ticker) => this.#books.byTicker.has(ticker));
    for (const ticker of tickers) this.#books.dropped(ticker, this.#connection, subscription, receivedAt);
    if (given.length === 0) return;
    this.#emit({
      type: "unsubscribed",
      receivedAt,
      time: null,
      connection: this.#connection.number,
      sid: subscription.sid,
      tickers: given,
      from: this.#connection.since(subscription),
    });
  }
}
