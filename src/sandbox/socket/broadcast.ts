import type { Engine } from "../engine/engine.js";
import type { EngineEvent, JsonObject, World } from "../types.js";
import type { ChannelName } from "./channel.js";
import { frameTail } from "./frames.js";
import { comboMessage, deltaMessage, snapshotMessage, tickerMessage, tradeMessage } from "./market-messages.js";
import { owns, type Subscription, type Told } from "./subscription.js";
import type { SubscriptionIndex } from "./subscription-index.js";

export interface BroadcastOptions {
  readonly world: World;
  readonly engine: Engine;
  readonly index: SubscriptionIndex;
}

/** A message to one channel. `ticker` is what filters hold it against; null where no filter is for it. */
interface Message {
  readonly channel: ChannelName;
  readonly type: string;
  readonly ticker: string | null;
}

/** Brings what happens in the engine to the subscriptions that want it. Each message is written once, however many are sent it. */
export function createBroadcast({ world, engine, index }: BroadcastOptions): (event: EngineEvent) => void {
  /**
   * Tells each subscription the message in the variant that is for it, null for none. `write` gives a variant's content, null where there
   * is nothing to tell.
   */
  function tell(
    { channel, type, ticker }: Message,
    variantOf: (subscription: Subscription) => number | null,
    write: (variant: number) => JsonObject | null,
  ): void {
    const written: (Told | null | undefined)[] = [];
    index.each(channel, ticker, (subscription) => {
      const variant = variantOf(subscription);
      if (variant === null) return;
      let told = written[variant];
      if (told === undefined) {
        const msg = write(variant);
        told = msg === null ? null : { type, ticker, tail: frameTail(msg, engine.now()) };
        written[variant] = told;
      }
      if (told !== null) subscription.tell(told);
    });
  }

  function toAll(message: Message, write: () => JsonObject | null): void {
    tell(message, () => 0, write);
  }

  function toOwner(channel: ChannelName, type: string, event: Private): void {
    const ticker = "ticker" in event ? event.ticker : null;
    tell(
      { channel, type, ticker },
      (subscription) => (owns(subscription, event) ? 0 : null),
      () => event.message,
    );
  }

  /** A delta differs by the prices of the NO side and by whose order caused it. */
  function toBooks(event: Extract<EngineEvent, { type: "delta" }>): void {
    const { ticker, cause } = event;
    tell(
      { channel: "orderbook_delta", type: "orderbook_delta", ticker },
      (subscription) =>
        (cause !== undefined && owns(subscription, cause) ? OWN : 0) + (subscription.useYesPrice ? YES_PRICE : 0),
      (variant) => deltaMessage(world, event, (variant & YES_PRICE) > 0, (variant & OWN) > 0),
    );
  }

  /** The whole book anew, as after a close, or for the first time. */
  function toBooksWhole(ticker: string): void {
    tell(
      { channel: "orderbook_delta", type: "orderbook_snapshot", ticker },
      ({ useYesPrice }) => (useYesPrice ? YES_PRICE : 0),
      (variant) => snapshotMessage(world, engine, ticker, variant === YES_PRICE),
    );
  }

  /** Combos have a channel of their own, and the other is without them. */
  function toLifecycle({ ticker, message, combo }: Extract<EngineEvent, { type: "lifecycle" }>): void {
    const channel = combo ? "multivariate_market_lifecycle" : "market_lifecycle_v2";
    toAll({ channel, type: channel, ticker: null }, () => (combo ? comboMessage(message) : message));
    // Who named the market before there was one has had a book without an id.
    if (message.event_type === "created") toBooksWhole(ticker);
  }

  return (event) => {
    switch (event.type) {
      case "delta":
        return toBooks(event);
      case "recorded":
        return tell(
          { channel: event.channel, type: event.frame, ticker: event.ticker },
          ({ useYesPrice }) => (useYesPrice ? YES_PRICE : 0),
          (variant) => (variant === YES_PRICE ? event.yesPriceMessage : event.message),
        );
      case "wiped":
        return toBooksWhole(event.ticker);
      case "ticker": {
        const { ticker, time } = event;
        return toAll({ channel: "ticker", type: "ticker", ticker }, () => tickerMessage(world, engine, ticker, time));
      }
      case "trade": {
        const { trade } = event;
        return toAll({ channel: "trade", type: "trade", ticker: trade.ticker }, () => tradeMessage(trade));
      }
      case "fill":
        return toOwner("fill", "fill", event);
      case "order":
        return toOwner("user_orders", "user_order", event);
      case "position":
        return toOwner("market_positions", "market_position", event);
      case "order_group":
        return toOwner("order_group_updates", "order_group_updates", event);
      case "lifecycle":
        return toLifecycle(event);
      case "event_lifecycle": {
        const channel = event.combo ? "multivariate_market_lifecycle" : "market_lifecycle_v2";
        return toAll({ channel, type: event.type, ticker: null }, () => event.message);
      }
      case "event_fee_update":
        return toAll({ channel: "market_lifecycle_v2", type: event.type, ticker: null }, () => event.message);
    }
  };
}

type Private = Extract<EngineEvent, { readonly userId: string }>;

// Bits of a variant.
const YES_PRICE = 1;
const OWN = 2;
