import { setTimeout as delay } from "node:timers/promises";
import type { Book } from "../book/book.js";
import type { ConnectionStart } from "../book/connection.js";
import { type BookEvent, type Gap, opensGap } from "../book/event.js";
import { Feed } from "../book/feed.js";
import type { Signer } from "../client/signing.js";
import { type Frame, openSocket, type SocketEnd, type SocketSession } from "../client/socket.js";
import { KalshiError } from "../errors.js";
import { takesMarkets } from "../exchange/channel.js";
import type { Timestamp } from "../units/time.js";
import { BOOKS, Subscriptions } from "./subscriptions.js";

/** How a connection is made and kept up. */
export interface LaneOptions {
  readonly url: string;
  readonly signer: Signer;
  readonly channels: readonly string[];
  readonly useYesPrice: boolean;
  readonly now: () => Timestamp;
  readonly random: () => number;
  readonly backoffMs: { readonly first: number; readonly longest: number };
  readonly silenceMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly firstMessageMs: number;
  readonly repairMs: number;
  readonly stallMs?: number | undefined;
  /** The number of the next connection. */
  readonly nextConnection: () => number;
  /** Where its books are entered, by ticker. */
  readonly books: Map<string, Book>;
}

/** What a lane tells. */
export interface LaneListener {
  frame(frame: Frame): void;
  event(event: BookEvent): void;
  connected(start: ConnectionStart): void;
  disconnected(end: SocketEnd, connection: number): void;
  problem(problem: KalshiError): void;
}

/** A connection that lasted this long was a good one: the next wait starts small again. */
const STEADY_MS = 10_000;
/** One that was up for this long was no refusal: what it misses costs more than another try, which comes within {@link SOON} doublings. */
const UP_MS = 1_000;
const SOON = 3;
const LONGEST_REPAIR_MS = 60_000;

/**
 * One connection that stays up: subscribes, asks for snapshots where its feed has a gap, and after a loss connects and subscribes again to
 * whatever is wanted then, all with one {@link Feed}.
 */
export class Lane {
  readonly feed: Feed;
  readonly #options: LaneOptions;
  readonly #listener: LaneListener;
  /** Null: all markets, where the channels allow that. */
  readonly #wanted: Set<string> | null;
  readonly #stop = new AbortController();
  #session: SocketSession | null = null;
  #subscriptions: Subscriptions | null = null;
  #connection = 0;
  #closing = false;
  #isPaused = false;
  #repair: NodeJS.Immediate | null = null;
  #check: NodeJS.Timeout | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #checkMs: number;
  readonly #finished = Promise.withResolvers<void>();
  /** True while a connection is being made, so that its loss is dealt with by whoever makes it. */
  #connecting = true;
  #failures = 0;
  #upSince = 0;
  /** How often the exchange has ended each channel of this connection. */
  readonly #ends = new Map<string, number>();

  /**
   * Connects and subscribes. A first connection that fails is an error; later ones are tried again for ever.
   *
   * @param tickers null for all markets
   * @throws KalshiError as {@link openSocket}, and `CHANNEL_REFUSED`
   */
  static async open(options: LaneOptions, tickers: readonly string[] | null, listener: LaneListener): Promise<Lane> {
    const lane = new Lane(options, tickers, listener);
    try {
      await lane.#connect(() => lane.close());
    } catch (error) {
      await lane.close();
      throw error;
    }
    lane.#connecting = false;
    if (lane.#isPaused) lane.#session?.pause();
    // It may have been lost again in the same moment.
    if (lane.#session === null) void lane.#reconnect();
    return lane;
  }

  private constructor(options: LaneOptions, tickers: readonly string[] | null, listener: LaneListener) {
    this.#options = options;
    this.#listener = listener;
    this.#wanted = tickers === null ? null : new Set(tickers);
    this.#checkMs = options.repairMs;
    this.feed = new Feed(
      (event) => {
        listener.event(event);
        if (event.type === "gap") this.#heardGap(event);
      },
      { books: options.books, stallMs: options.stallMs },
    );
  }

  /** Resolves when it has ended for good. */
  get done(): Promise<void> {
    return this.#finished.promise;
  }

  get isConnected(): boolean {
    return this.#session !== null;
  }

  /** How many markets are wanted of it. */
  get size(): number {
    return this.#wanted?.size ?? 0;
  }

  get tickers(): readonly string[] {
    return [...(this.#wanted ?? [])];
  }

  /**
   * Adds markets, which the next connection has too. Resolves when the exchange has acknowledged them, or at once while there is no
   * connection. Where they are refused, they are no longer wanted.
   *
   * @throws KalshiError `CHANNEL_REFUSED`
   */
  async add(tickers: readonly string[]): Promise<void> {
    const fresh = tickers.filter((ticker) => this.#wanted?.has(ticker) === false);
    for (const ticker of fresh) this.#wanted?.add(ticker);
    try {
      await this.#settle();
    } catch (error) {
      for (const ticker of fresh) this.#wanted?.delete(ticker);
      // Some of the channels may have taken them.
      await this.#settle().catch(() => {});
      throw error;
    }
    if (this.feed.books.size === 0) this.#expectFirst();
    this.#checkLater(this.#options.repairMs);
  }

  /** Deletes markets: nothing more is heard of them, and their books are stale. @throws KalshiError `CHANNEL_REFUSED` */
  async delete(tickers: readonly string[]): Promise<void> {
    for (const ticker of tickers) this.#wanted?.delete(ticker);
    await this.#settle();
  }

  /** Asks for snapshots of every book anew, or of those of some markets as far as it has them. */
  refresh(tickers: readonly string[] = this.tickers): void {
    this.#askSnapshots(tickers.filter((ticker) => this.#wanted?.has(ticker) === true));
  }

  /** Reads nothing more until {@link resume}, not even that the connection was lost; what a command needs is read all the same. */
  pause(): void {
    this.#isPaused = true;
    if (!this.#connecting) this.#session?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#session?.resume();
  }

  /** Ends the connection and does not come back. */
  async close(): Promise<void> {
    if (this.#closing) return this.done;
    this.#closing = true;
    this.#quiet();
    const session = this.#session;
    // What is under way arrives before the answer to the close; aborting would cut it off.
    if (session !== null) await session.close();
    this.#stop.abort();
    if (session === null) this.#finished.resolve();
    await this.done;
  }

  /** `abandon` ends a connection that cannot be subscribed, for a reason. */
  async #connect(abandon?: () => Promise<unknown>): Promise<void> {
    const { url, signer, silenceMs, timeoutMs, channels, useYesPrice, now } = this.#options;
    let begun = false;
    const begin = (): void => {
      if (begun) return;
      begun = true;
      this.#begin();
    };
    const session = await openSocket({
      url,
      signer,
      now,
      silenceMs,
      timeoutMs,
      skipUTF8Validation: true,
      signal: this.#stop.signal,
      onFrame: (frame) => {
        begin();
        this.#listener.frame(frame);
        this.feed.push(frame.data, frame.receivedAt);
      },
    });
    if (this.#closing) {
      await session.close();
      return;
    }
    begin();
    this.#session = session;
    this.#subscriptions = new Subscriptions({ session, channels, useYesPrice, wanted: this.#wanted });
    this.#ends.clear();
    void session.ended.then((end) => this.#ended(end));
    try {
      await this.#subscriptions.settle();
    } catch (error) {
      await (abandon?.() ?? session.close(reasonOf(error)));
      throw error;
    }
    this.#expectFirst();
    this.#checkLater(this.#options.repairMs);
  }

  #begin(): void {
    this.#connection = this.#options.nextConnection();
    const start = {
      connection: this.#connection,
      receivedAt: this.#options.now(),
      useYesPrice: this.#options.useYesPrice,
      tickers: this.tickers,
    };
    this.#listener.connected(start);
    this.feed.connected(start);
  }

  /** Brings the connection in line, if there is one; the next one will be anyway. */
  async #settle(): Promise<void> {
    const session = this.#session;
    // The answers stand behind what has not been read.
    session?.resume();
    try {
      await this.#subscriptions?.settle();
    } catch (error) {
      if (!(error instanceof KalshiError) || error.code === "CHANNEL_REFUSED") throw error;
      if (error.code === "SOCKET_CLOSED") return;
      // Nobody knows what it has understood: another connection is asked for all of it.
      this.#tell(error);
      await session?.close(error.message);
    } finally {
      if (this.#isPaused) session?.pause();
    }
  }

  #ended(end: SocketEnd): void {
    this.#session = null;
    this.#subscriptions = null;
    this.#quiet();
    const told = this.#closing ? { ...end, reason: "closed" } : end;
    this.#listener.disconnected(told, this.#connection);
    this.feed.disconnected(told.at, told.reason, told.code, told.lastHeardAt);
    if (this.#closing) this.#finished.resolve();
    else if (!this.#connecting) void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    this.#connecting = true;
    const upMs = performance.now() - this.#upSince;
    if (upMs > STEADY_MS) this.#failures = 0;
    else if (upMs > UP_MS) this.#failures = Math.min(this.#failures, SOON);
    while (!this.#closing) {
      const most = this.#backoff(this.#failures);
      this.#failures += 1;
      try {
        await delay(this.#options.random() * most, undefined, { signal: this.#stop.signal });
        this.#upSince = performance.now();
        await this.#connect();
        if (this.#session !== null) break;
      } catch (error) {
        if (this.#closing) break;
        this.#tell(error);
      }
    }
    this.#connecting = false;
    if (this.#isPaused) this.#session?.pause();
    if (this.#closing && this.#session === null) this.#finished.resolve();
  }

  #backoff(failures: number): number {
    const { first, longest } = this.#options.backoffMs;
    return Math.min(longest, first * 2 ** failures);
  }

  #heardGap(gap: Gap): void {
    if (opensGap(gap) && gap.reason !== "disconnect") this.#repairSoon();
    if (gap.reason === "channel_error" && gap.recoveredBy === null) this.#subscribeAgain(gap);
  }

  /** After error 10 or 25: at once the first time, later and later when it happens again on the same connection. */
  #subscribeAgain({ channel, sid }: Gap): void {
    const subscriptions = this.#subscriptions;
    if (subscriptions === null || channel === null || sid === null) return;
    subscriptions.hold(channel, sid);
    const ends = this.#ends.get(channel) ?? 0;
    this.#ends.set(channel, ends + 1);
    const again = async (): Promise<void> => {
      try {
        // Also without a wait not in this turn: the feed is in the middle of a frame.
        await delay(ends === 0 ? 0 : this.#options.random() * this.#backoff(ends), undefined, {
          signal: this.#stop.signal,
        });
        subscriptions.release(channel);
        if (subscriptions === this.#subscriptions) await this.#settle();
      } catch (error) {
        if (this.#closing || subscriptions !== this.#subscriptions) return;
        this.#tell(error);
        // Another connection is asked for all of it.
        await this.#session?.close(reasonOf(error));
      }
    };
    void again();
  }

  /** A connection that brings no book after it was subscribed to is given up. */
  #expectFirst(): void {
    const { channels, firstMessageMs } = this.#options;
    const session = this.#session;
    if (session === null || !channels.includes(BOOKS) || this.size === 0 || this.#hasAny()) return;
    if (this.#deadline !== null) return;
    this.#deadline = setTimeout(() => {
      this.#deadline = null;
      if (this.#isPaused) {
        this.#expectFirst();
        return;
      }
      if (this.#session !== session || this.size === 0 || this.#hasAny()) return;
      const what = `no book within ${firstMessageMs} ms after subscribing`;
      this.#tell(
        new KalshiError("TIMED_OUT", what, {
          hint: "another connection is made by itself; if it happens again, check the tickers and the exchange's status",
          context: { connection: this.#connection, markets: this.size, firstMessageMs },
        }),
      );
      void session.close(what);
    }, firstMessageMs);
  }

  /** Whether any book of this connection has come. */
  #hasAny(): boolean {
    for (const book of this.feed.books.values()) if (book.state === "ok") return true;
    return false;
  }

  #repairSoon(): void {
    this.#repair ??= setImmediate(() => {
      this.#repair = null;
      this.#askSnapshots(this.#staleTickers());
      this.#checkLater(this.#options.repairMs);
    });
  }

  /** Looks after a while whether every book has its snapshot, and asks again for those that have none. */
  #checkLater(afterMs: number): void {
    if (!this.#options.channels.includes(BOOKS) || this.#session === null) return;
    if (this.#check !== null) clearTimeout(this.#check);
    this.#checkMs = afterMs;
    this.#check = setTimeout(() => {
      this.#check = null;
      const stale = this.#staleTickers();
      if (stale.length === 0) return;
      // Paused, it cannot have seen what it asked for last.
      if (this.#isPaused) {
        this.#checkLater(this.#checkMs);
        return;
      }
      this.#askSnapshots(stale);
      this.#checkLater(Math.min(this.#checkMs * 2, LONGEST_REPAIR_MS));
    }, afterMs);
  }

  #staleTickers(): readonly string[] {
    return this.tickers.filter((ticker) => this.feed.book(ticker)?.state !== "ok");
  }

  #askSnapshots(tickers: readonly string[]): void {
    const session = this.#session;
    const sid = this.feed.subscription(BOOKS);
    // Without a subscription one is on its way, and brings its own snapshots.
    if (session === null || sid === null || tickers.length === 0) return;
    const params = { sids: [sid], action: "get_snapshot", market_tickers: tickers };
    // What fails is tried again by the check or by the next connection; it is told meanwhile.
    session.command("update_subscription", params, tickers.length).catch((error: unknown) => {
      const isOver = error instanceof KalshiError && error.code === "SOCKET_CLOSED";
      if (!this.#closing && !isOver) this.#tell(error);
    });
  }

  #tell(error: unknown): void {
    if (error instanceof KalshiError) this.#listener.problem(error);
  }

  #quiet(): void {
    for (const timer of [this.#check, this.#deadline]) if (timer !== null) clearTimeout(timer);
    if (this.#repair !== null) clearImmediate(this.#repair);
    this.#check = this.#repair = this.#deadline = null;
  }
}

function reasonOf(error: unknown): string | undefined {
  return error instanceof KalshiError ? error.message : undefined;
}

/** Whether channels can be listened to without naming a market. */
export function canBeForAll(channels: readonly string[]): boolean {
  return !channels.includes(BOOKS);
}

/** Whether some of the channels have something to tell before the first market is named. */
export function someNeedNone(channels: readonly string[]): boolean {
  return channels.some((channel) => !takesMarkets(channel));
}
