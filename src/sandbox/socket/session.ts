import type { Engine } from "../engine/engine.js";
import type { KeyGrant } from "../rest/api-key.js";
import type { AccountRef, World } from "../types.js";
import { type ChannelName, isFiltered, isPrivate } from "./channel.js";
import { CommandError, errorMessage } from "./command-error.js";
import { type Command, type MarketsNamed, readCommand, takesIds } from "./commands.js";
import type { FrameFaults } from "./frame-faults.js";
import type { FrameLog } from "./frame-log.js";
import { snapshotMessage, tickerMessage } from "./market-messages.js";
import type { Outlet } from "./outlet.js";
import type { Pace } from "./pace.js";
import { createSender } from "./sender.js";
import { nextSeq, type Subscription } from "./subscription.js";
import type { SubscriptionIndex } from "./subscription-index.js";

export interface SessionOptions {
  /** Number of the connection. */
  readonly id: number;
  readonly world: World;
  readonly engine: Engine;
  readonly account: AccountRef;
  /** What the key may that it was opened with; everything where absent. */
  readonly grant?: KeyGrant | undefined;
  readonly outlet: Outlet;
  /** Where its subscriptions are entered, so that they hear of events. */
  readonly index: SubscriptionIndex;
  /** A reader with more than this many bytes to take, those it asked for aside, loses the subscription that would add to them. */
  readonly maxPendingBytes: number;
  /** Markets that all subscriptions of the connection may name together. */
  readonly maxMarkets: number;
  /** Of its commands. */
  readonly pace: Pace;
  readonly faults?: FrameFaults | undefined;
  readonly log?: FrameLog | undefined;
}

/** One connection: its subscriptions, their numbers, and what they are told. */
export interface Session {
  receive(text: string): void;
  subscriptions(): readonly Subscription[];
  /** Ends a subscription from the exchange's side: 10 for a fault of the channel, 25 for a reader too slow. False when there is none. */
  endSubscription(sid: number, code: 10 | 25): boolean;
  /** To be called when the connection is gone. */
  close(): void;
}

type Of<Name extends Command["cmd"]> = Extract<Command, { readonly cmd: Name }>;

/** A session over an open connection. Everything a client may say ends in an answer, never in an exception. */
export function createSession(options: SessionOptions): Session {
  const { world, engine, account, index, grant } = options;
  const sender = createSender({ ...options, userId: account.userId, end: endSubscription });
  const bySid = new Map<number, Subscription>();
  const byChannel = new Map<ChannelName, Subscription>();
  let lastSid = 0;

  function receive(text: string): void {
    try {
      const command = readCommand(text);
      if (!options.pace.admits()) refuse(27, command.id);
      else obey(command);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      refuse(error.code, error.id);
    }
  }

  function refuse(code: CommandError["code"], id: number): void {
    sender.answer({ type: "error", id }, errorMessage(code));
  }

  function obey(command: Command): void {
    try {
      if (command.cmd === "subscribe") subscribe(command);
      else if (command.cmd === "unsubscribe") unsubscribe(command);
      else if (command.cmd === "update_subscription") update(command);
      else list(command);
    } catch (error) {
      if (error instanceof CommandError) error.id = command.id;
      throw error;
    }
  }

  function list({ id }: Of<"list_subscriptions">): void {
    const all = [...bySid.values()].map(({ channel, sid }) => ({ channel, sid }));
    sender.answer({ type: "ok", id }, all);
  }

  function subscribe(command: Of<"subscribe">): void {
    if (command.channels.some(isPrivate) && grant?.scopes.includes("read") === false) throw new CommandError(9);
    const tickers = tickersOf(command.markets);
    admitMarkets(
      command.channels.filter(isFiltered).map((channel) => byChannel.get(channel) ?? null),
      tickers,
    );
    const started: Subscription[] = [];
    for (const channel of command.channels) {
      const known = byChannel.get(channel);
      if (known === undefined) started.push(open(channel, command, tickers));
      else again(known, command, tickers);
    }
    for (const fresh of started) begin(fresh, [...(fresh.markets ?? [])], command.sendInitialSnapshot);
  }

  function open(channel: ChannelName, command: Of<"subscribe">, tickers: readonly string[]): Subscription {
    lastSid += 1;
    const isForAll = !isFiltered(channel) || namesNone(command.markets);
    const subscription: Subscription = {
      sid: lastSid,
      channel,
      userId: account.userId,
      lockedTo: grant?.subaccount,
      useYesPrice: command.useYesPrice,
      skipTickerAck: command.skipTickerAck,
      markets: isForAll ? null : new Set(tickers),
      ids: new Set(command.markets.ids),
      seq: 0,
      tell: (told) => {
        if (!sender.tell(subscription, told)) end(subscription, 25);
      },
    };
    bySid.set(subscription.sid, subscription);
    byChannel.set(channel, subscription);
    index.add(subscription);
    sender.answer({ type: "subscribed", id: command.id }, { channel, sid: subscription.sid }, about(subscription));
    return subscription;
  }

  /** A repeated subscribe adds to the subscription that is there. */
  function again(known: Subscription, command: Of<"subscribe">, tickers: readonly string[]): void {
    if (namesNone(command.markets)) index.widen(known);
    enlarge(known, command, tickers);
  }

  function unsubscribe({ id, sids }: Of<"unsubscribe">): void {
    for (const subscription of new Set(sids.map(subscriptionOf))) {
      drop(subscription);
      const { sid } = subscription;
      sender.answer({ type: "unsubscribed", id, sid, seq: nextSeq(subscription) }, undefined, about(subscription));
    }
  }

  function update(command: Of<"update_subscription">): void {
    const subscription = subscriptionOf(command.sid);
    if (!isFiltered(subscription.channel)) throw new CommandError(13);
    if (!takesIds(subscription.channel, command.markets)) throw new CommandError(11);
    const tickers = tickersOf(command.markets);
    if (command.action === "add_markets") {
      admitMarkets([subscription], tickers);
      enlarge(subscription, command, tickers);
    } else if (command.action === "delete_markets") {
      lessen(subscription, command, tickers);
    } else {
      if (subscription.channel !== "orderbook_delta") throw new CommandError(13);
      for (const ticker of new Set(tickers)) snapshot(subscription, ticker, command.id);
    }
  }

  /** Adds markets, says so, and sends what those that are new begin with. */
  function enlarge(
    subscription: Subscription,
    { id, markets, sendInitialSnapshot }: Of<"subscribe" | "update_subscription">,
    tickers: readonly string[],
  ): void {
    const added = index.enlarge(subscription, tickers);
    for (const marketId of markets.ids) subscription.ids.add(marketId);
    acknowledge(subscription, id);
    begin(subscription, added, sendInitialSnapshot);
  }

  function lessen(
    subscription: Subscription,
    { id, markets }: Of<"update_subscription">,
    tickers: readonly string[],
  ): void {
    index.lessen(subscription, tickers);
    for (const marketId of markets.ids) subscription.ids.delete(marketId);
    for (const ticker of tickers) subscription.ids.delete(world.markets.get(ticker)?.marketId ?? "");
    acknowledge(subscription, id);
  }

  /** The whole list of markets after a change, where the channel has one. */
  function acknowledge(subscription: Subscription, id: number): void {
    const { sid, channel, markets, ids, skipTickerAck } = subscription;
    const lists = { market_tickers: [...(markets ?? [])], market_ids: ids.size === 0 ? undefined : [...ids] };
    const msg = skipTickerAck || !isFiltered(channel) ? undefined : lists;
    sender.answer({ type: "ok", id, sid, seq: nextSeq(subscription) }, msg, about(subscription));
  }

  /** What markets that are new to a subscription are sent first. */
  function begin(subscription: Subscription, tickers: readonly string[], initial: boolean): void {
    if (subscription.channel === "orderbook_delta") for (const ticker of tickers) snapshot(subscription, ticker);
    if (subscription.channel === "ticker" && initial) for (const ticker of tickers) firstTicker(subscription, ticker);
  }

  function snapshot(subscription: Subscription, ticker: string, id?: number): void {
    const { sid, useYesPrice } = subscription;
    const msg = snapshotMessage(world, engine, ticker, useYesPrice);
    const head = { type: "orderbook_snapshot", id, sid, seq: nextSeq(subscription) };
    sender.answer(head, msg, about(subscription, ticker));
  }

  function firstTicker(subscription: Subscription, ticker: string): void {
    const msg = tickerMessage(world, engine, ticker, engine.now());
    if (msg !== null) sender.answer({ type: "ticker", sid: subscription.sid }, msg, about(subscription, ticker));
  }

  function tickersOf({ tickers, ids }: MarketsNamed): readonly string[] {
    if (ids.length === 0) return tickers;
    const wanted = new Set(ids.map((id) => id.toLowerCase()));
    const found = [...world.markets.values()].filter((market) => wanted.has(market.marketId));
    return found.map((market) => market.ticker);
  }

  /** @throws CommandError 26 where these subscriptions, null for one to be opened, would with these tickers name too many markets */
  function admitMarkets(those: readonly (Subscription | null)[], tickers: readonly string[]): void {
    let named = 0;
    for (const { markets } of bySid.values()) named += markets?.size ?? 0;
    const fresh = new Set(tickers);
    for (const one of those) {
      for (const ticker of fresh) if (one === null || one.markets?.has(ticker) === false) named += 1;
    }
    if (named > options.maxMarkets) throw new CommandError(26);
  }

  function subscriptionOf(sid: number): Subscription {
    const subscription = bySid.get(sid);
    if (subscription === undefined) throw new CommandError(7);
    return subscription;
  }

  function end(subscription: Subscription, code: 10 | 25): void {
    drop(subscription);
    sender.answer({ type: "error", sid: subscription.sid }, errorMessage(code), about(subscription));
  }

  function endSubscription(sid: number, code: 10 | 25): boolean {
    const subscription = bySid.get(sid);
    if (subscription !== undefined) end(subscription, code);
    return subscription !== undefined;
  }

  function drop(subscription: Subscription): void {
    bySid.delete(subscription.sid);
    byChannel.delete(subscription.channel);
    index.remove(subscription);
  }

  return {
    receive,
    subscriptions: () => [...bySid.values()],
    endSubscription,
    close() {
      for (const subscription of [...bySid.values()]) drop(subscription);
    },
  };
}

function about({ channel }: Subscription, ticker: string | null = null) {
  return { channel, ticker };
}

/** Whether a command names no market and so means all of them. */
function namesNone({ tickers, ids }: MarketsNamed): boolean {
  return tickers.length === 0 && ids.length === 0;
}
