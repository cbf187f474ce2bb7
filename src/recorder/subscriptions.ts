import { setTimeout as delay } from "node:timers/promises";
import type { SocketSession } from "../client/socket.js";
import { KalshiError } from "../errors.js";
import { takesMarkets } from "../exchange/channel.js";

/** A channel of books is only kept right by snapshots; this is its name. */
export const BOOKS = "orderbook_delta";

export interface SubscriptionsOptions {
  readonly session: SocketSession;
  readonly channels: readonly string[];
  readonly useYesPrice: boolean;
  /** The markets wanted now; it changes. Null: all markets, where a channel allows that. */
  readonly wanted: ReadonlySet<string> | null;
}

/** How often a command is repeated that the exchange says comes too fast, or of a subscription that has just ended. */
const PATIENCE = 5;
const WAIT_MS = 100;

/**
 * Brings what one connection is subscribed to in line with what is wanted: subscribes to channels, adds markets to them and deletes them
 * from them, without another connection.
 *
 * @see API: 13.3
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  /** The subscription of each channel. */
  readonly #sids = new Map<string, number>();
  /** The markets of each channel that has a list of them, as acknowledged. */
  readonly #have = new Map<string, Set<string>>();
  /** Numbers are never used again on a connection; the end of one may be heard before its beginning was seen to. */
  readonly #ended = new Set<number>();
  /** Channels that wait before they are subscribed to again. */
  readonly #held = new Set<string>();
  #running: Promise<void> | null = null;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it is in line; one change at a time.
   *
   * @throws KalshiError `CHANNEL_REFUSED` with the exchange's code, `TIMED_OUT`, `SOCKET_CLOSED`
   */
  settle(): Promise<void> {
    if (this.#running === null && this.#due().length === 0) return Promise.resolve();
    this.#running ??= this.#run();
    return this.#running;
  }

  /** The exchange has ended a channel's subscription: it is left alone until it is released. */
  hold(channel: string, sid: number): void {
    this.#held.add(channel);
    this.#ended.add(sid);
    this.#forget(channel);
  }

  release(channel: string): void {
    this.#held.delete(channel);
  }

  async #run(): Promise<void> {
    try {
      let refusals = 0;
      for (let due = this.#due(); due.length > 0; due = this.#due()) {
        const results = await Promise.allSettled(due.map((change) => change()));
        const failed = results.find((result) => result.status === "rejected");
        if (failed === undefined) continue;
        refusals += 1;
        if (refusals > PATIENCE || !isPassing(failed.reason)) throw failed.reason;
        await delay(WAIT_MS * refusals);
      }
    } finally {
      this.#running = null;
    }
  }

  /** What has to be done now, each as a command to be sent. */
  #due(): (() => Promise<void>)[] {
    const { channels, wanted } = this.#options;
    const due: (() => Promise<void>)[] = [];
    const fresh = channels.filter((channel) => !this.#sids.has(channel) && !this.#held.has(channel));
    const ofMarkets = fresh.filter(takesMarkets);
    const ofAll = fresh.filter((channel) => !takesMarkets(channel));
    if (ofMarkets.length > 0 && wanted?.size !== 0) due.push(() => this.#subscribe(ofMarkets, wanted));
    if (ofAll.length > 0) due.push(() => this.#subscribe(ofAll, null));
    if (wanted === null) return due;
    for (const [channel, have] of this.#have) due.push(...this.#changes(channel, have, wanted));
    return due;
  }

  #changes(channel: string, have: Set<string>, wanted: ReadonlySet<string>): (() => Promise<void>)[] {
    // An empty list might be read as all markets.
    if (wanted.size === 0) return [() => this.#unsubscribe(channel)];
    const due: (() => Promise<void>)[] = [];
    const gone = [...have].filter((ticker) => !wanted.has(ticker));
    const added = have.size - gone.length < wanted.size ? [...wanted].filter((ticker) => !have.has(ticker)) : [];
    // What makes room goes first.
    if (gone.length > 0) due.push(() => this.#update(channel, "delete_markets", gone, (ticker) => have.delete(ticker)));
    if (added.length > 0) due.push(() => this.#update(channel, "add_markets", added, (ticker) => have.add(ticker)));
    return due;
  }

  async #subscribe(channels: readonly string[], wanted: ReadonlySet<string> | null): Promise<void> {
    const { session, useYesPrice } = this.#options;
    const tickers = wanted === null ? null : [...wanted];
    const params = {
      channels,
      ...(tickers === null ? {} : { market_tickers: tickers }),
      // Its default is announced to change, so it is always said.
      ...(channels.includes(BOOKS) ? { use_yes_price: useYesPrice } : {}),
    };
    const missing = new Set(channels);
    for (const { msg } of await session.command("subscribe", params, channels.length)) {
      const { channel, sid } = subscribedIn(msg);
      if (channel === null || sid === null) continue;
      missing.delete(channel);
      if (this.#ended.has(sid)) continue;
      this.#sids.set(channel, sid);
      if (tickers !== null) this.#have.set(channel, new Set(tickers));
    }
    if (missing.size === 0) return;
    throw new KalshiError("CHANNEL_REFUSED", `subscribe was answered, but not for ${[...missing].join(", ")}`, {
      hint: "read what the exchange said, and correct the name of the channel",
      context: { channels },
    });
  }

  async #unsubscribe(channel: string): Promise<void> {
    await this.#command(channel, "unsubscribe", {});
    this.#forget(channel);
  }

  async #update(
    channel: string,
    action: "add_markets" | "delete_markets",
    tickers: readonly string[],
    done: (ticker: string) => void,
  ): Promise<void> {
    await this.#command(channel, "update_subscription", { action, market_tickers: tickers });
    tickers.forEach(done);
  }

  async #command(channel: string, name: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    const sid = this.#sids.get(channel);
    try {
      await this.#options.session.command(name, { sids: [sid], ...params });
    } catch (error) {
      // The exchange does not know it any more.
      if (refusalIn(error) === 7 && this.#sids.get(channel) === sid) this.#forget(channel);
      throw error;
    }
  }

  #forget(channel: string): void {
    this.#sids.delete(channel);
    this.#have.delete(channel);
  }
}

function subscribedIn(msg: unknown): { channel: string | null; sid: number | null } {
  const { channel, sid } = (typeof msg === "object" && msg !== null ? msg : {}) as Readonly<Record<string, unknown>>;
  return { channel: typeof channel === "string" ? channel : null, sid: typeof sid === "number" ? sid : null };
}

/** The exchange's code for why it refused a command; null for another error. @see API: 13.8 */
export function refusalIn(error: unknown): number | null {
  if (!(error instanceof KalshiError) || error.code !== "CHANNEL_REFUSED") return null;
  return typeof error.context.code === "number" ? error.context.code : null;
}

/** Codes of a subscription that has ended meanwhile, of a command that took too long, and of too many: the next try may succeed. */
const passing: ReadonlySet<number | null> = new Set([7, 18, 27]);

function isPassing(error: unknown): boolean {
  return passing.has(refusalIn(error));
}

/** The exchange's code for a connection that has as many markets as it may. */
export const MARKET_LIMIT = 26;
