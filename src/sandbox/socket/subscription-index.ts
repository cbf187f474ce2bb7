import { type ChannelName, channelNames } from "./channel.js";
import type { Subscription } from "./subscription.js";

const NOBODY: ReadonlySet<Subscription> = new Set();

/** Who listens to what, over all connections, so that an event reaches those who want it without asking the others. */
export class SubscriptionIndex {
  readonly #forAll = new Map<ChannelName, Set<Subscription>>(channelNames.map((channel) => [channel, new Set()]));
  readonly #byTicker = new Map<ChannelName, Map<string, Set<Subscription>>>(
    channelNames.map((channel) => [channel, new Map()]),
  );

  /** Takes in a subscription with the markets it has. */
  add(subscription: Subscription): void {
    if (subscription.markets === null) this.#forAll.get(subscription.channel)?.add(subscription);
    else for (const ticker of subscription.markets) this.#listen(subscription, ticker);
  }

  remove(subscription: Subscription): void {
    this.#forAll.get(subscription.channel)?.delete(subscription);
    for (const ticker of subscription.markets ?? []) this.#unlisten(subscription, ticker);
  }

  /** From now on it is for all markets. */
  widen(subscription: Subscription): void {
    this.remove(subscription);
    subscription.markets = null;
    this.add(subscription);
  }

  /** Adds markets to a subscription and gives those that are new to it; none where it is for all. */
  enlarge(subscription: Subscription, tickers: Iterable<string>): readonly string[] {
    const added: string[] = [];
    if (subscription.markets === null) return added;
    for (const ticker of tickers) {
      if (subscription.markets.has(ticker)) continue;
      subscription.markets.add(ticker);
      this.#listen(subscription, ticker);
      added.push(ticker);
    }
    return added;
  }

  /** Takes markets from a subscription; from one for all markets none can be taken. */
  lessen(subscription: Subscription, tickers: Iterable<string>): void {
    for (const ticker of tickers) {
      if (subscription.markets?.delete(ticker) === true) this.#unlisten(subscription, ticker);
    }
  }

  /** Calls for each subscription of a channel that wants to hear of a market; null reaches those for all alone. */
  each(channel: ChannelName, ticker: string | null, call: (subscription: Subscription) => void): void {
    for (const subscription of this.#forAll.get(channel) ?? NOBODY) call(subscription);
    if (ticker === null) return;
    for (const subscription of this.#byTicker.get(channel)?.get(ticker) ?? NOBODY) call(subscription);
  }

  #listen(subscription: Subscription, ticker: string): void {
    const tickers = this.#byTicker.get(subscription.channel);
    const known = tickers?.get(ticker);
    if (known === undefined) tickers?.set(ticker, new Set([subscription]));
    else known.add(subscription);
  }

  #unlisten(subscription: Subscription, ticker: string): void {
    const tickers = this.#byTicker.get(subscription.channel);
    const known = tickers?.get(ticker);
    known?.delete(subscription);
    if (known?.size === 0) tickers?.delete(ticker);
  }
}
