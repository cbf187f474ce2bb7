import { setTimeout as delay } from "node:timers/promises";
import type { ConnectionStart } from "../book/connection.js";
import { type BookEvent, opensGap } from "../book/event.js";
import { Feed } from "../book/feed.js";
import { receiveClock } from "../client/receive-clock.js";
import type { Signer } from "../client/signing.js";
import { type Frame, openSocket, type SocketEnd, type SocketSession } from "../client/socket.js";
import { KalshiError } from "../errors.js";
import type { ChannelName } from "../exchange/channel.js";
import type { Timestamp } from "../units/time.js";

/** What to listen to, and how. */
export interface LinkOptions {
  readonly url: string;
  readonly signer: Signer;
  readonly tickers: readonly string[];
  /** Default: books, trades and tickers. A name this library does not read gives `unknown` events. */
  readonly channels?: readonly (ChannelName | (string & {}))[] | undefined;
  /** Asks for NO levels in YES prices. Books and events are the same either way. Default false, and always sent. */
  readonly useYesPrice?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Local time in microseconds. */
  readonly now?: (() => Timestamp) | undefined;
  /** Uniform in [0, 1), for the jitter of reconnects. */
  readonly random?: (() => number) | undefined;
  /** First and longest wait before a reconnect; the wait itself is anywhere below. Default 250 ms and 30 s. */
  readonly backoffMs?: { readonly first: number; readonly longest: number } | undefined;
  readonly silenceMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** How long a book may stay without its snapshot before it is asked for again. Default 2 s, then longer and longer. */
  readonly repairMs?: number | undefined;
}

/** What a link tells. */
export interface LinkListener {
  /** Every frame, before anything of it is parsed. */
  frame?(frame: Frame): void;
  event(event: BookEvent): void;
  connected?(start: ConnectionStart): void;
  disconnected?(end: SocketEnd, connection: number): void;
  /** A reconnect or a repair that failed and will be tried again. */
  problem?(problem: KalshiError): void;
}

/** A channel of books is only kept right by snapshots; this is its name. */
const BOOKS = "orderbook_delta";
export const defaultChannels: readonly ChannelName[] = ["orderbook_delta", "trade", "ticker"];
/** A connection that lasted this long was a good one: the next wait starts small again. */
const STEADY_MS = 10_000;
const LONGEST_REPAIR_MS = 60_000;

/**
 * Stays connected: subscribes, asks for snapshots where the feed has a gap, and after a loss connects and subscribes again, all with one
 * {@link Feed}.
 */
export class Link {
  readonly feed: Feed;
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #now: () => Timestamp;
  readonly #stop = new AbortController();
  readonly #channels: readonly string[];
  #session: SocketSession | null = null;
  #connections = 0;
  #closing = false;
  #repair: NodeJS.Immediate | null = null;
  #check: NodeJS.Timeout | null = null;
  #checkMs: number;
  readonly #finished = Promise.withResolvers<void>();
  /** True while a connection is being made, so that its loss is dealt with by whoever makes it. */
  #connecting = true;
  #failures = 0;
  #upSince = 0;

  /**
   * Connects and subscribes. A first connection that fails is an error; later ones are tried again for ever.
   *
   * @throws KalshiError as {@link openSocket}, and `CHANNEL_REFUSED`
   */
  static async open(options: LinkOptions, listener: LinkListener): Promise<Link> {
    const channels = options.channels ?? defaultChannels;
    if (channels.length === 0 || (options.tickers.length === 0 && channels.includes(BOOKS))) {
      throw new KalshiError("BAD_ARGUMENT", "nothing to listen to: no channel, or books without a market", {
        hint: "name at least one ticker and one channel",
        context: { channels, tickers: options.tickers.length },
      });
    }
    if (options.signal?.aborted === true) throw interrupted(options.signal);
    const link = new Link(options, listener, channels);
    try {
      await link.#connect();
    } catch (error) {
      await link.close();
      throw options.signal !== undefined && isAborted(options.signal) ? interrupted(options.signal) : error;
    }
    link.#connecting = false;
    // It may have been lost again in the same moment.
    if (link.#session === null) void link.#reconnect();
    return link;
  }

  private constructor(options: LinkOptions, listener: LinkListener, channels: readonly string[]) {
    this.#options = options;
    this.#listener = listener;
    this.#channels = channels;
    this.#now = options.now ?? receiveClock();
    this.#checkMs = options.repairMs ?? 2_000;
    this.feed = new Feed((event) => {
      listener.event(event);
      if (opensGap(event) && event.reason !== "disconnect") this.#repairSoon();
      if (event.type === "gap" && event.reason === "channel_error" && event.recoveredBy === null) {
        this.#subscribeAgain(event.channel);
      }
    });
    const abort = (): void => void this.close();
    options.signal?.addEventListener("abort", abort, { once: true });
    void this.done.then(() => options.signal?.removeEventListener("abort", abort));
  }

  /** Resolves when the link has ended for good. */
  get done(): Promise<void> {
    return this.#finished.promise;
  }

  /** True while a connection is open. */
  get isConnected(): boolean {
    return this.#session !== null;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Asks for snapshots of every book anew. */
  refresh(): void {
    this.#askSnapshots(this.#options.tickers);
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

  async #connect(): Promise<void> {
    const { url, signer, silenceMs, timeoutMs } = this.#options;
    let begun = false;
    const begin = (): void => {
      if (begun) return;
      begun = true;
      this.#begin();
    };
    const session = await openSocket({
      url,
      signer,
      now: this.#now,
      silenceMs,
      timeoutMs,
      skipUTF8Validation: true,
      signal: this.#stop.signal,
      onFrame: (frame) => {
        begin();
        this.#listener.frame?.(frame);
        this.feed.push(frame.data, frame.receivedAt);
      },
    });
    if (this.#closing) {
      await session.close();
      return;
    }
    begin();
    this.#session = session;
    void session.ended.then((end) => this.#ended(end));
    try {
      await this.#subscribe(session, this.#channels);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#checkLater(this.#options.repairMs ?? 2_000);
  }

  #begin(): void {
    this.#connections += 1;
    const start = {
      connection: this.#connections,
      receivedAt: this.#now(),
      useYesPrice: this.#options.useYesPrice ?? false,
      tickers: this.#options.tickers,
    };
    this.#listener.connected?.(start);
    this.feed.connected(start);
  }

  async #subscribe(session: SocketSession, channels: readonly string[]): Promise<void> {
    const { tickers, useYesPrice = false } = this.#options;
    await session.command(
      "subscribe",
      {
        channels,
        ...(tickers.length === 0 ? {} : { market_tickers: tickers }),
        // Its default is announced to change, so it is always said.
        ...(channels.includes(BOOKS) ? { use_yes_price: useYesPrice } : {}),
      },
      channels.length,
    );
  }

  #ended(end: SocketEnd): void {
    this.#session = null;
    this.#quiet();
    const told = this.#closing ? { ...end, reason: "closed" } : end;
    this.#listener.disconnected?.(told, this.#connections);
    this.feed.disconnected(told.at, told.reason, told.code, told.lastHeardAt);
    if (this.#closing) this.#finished.resolve();
    else if (!this.#connecting) void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { backoffMs = { first: 250, longest: 30_000 }, random = Math.random } = this.#options;
    this.#connecting = true;
    if (performance.now() - this.#upSince > STEADY_MS) this.#failures = 0;
    while (!this.#closing) {
      const most = Math.min(backoffMs.longest, backoffMs.first * 2 ** this.#failures);
      this.#failures += 1;
      try {
        await delay(random() * most, undefined, { signal: this.#stop.signal });
        this.#upSince = performance.now();
        await this.#connect();
        if (this.#session !== null) break;
      } catch (error) {
        if (this.#closing) break;
        if (error instanceof KalshiError) this.#listener.problem?.(error);
      }
    }
    this.#connecting = false;
    if (this.#closing && this.#session === null) this.#finished.resolve();
  }

  #repairSoon(): void {
    this.#repair ??= setImmediate(() => {
      this.#repair = null;
      this.#askSnapshots(this.#staleTickers());
      this.#checkLater(this.#options.repairMs ?? 2_000);
    });
  }

  /** Looks after a while whether every book has its snapshot, and asks again for those that have none. */
  #checkLater(afterMs: number): void {
    if (!this.#channels.includes(BOOKS)) return;
    if (this.#check !== null) clearTimeout(this.#check);
    this.#checkMs = afterMs;
    this.#check = setTimeout(() => {
      this.#check = null;
      const stale = this.#staleTickers();
      if (stale.length === 0) return;
      this.#askSnapshots(stale);
      this.#checkLater(Math.min(this.#checkMs * 2, LONGEST_REPAIR_MS));
    }, afterMs);
  }

  #staleTickers(): readonly string[] {
    return this.#options.tickers.filter((ticker) => this.feed.book(ticker)?.state !== "ok");
  }

  #askSnapshots(tickers: readonly string[]): void {
    const session = this.#session;
    if (session === null || tickers.length === 0 || !this.#channels.includes(BOOKS)) return;
    const sid = this.feed.subscription(BOOKS);
    // Without a subscription one is on its way, and brings its own snapshots.
    if (sid === null) return;
    const params = { sids: [sid], action: "get_snapshot", market_tickers: tickers };
    this.#try(session.command("update_subscription", params, tickers.length));
  }

  #subscribeAgain(channel: string | null): void {
    const session = this.#session;
    if (session === null || channel === null) return;
    // After this turn: the feed is in the middle of a frame.
    setImmediate(() => this.#try(this.#subscribe(session, [channel])));
  }

  /** What fails here is tried again by the check or by the next connection; it is told meanwhile. */
  #try(command: Promise<unknown>): void {
    command.catch((error: unknown) => {
      if (!this.#closing && error instanceof KalshiError && error.code !== "SOCKET_CLOSED") {
        this.#listener.problem?.(error);
      }
    });
  }

  #quiet(): void {
    if (this.#check !== null) clearTimeout(this.#check);
    if (this.#repair !== null) clearImmediate(this.#repair);
    this.#check = null;
    this.#repair = null;
  }
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
