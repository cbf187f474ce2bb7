import type { ChannelName } from "./channel.js";

/** What one subscription is told. */
export interface Told {
  readonly type: string;
  readonly ticker: string | null;
  /** See `frameTail`. */
  readonly tail: string;
}

/** One subscription of one connection. */
export interface Subscription {
  readonly sid: number;
  readonly channel: ChannelName;
  /** Whose connection it is. */
  readonly userId: string;
  /** The one subaccount that its key may see; absent for all. */
  readonly lockedTo?: number | undefined;
  readonly useYesPrice: boolean;
  readonly skipTickerAck: boolean;
  /** Null for all markets. Changed by the index alone. */
  markets: Set<string> | null;
  /** Ids by which markets were named, for the answers that list them. */
  readonly ids: Set<string>;
  /** Last number given out. */
  seq: number;
  /** Sends a message in its place, or ends the subscription where the reader is too slow for it. */
  tell(told: Told): void;
}

/** Whether a subscription is told what is a subaccount's own. */
export function owns(
  { userId, lockedTo }: Subscription,
  of: { readonly userId: string; readonly subaccount?: number },
): boolean {
  return userId === of.userId && (lockedTo === undefined || lockedTo === (of.subaccount ?? 0));
}

export function nextSeq(subscription: Subscription): number {
  subscription.seq += 1;
  return subscription.seq;
}
