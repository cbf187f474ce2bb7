import type { BookEvent, Delta, Gap, Snapshot, TradeEvent } from "../../src/book/event.js";

/** Events of a feed made by hand, times in microseconds. */

export type Pairs = readonly (readonly [price: number, count: number])[];

interface On {
  readonly ticker?: string;
  readonly connection?: number;
  readonly receivedAt?: number;
}

const on = (time: number | null, { ticker = "A", connection = 1, receivedAt = time ?? 0 }: On) => ({
  ...{ receivedAt, time, connection, ticker },
  ...{ sid: 1, sequence: 1 },
});

export function snapshotOf(time: number | null, yes: Pairs, no: Pairs, where: On = {}): Snapshot {
  const levels = (side: Pairs) => side.map(([price, count]) => ({ price, count }));
  return { ...on(time, where), type: "snapshot", yes: levels(yes), no: levels(no) };
}

export function deltaOf(
  time: number | null,
  side: "yes" | "no",
  price: number,
  delta: number,
  where: On & { readonly state?: "ok" | "stale" } = {},
): Delta {
  const { state = "ok" } = where;
  return { ...on(time, where), type: "delta", side, price, delta, count: 0, state, client_order_id: null };
}

export function tradeOf(
  time: number,
  yes_price: number,
  count: number,
  taker: "yes" | "no" | null = "yes",
  where: On = {},
): TradeEvent {
  return {
    ...on(time, where),
    type: "trade",
    yes_price,
    no_price: 1_000_000 - yes_price,
    count,
    taker_outcome_side: taker,
    taker_book_side: taker === null ? null : taker === "yes" ? "bid" : "ask",
    is_block_trade: false,
    trade_id: "00000000-0000-4000-8000-000000000000",
    extra: null,
  };
}

/** A gap as it is told when it is noticed, or with `to` when it is over. */
export function gapOf(
  from: number,
  tickers: readonly string[],
  { to = null, channel = "orderbook_delta" }: { readonly to?: number | null; readonly channel?: string | null } = {},
): Gap {
  return {
    ...{ type: "gap", receivedAt: to ?? from, time: null, connection: 1, reason: "sequence", sid: 1, channel },
    ...{ fromSequence: 2, toSequence: 3, tickers, from, to },
    recoveredBy: to === null || channel === "trade" ? null : "snapshot",
  };
}

/** Events as they come from a feed. */
export async function* asFeed(events: readonly BookEvent[]): AsyncGenerator<BookEvent> {
  yield* events;
}
