import type { Book } from "../book/book.js";
import type { FeedCounts } from "../book/feed.js";
import { receiveClock } from "../client/receive-clock.js";
import { KalshiError } from "../errors.js";
import { type ChannelName, takesMarkets } from "../exchange/channel.js";
import { canBeForAll, Lane, type LaneOptions, someNeedNone } from "./lane.js";
import type { LinkListener, LinkOptions } from "./link-options.js";
import { checkLinkOptions } from "./option-bounds.js";
import { BOOKS, MARKET_LIMIT, refusalIn } from "./subscriptions.js";

export type { LinkListener, LinkOptions } from "./link-options.js";

export const defaultChannels: readonly ChannelName[] = ["orderbook_delta", "trade", "ticker"];
/** @see API: 13.2 */
const MAX_SUBSCRIPTIONS = 500_000;
const MAX_CONNECTIONS = 200;

/**
 * Stays connected to any number of markets and channels: over one connection, and over several only past the exchange's limits. Markets can
 * be added and deleted at any time, without another connection.
 *
 * @see API: 13
 */
export class Link {
  /** Every book of which anything is known, by ticker. */
  readonly books: ReadonlyMap<string, Book>;
  readonly #books = new Map<string, Book>();
  readonly #channels: readonly string[];
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #shared: Omit<LaneOptions, "channels">;
  /** By place; a lane that was given up leaves its place to the next. */
  readonly #lanes: (Lane | null)[] = [];
  readonly #laneOf = new Map<string, Lane>();
  readonly #finished = Promise.withResolvers<void>();
  /** How many markets one connection takes. */
  #room: number;
  #connections = 0;
  /** Counts of lanes that were given up. */
  readonly #past: FeedCounts = { frames: 0, duplicates: 0, unreadable: 0, gaps: 0 };
  #turn: Promise<unknown> = Promise.resolve();
  #closing = false;
  #isPaused = false;

  /**
   * Connects and subscribes. A first connection that fails is an error; later ones are tried again for ever.
   *
   * @throws KalshiError as {@link openSocket}, `CHANNEL_REFUSED`, `BAD_ARGUMENT`, and `RATE_LIMITED` when the account has too many connections
   */
  static async open(options: LinkOptions, listener: LinkListener): Promise<Link> {
    checkLinkOptions(options);
    const channels = [...new Set<string>(options.channels ?? defaultChannels)];
    const isIdle = options.tickers.length === 0 && channels.includes(BOOKS) && !someNeedNone(channels);
    if (channels.length === 0 || isIdle) {
      throw new KalshiError("BAD_ARGUMENT", "nothing to listen to: no channel, or books without a market", {
        hint: "name at least one ticker and one channel",
        context: { channels, tickers: options.tickers.length },
      });
    }
    if (options.signal?.aborted === true) throw interrupted(options.signal);
    const link = new Link(options, listener, channels);
    try {
      await link.#begin();
    } catch (error) {
      await link.close();
      throw options.signal !== undefined && isAborted(options.signal) ? interrupted(options.signal) : error;
    }
    return link;
  }

  private constructor(options: LinkOptions, listener: LinkListener, channels: readonly string[]) {
    this.#options = options;
    this.#listener = listener;
    this.#channels = channels;
    this.books = this.#books;
    const perMarket = Math.max(1, channels.filter(takesMarkets).length);
    this.#room = Math.max(1, Math.floor((options.maxSubscriptions ?? MAX_SUBSCRIPTIONS) / perMarket));
    const { url, signer, silenceMs, timeoutMs, stallMs } = options;
    this.#shared = {
      ...{ url, signer, silenceMs, timeoutMs, stallMs },
      useYesPrice: options.useYesPrice ?? false,
      now: options.now ?? receiveClock(),
      random: options.random ?? Math.random,
      backoffMs: options.backoffMs ?? { first: 250, longest: 30_000 },
      firstMessageMs: options.firstMessageMs ?? 10_000,
      repairMs: options.repairMs ?? 2_000,
      books: this.#books,
      nextConnection: () => {
        this.#connections += 1;
        return this.#connections;
      },
    };
    const abort = (): void => void this.close();
    options.signal?.addEventListener("abort", abort, { once: true });
    void this.done.then(() => options.signal?.removeEventListener("abort", abort));
  }

  /** Resolves when the link has ended for good. */
  get done(): Promise<void> {
    return this.#finished.promise;
  }

  /** True while every connection is open. */
  get isConnected(): boolean {
    return this.#open.length > 0 && this.#open.every((lane) => lane.isConnected);
  }

  /** How many connections there have been. */
  get connections(): number {
    return this.#connections;
  }

  /** How many connections are held at the same time. */
  get lanes(): number {
    return this.#open.length;
  }

  /** Markets listened to; empty where they were not named. */
  get tickers(): readonly string[] {
    return [...this.#laneOf.keys()];
  }

  /** Markets of one of the connections held at the same time. */
  tickersOf(lane: number): readonly string[] {
    return this.#lanes[lane]?.tickers ?? [];
  }

  /** Which of the connections a market is on, or null. */
  laneOf(ticker: string): number | null {
    const lane = this.#laneOf.get(ticker);
    return lane === undefined ? null : this.#lanes.indexOf(lane);
  }

  /** What became of the frames, over all connections. */
  get counts(): Readonly<FeedCounts> {
    const sum = { ...this.#past };
    for (const { feed } of this.#open) addCounts(sum, feed.counts);
    return sum;
  }

  book(ticker: string): Book | null {
    return this.#books.get(ticker) ?? null;
  }

  /**
   * Listens to further markets. Resolves when the exchange has acknowledged them; while there is no connection at once, and the next one
   * has them. Where it throws, none of what was asked is listened to.
   *
   * @throws KalshiError `CHANNEL_REFUSED`, `BAD_ARGUMENT` when it listens to all markets anyway or may have no further connection, and when
   * one has to be made as {@link open}
   */
  addMarkets(tickers: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const fresh = [...new Set(tickers)].filter((ticker) => !this.#laneOf.has(ticker));
      if (fresh.length === 0) return;
      this.#requireNamed();
      try {
        await this.#place(fresh);
      } catch (error) {
        await this.#remove(fresh).catch(() => {});
        throw error;
      }
    });
  }

  /** Listens to some markets no longer: their books are stale from here on. @throws KalshiError `CHANNEL_REFUSED`, `BAD_ARGUMENT` */
  deleteMarkets(tickers: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#requireNamed();
      await this.#remove(tickers);
    });
  }

  /** Lets go of the books of markets that it does not listen to. */
  forget(tickers: readonly string[]): void {
    const gone = tickers.filter((ticker) => !this.#laneOf.has(ticker));
    for (const lane of this.#open) lane.feed.forget(gone);
  }

  /** Asks for snapshots of every book anew, or of those of some markets. */
  refresh(tickers?: readonly string[]): void {
    for (const lane of this.#open) lane.refresh(tickers);
  }

  /** Reads nothing more from its connections until {@link resume}; they stay up. */
  pause(): void {
    this.#isPaused = true;
    for (const lane of this.#open) lane.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const lane of this.#open) lane.resume();
  }

  /** Ends every connection and does not come back. */
  async close(): Promise<void> {
    if (this.#closing) return this.done;
    this.#closing = true;
    await Promise.all(this.#open.map((lane) => lane.close()));
    this.#finished.resolve();
  }

  get #open(): Lane[] {
    return this.#lanes.filter((lane) => lane !== null);
  }

  get #isForAll(): boolean {
    const { tickers, isList = false } = this.#options;
    return !isList && tickers.length === 0 && canBeForAll(this.#channels);
  }

  async #begin(): Promise<void> {
    const tickers = [...new Set(this.#options.tickers)];
    if (this.#isForAll) await this.#addLane(null);
    else if (tickers.length === 0) await this.#addLane([]);
    else await this.#place(tickers);
  }

  /** Finds a connection with room for each market, and makes further ones when there is none. */
  async #place(tickers: readonly string[]): Promise<void> {
    let left = tickers;
    for (const lane of this.#open) {
      const part = left.slice(0, Math.max(0, this.#room - lane.size));
      if (part.length > 0 && (await this.#fits(() => lane.add(part), lane.size, part))) {
        this.#note(part, lane);
        left = left.slice(part.length);
      }
    }
    while (left.length > 0) {
      const part = left.slice(0, this.#room);
      if (!(await this.#fits(() => this.#addLane(part), 0, part))) continue;
      left = left.slice(part.length);
    }
  }

  /** False where the exchange finds it too many for one connection, whose room is less from then on. */
  async #fits(add: () => Promise<unknown>, there: number, part: readonly string[]): Promise<boolean> {
    try {
      await add();
      return true;
    } catch (error) {
      if (refusalIn(error) !== MARKET_LIMIT || there + part.length === 1) throw error;
      // Of a connection that has some it is known that it can hold these; of a new one nothing is known.
      this.#room = there > 0 ? there : Math.ceil(part.length / 2);
      return false;
    }
  }

  async #addLane(tickers: readonly string[] | null): Promise<void> {
    const { maxConnections = MAX_CONNECTIONS } = this.#options;
    if (this.#open.length >= maxConnections) throw noRoom(maxConnections, this.#room);
    const place = this.#lanes.includes(null) ? this.#lanes.indexOf(null) : this.#lanes.length;
    // What belongs to no market comes over the first connection alone.
    const channels = place === 0 ? this.#channels : this.#channels.filter(takesMarkets);
    const listener = this.#listener;
    await listener.opening?.(place);
    const lane = await Lane.open({ ...this.#shared, channels }, tickers, {
      frame: (frame) => listener.frame?.(frame, place),
      event: (event) => listener.event(event),
      connected: (start) => listener.connected?.(start, place),
      disconnected: (end, connection) => listener.disconnected?.(end, connection, place),
      problem: (problem) => {
        listener.problem?.(problem);
        if (refusalIn(problem) === MARKET_LIMIT) this.#relieve(place);
      },
    });
    this.#lanes[place] = lane;
    if (tickers !== null) this.#note(tickers, lane);
    if (this.#isPaused) lane.pause();
    if (this.#closing) await lane.close();
  }

  /** A connection that was lost may not have its markets again: half of them go to others. Where none has room, it tries on with all. */
  #relieve(place: number): void {
    void this.#inTurn(async () => {
      const lane = this.#lanes[place] ?? null;
      if (lane === null || lane.isConnected || lane.size < 2 || this.#closing) return;
      const room = Math.ceil(lane.size / 2);
      const part = lane.tickers.slice(room);
      this.#room = Math.min(this.#room, room);
      await lane.delete(part);
      try {
        await this.#place(part);
      } catch (error) {
        await lane.add(part.filter((ticker) => this.#laneOf.get(ticker) === lane));
        if (error instanceof KalshiError) this.#listener.problem?.(error);
      }
    });
  }

  #note(tickers: readonly string[], lane: Lane): void {
    for (const ticker of tickers) this.#laneOf.set(ticker, lane);
  }

  async #remove(tickers: readonly string[]): Promise<void> {
    const parts = new Map<Lane, string[]>();
    for (const ticker of new Set(tickers)) {
      const lane = this.#laneOf.get(ticker);
      if (lane === undefined) continue;
      parts.set(lane, [...(parts.get(lane) ?? []), ticker]);
      this.#laneOf.delete(ticker);
    }
    for (const [lane, part] of parts) {
      await lane.delete(part);
      if (lane.size === 0) await this.#giveUp(lane);
    }
  }

  /** A connection past the first that has no market left is ended. */
  async #giveUp(lane: Lane): Promise<void> {
    const place = this.#lanes.indexOf(lane);
    if (place === 0) return;
    this.#lanes[place] = null;
    await lane.close();
    addCounts(this.#past, lane.feed.counts);
  }

  #requireNamed(): void {
    if (!this.#isForAll) return;
    throw new KalshiError("BAD_ARGUMENT", "all markets are listened to: there is no list to add to or delete from", {
      hint: "name the markets from the start",
      context: { channels: this.#channels },
    });
  }

  /** One change after the other. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const next = this.#turn.then(change);
    this.#turn = next.catch(() => {});
    return next;
  }
}

function addCounts(sum: FeedCounts, counts: Readonly<FeedCounts>): void {
  sum.frames += counts.frames;
  sum.duplicates += counts.duplicates;
  sum.unreadable += counts.unreadable;
  sum.gaps += counts.gaps;
}

function noRoom(maxConnections: number, room: number): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `${maxConnections} connections of ${room} markets each are not enough`, {
    hint: "listen to fewer markets or channels, or raise maxConnections as far as the exchange allows your account",
    context: { maxConnections, marketsPerConnection: room },
  });
}

/** Asked anew: the compiler would remember the answer across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function interrupted(signal: AbortSignal): KalshiError {
  return new KalshiError("INTERRUPTED", "interrupted while connecting", {
    hint: "run it again to go on",
    cause: signal.reason,
  });
}
