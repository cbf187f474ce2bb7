import type { Timestamp } from "../units/time.js";
import type { Book } from "./book.js";
import { ExchangeClock, type HeardTimes } from "./exchange-clock.js";
import type { ConnectionState } from "./feed-state.js";
import { carriesBooks, Subscription } from "./sequence.js";

/** What has to be known of a connection to read what came on it. */
export interface ConnectionStart {
  /** Counted from 1. */
  readonly connection: number;
  readonly receivedAt: Timestamp;
  /** Whether NO levels come in YES prices. */
  readonly useYesPrice: boolean;
  /** Markets asked for, where that is known: a hole then also covers those whose first snapshot was in it. Later lists replace it. */
  readonly tickers?: readonly string[];
}

/** One connection as a feed sees it: its subscriptions, and the exchange's time on it. All of it is void when the connection ends. */
export class Connection {
  /** Counted from 1; the number of the last one where none is open. */
  number = 0;
  /** Null while it is not open. */
  start: ConnectionStart | null = null;
  subscriptions = new Map<number, Subscription>();
  clock = new ExchangeClock();
  lastReceivedAt: Timestamp = 0;
  /** By how much the local clock has been set forward on it and not back again: so much later are its times than delays were learned with. */
  ahead: Timestamp = 0;

  get useYesPrice(): boolean {
    return this.start?.useYesPrice === true;
  }

  begin(start: ConnectionStart): void {
    this.start = start;
    this.number = start.connection;
    this.subscriptions = new Map();
    this.clock = new ExchangeClock();
    this.lastReceivedAt = start.receivedAt;
    this.ahead = 0;
  }

  /** The local clock was set, by so much forward. */
  clockSet(by: Timestamp): void {
    this.ahead = Math.max(0, this.ahead + by);
  }

  end(): void {
    this.start = null;
    this.subscriptions = new Map();
  }

  /** The subscription with a number, made where it is new. */
  subscription(sid: number): Subscription {
    let subscription = this.subscriptions.get(sid);
    if (subscription === undefined) {
      subscription = new Subscription(sid);
      this.subscriptions.set(sid, subscription);
    }
    return subscription;
  }

  /** The number of the subscription that carries a channel, or null. */
  sidOf(channel: string): number | null {
    for (const one of this.subscriptions.values()) if (one.channel === channel) return one.sid;
    return null;
  }

  /** The markets of a subscription, as far as they are known. */
  tickersOf(subscription: Subscription): readonly string[] {
    const asked = subscription.listed ?? this.asked;
    return [...new Set([...subscription.books.keys(), ...asked])];
  }

  /** The markets asked for now, as far as they are known. */
  get asked(): readonly string[] {
    return this.start?.tickers ?? [];
  }

  /** The markets asked for now, or seen on it. */
  get tickers(): readonly string[] {
    const seen = [...this.subscriptions.values()].flatMap(({ books }) => [...books.keys()]);
    return [...new Set([...this.asked, ...seen])];
  }

  /** From here on other markets are asked for. */
  asks(tickers: readonly string[]): void {
    if (this.start !== null) this.start = { ...this.start, tickers };
  }

  /** An exchange time was seen on a subscription. */
  heard(subscription: Subscription | null, time: Timestamp, receivedAt: Timestamp): void {
    this.clock.heard(time, receivedAt);
    if (subscription !== null && (subscription.lastTime === null || time > subscription.lastTime)) {
      subscription.lastTime = time;
    }
  }

  /** Exchange times were seen on a subscription, in messages one after the other. */
  heardAll(subscription: Subscription, times: HeardTimes): void {
    this.clock.heardAll(times);
    if (subscription.lastTime === null || times.latest > subscription.lastTime) subscription.lastTime = times.latest;
  }

  /**
   * From when on a subscription may lack messages: the last exchange time seen on it, else the start of the connection. What another has
   * brought says nothing of it, for channels keep no order among each other.
   */
  since(subscription: Subscription | null): Timestamp {
    const { clock } = this;
    const last = subscription === null ? clock.lastTime : subscription.lastTime;
    return last ?? clock.estimate(this.start?.receivedAt ?? this.lastReceivedAt);
  }

  /** Until when every book is known to have had its messages, where nothing was heard after a local time. */
  provenUntil(heardAt: Timestamp): Timestamp {
    return Math.max(this.provenByBooks(), this.clock.provenBy(heardAt));
  }

  /** The same by the messages of books alone. */
  provenByBooks(): Timestamp {
    const those = [...this.subscriptions.values()].filter(carriesBooks);
    return Math.min(...(those.length === 0 ? [null] : those).map((one) => this.since(one)));
  }

  save(): ConnectionState {
    return {
      start: this.start,
      connection: this.number,
      subscriptions: [...this.subscriptions.values()].map((one) => one.save()),
      offset: this.clock.offset,
      slowest: this.clock.slowest,
      sent: this.clock.sent,
      lastReceivedAt: this.lastReceivedAt,
      ahead: this.ahead,
      lastTime: this.clock.lastTime,
      heardAt: this.clock.heardAt,
      advancedAt: this.clock.advancedAt,
    };
  }

  restore(state: ConnectionState, bookOf: (ticker: string) => Book): void {
    this.start = state.start;
    this.number = state.connection;
    this.subscriptions = new Map(state.subscriptions.map((one) => [one.sid, Subscription.restore(one, bookOf)]));
    const { offset, lastTime, heardAt, advancedAt, slowest, sent } = state;
    this.clock = new ExchangeClock(offset, lastTime, heardAt, advancedAt, slowest, sent);
    this.lastReceivedAt = state.lastReceivedAt;
    this.ahead = state.ahead ?? 0;
  }
}
