import type { Envelope } from "../exchange/channel.js";
import type { Timestamp } from "../units/time.js";
import type { Connection } from "./connection.js";
import type { BookEvent, Gap, GapReason } from "./event.js";
import type { OpenGapState } from "./feed-state.js";
import { OpenGaps } from "./open-gaps.js";
import type { Subscription } from "./sequence.js";

/** What is known of missing messages when that is noticed. */
export interface GapStart {
  readonly reason: GapReason;
  readonly subscription: Subscription | null;
  readonly tickers: readonly string[];
  readonly receivedAt: Timestamp;
  /** The exchange's time up to which nothing is missing. */
  readonly from: Timestamp;
  readonly fromSequence?: number;
  readonly toSequence?: number;
}

/** The gaps of a feed: told when they are noticed, and again when the last of their books is whole. */
export class FeedGaps {
  readonly #open = new OpenGaps();
  readonly #emit: (event: BookEvent) => void;
  readonly #makeStale: (tickers: readonly string[]) => void;
  /** Called for each that begins. */
  onOpen: () => void = () => {};

  constructor(emit: (event: BookEvent) => void, makeStale: (tickers: readonly string[]) => void) {
    this.#emit = emit;
    this.#makeStale = makeStale;
  }

  open(connection: Connection, start: GapStart): void {
    this.onOpen();
    const { reason, subscription, tickers, receivedAt, from } = start;
    const channel = subscription?.channel ?? null;
    const keepsBooks = channel === null || channel === "orderbook_delta";
    const gap: Gap = {
      type: "gap",
      receivedAt,
      time: null,
      connection: connection.number,
      reason,
      sid: subscription?.sid ?? null,
      channel,
      fromSequence: start.fromSequence ?? null,
      toSequence: start.toSequence ?? null,
      tickers,
      from,
      to: keepsBooks ? null : Math.max(from, connection.clock.estimate(receivedAt)),
      recoveredBy: null,
    };
    if (keepsBooks) {
      this.#makeStale(tickers);
      this.#open.add(gap);
    }
    this.#emit(gap);
  }

  /** A book is whole again by a snapshot. */
  restored(ticker: string, envelope: Envelope, connection: Connection, receivedAt: Timestamp): void {
    if (this.#open.size === 0) return;
    const { clock } = connection;
    const time = envelope.sentTime ?? Math.max(clock.estimate(receivedAt), clock.lastTime ?? 0);
    for (const gap of this.#open.restored(ticker)) {
      const isNew =
        gap.reason === "disconnect" ||
        gap.connection !== connection.number ||
        (gap.sid ?? envelope.sid) !== envelope.sid;
      const recoveredBy = isNew ? "resubscribe" : envelope.id !== null ? "get_snapshot" : "snapshot";
      this.#emit({ ...gap, receivedAt, to: Math.max(time, gap.from), recoveredBy });
    }
  }

  /** Whether any book is waited for. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** The books that are waited for. */
  get pending(): ReadonlySet<string> {
    return this.#open.pending;
  }

  /** Those of them that are waited for since a gap for that reason. */
  pendingBy(reason: GapReason): ReadonlySet<string> {
    return this.#open.pendingBy(reason);
  }

  /** A book is no longer kept up: nobody waits for it. */
  forget(ticker: string): void {
    this.#open.forget(ticker);
  }

  save(): OpenGapState[] {
    return this.#open.save();
  }

  restore(state: readonly OpenGapState[]): void {
    this.#open.restore(state);
  }
}
