import type { Engine } from "../engine/engine.js";
import type { AccountRef, EngineEvent, Json, JsonObject, World } from "../types.js";
import { wholeMillis } from "../wire/private-messages.js";
import type { ChannelName, Command, MarketsNamed } from "./commands.js";
import { CommandError, readCommand } from "./commands.js";
import type { FrameAbout, FrameFate, Held } from "./frame-faults.js";
import { deltaMessage, snapshotMessage, tickerMessage, tradeMessage } from "./market-messages.js";

/** One subscription of one connection. */
interface Subscription {
  readonly sid: number;
  readonly channel: ChannelName;
  /** Null for all markets. */
  markets: Set<string> | null;
  readonly useYesPrice: boolean;
  readonly skipTickerAck: boolean;
  /** Last number given out. */
  seq: number;
}

/** Where a session's frames go. */
export interface Outlet {
  send(frame: string): void;
  /** Bytes that the other side has not taken yet. */
  pending(): number;
  /** Lets everything that is sent from now on wait for so long. */
  hold?(held: Held): void;
  /** Ends the connection without a close frame. */
  cut?(): void;
}

/** What a frame is. */
export type Sent = Omit<FrameAbout, "session" | "userId">;

export interface SessionOptions {
  readonly world: World;
  readonly engine: Engine;
  readonly account: AccountRef;
  readonly outlet: Outlet;
  /** A reader with more than this many bytes to take loses the subscription that would add to them. */
  readonly maxPendingBytes: number;
  /** What becomes of a frame on purpose. */
  readonly fate?: ((about: Sent) => FrameFate) | undefined;
}

/** One connection: its subscriptions, their numbers, and what they are told. */
export interface Session {
  receive(text: string): void;
  hear(event: EngineEvent): void;
}

/** A session over an open connection. Everything a client may say ends in an answer, never in an exception. */
export function createSession({ world, engine, account, outlet, maxPendingBytes, fate }: SessionOptions): Session {
  const bySid = new Map<number, Subscription>();
  const byChannel = new Map<ChannelName, Subscription>();
  let lastSid = 0;

  function receive(text: string): void {
    try {
      obey(readCommand(text));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const msg = { code: error.code, msg: error.message };
      frame({ type: "error", id: error.id === 0 ? undefined : error.id, msg });
    }
  }

  function obey(command: Command): void {
    try {
      if (command.cmd === "subscribe") subscribe(command);
      else if (command.cmd === "unsubscribe") unsubscribe(command);
      else if (command.cmd === "update_subscription") update(command);
      else
        frame({ type: "ok", id: command.id, msg: [...bySid.values()].map(({ channel, sid }) => ({ channel, sid })) });
    } catch (error) {
      if (error instanceof CommandError) error.id = command.id;
      throw error;
    }
  }

  function subscribe(command: Extract<Command, { cmd: "subscribe" }>): void {
    const started: Subscription[] = [];
    for (const channel of command.channels) {
      const tickers = tickersOf(command.markets);
      const known = byChannel.get(channel);
      if (known !== undefined) {
        if (isForAll(command.markets)) known.markets = null;
        const added = enlarge(known, tickers, command.id);
        if (command.sendInitialSnapshot) firstTickers(known, added);
        continue;
      }
      lastSid += 1;
      const markets = isForAll(command.markets) ? null : new Set(tickers);
      const { useYesPrice, skipTickerAck } = command;
      const fresh: Subscription = { sid: lastSid, channel, markets, useYesPrice, skipTickerAck, seq: 0 };
      bySid.set(fresh.sid, fresh);
      byChannel.set(channel, fresh);
      started.push(fresh);
      frame({ type: "subscribed", id: command.id, msg: { channel, sid: fresh.sid } });
    }
    for (const fresh of started) begin(fresh, command.sendInitialSnapshot);
  }

  /** What a new subscription is sent first. */
  function begin(subscription: Subscription, initial: boolean): void {
    const named = [...(subscription.markets ?? [])];
    if (subscription.channel === "orderbook_delta") for (const ticker of named) snapshot(subscription, ticker);
    if (initial) firstTickers(subscription, named);
  }

  /** A ticker of each market at once, on the channel that has them. */
  function firstTickers(subscription: Subscription, tickers: readonly string[]): void {
    if (subscription.channel !== "ticker") return;
    for (const ticker of tickers) {
      const msg = tickerMessage(world, engine, ticker, engine.now());
      if (msg !== null) frame({ type: "ticker", sid: subscription.sid, msg });
    }
  }

  /** Adds tickers to a subscription and gives those that are new. Only these get a snapshot. */
  function enlarge(subscription: Subscription, tickers: readonly string[], id: number): readonly string[] {
    const { markets } = subscription;
    const added = markets === null ? [] : [...new Set(tickers)].filter((ticker) => !markets.has(ticker));
    for (const ticker of added) markets?.add(ticker);
    acknowledge(subscription, id);
    if (subscription.channel === "orderbook_delta") for (const ticker of added) snapshot(subscription, ticker);
    return added;
  }

  function acknowledge(subscription: Subscription, id: number): void {
    const { sid, markets, skipTickerAck } = subscription;
    const msg = skipTickerAck ? undefined : { market_tickers: [...(markets ?? [])] };
    frame({ type: "ok", id, sid, seq: nextSeq(subscription), msg });
  }

  function unsubscribe(command: Extract<Command, { cmd: "unsubscribe" }>): void {
    const ending = command.sids.map(subscriptionOf);
    for (const subscription of new Set(ending)) {
      drop(subscription);
      frame({ type: "unsubscribed", id: command.id, sid: subscription.sid, seq: nextSeq(subscription) });
    }
  }

  function update(command: Extract<Command, { cmd: "update_subscription" }>): void {
    const subscription = subscriptionOf(command.sid);
    const tickers = tickersOf(command.markets);
    if (command.action === "add_markets") {
      enlarge(subscription, tickers, command.id);
    } else if (command.action === "delete_markets") {
      for (const ticker of tickers) subscription.markets?.delete(ticker);
      acknowledge(subscription, command.id);
    } else {
      if (subscription.channel !== "orderbook_delta") throw new CommandError(13);
      for (const ticker of new Set(tickers)) snapshot(subscription, ticker, command.id);
    }
  }

  function tickersOf({ tickers, ids }: MarketsNamed): readonly string[] {
    if (ids.length === 0) return tickers;
    const wanted = new Set(ids);
    const found = [...world.markets.values()].filter((market) => wanted.has(market.marketId));
    return [...tickers, ...found.map((market) => market.ticker)];
  }

  function subscriptionOf(sid: number): Subscription {
    const subscription = bySid.get(sid);
    if (subscription === undefined) throw new CommandError(7);
    return subscription;
  }

  function snapshot(subscription: Subscription, ticker: string, id?: number): void {
    const msg = snapshotMessage(world, engine, ticker, subscription.useYesPrice);
    frame({ type: "orderbook_snapshot", id, sid: subscription.sid, seq: nextSeq(subscription), msg });
  }

  function hear(event: EngineEvent): void {
    switch (event.type) {
      case "delta": {
        const subscription = listening("orderbook_delta", event.ticker);
        if (subscription === null) return;
        const own = event.cause?.userId === account.userId;
        const msg = deltaMessage(world, event, subscription.useYesPrice, own);
        frame({ type: "orderbook_delta", sid: subscription.sid, seq: nextSeq(subscription), msg });
        return;
      }
      case "wiped": {
        const subscription = listening("orderbook_delta", event.ticker);
        if (subscription !== null) snapshot(subscription, event.ticker);
        return;
      }
      case "ticker": {
        const subscription = listening("ticker", event.ticker);
        const msg = subscription === null ? null : tickerMessage(world, engine, event.ticker, event.time);
        if (subscription !== null && msg !== null) frame({ type: "ticker", sid: subscription.sid, msg });
        return;
      }
      case "trade": {
        const subscription = listening("trade", event.trade.ticker);
        if (subscription === null) return;
        frame({ type: "trade", sid: subscription.sid, seq: nextSeq(subscription), msg: tradeMessage(event.trade) });
        return;
      }
      case "fill":
      case "order": {
        if (event.userId !== account.userId) return;
        const subscription = listening(event.type === "fill" ? "fill" : "user_orders", event.ticker);
        if (subscription === null) return;
        frame({ type: event.type === "fill" ? "fill" : "user_order", sid: subscription.sid, msg: event.message });
      }
    }
  }

  /** The channel's subscription if it wants to hear of a market; ended where the reader is too slow for it. */
  function listening(channel: ChannelName, ticker: string): Subscription | null {
    const subscription = byChannel.get(channel);
    if (subscription === undefined) return null;
    if (subscription.markets !== null && !subscription.markets.has(ticker)) return null;
    if (outlet.pending() <= maxPendingBytes) return subscription;
    end(subscription, 25);
    return null;
  }

  function drop(subscription: Subscription): void {
    bySid.delete(subscription.sid);
    byChannel.delete(subscription.channel);
  }

  function frame(message: JsonObject): void {
    const sent: Json = { ...message, sending_ts_ms: wholeMillis(engine.now()) };
    const { type, sid, seq, msg } = message;
    const subscription = typeof sid === "number" ? bySid.get(sid) : undefined;
    const about = {
      type: String(type),
      channel: subscription?.channel ?? null,
      ticker: tickerIn(msg),
      sid: typeof sid === "number" ? sid : null,
      seq: typeof seq === "number" ? seq : null,
    };
    deliver(`${JSON.stringify(sent)}\n`, subscription, fate?.(about) ?? "send");
  }

  function deliver(text: string, subscription: Subscription | undefined, fate: FrameFate): void {
    if (fate === "drop") return;
    if (fate === "disconnect") {
      outlet.cut?.();
      return;
    }
    if (typeof fate === "object" && "end" in fate) {
      if (subscription !== undefined) end(subscription, fate.end);
      return;
    }
    if (typeof fate === "object") outlet.hold?.(fate);
    outlet.send(text);
    if (fate === "twice") outlet.send(text);
  }

  function end(subscription: Subscription, code: 10 | 25): void {
    drop(subscription);
    frame({ type: "error", sid: subscription.sid, msg: { code, msg: new CommandError(code).message } });
  }

  return { receive, hear };
}

function tickerIn(msg: Json | undefined): string | null {
  if (typeof msg !== "object" || msg === null || Array.isArray(msg)) return null;
  const { market_ticker, ticker } = msg as JsonObject;
  const found = market_ticker ?? ticker;
  return typeof found === "string" ? found : null;
}

/** Whether a subscribe command names no market and so means all of them. */
function isForAll({ tickers, ids }: MarketsNamed): boolean {
  return tickers.length === 0 && ids.length === 0;
}

function nextSeq(subscription: Subscription): number {
  subscription.seq += 1;
  return subscription.seq;
}
