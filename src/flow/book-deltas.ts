import { type BookEvent, type Delta, endsBooks, type Snapshot } from "../book/event.js";
import { ExchangeClock } from "../book/exchange-clock.js";
import type { Count } from "../units/count.js";
import { complement, type Price } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import { itemwise, none } from "./stage.js";
import { type Transform, transform } from "./transform.js";

/** One change of one level of a book, or one level of a whole one: all that it takes to build the book anew. */
export interface BookDelta {
  readonly type: "book_delta";
  /** Number of the message, ascending as they came: all levels of one whole book have the same. */
  readonly message: number;
  /**
   * `snapshot`: a level of a whole book; with the others of its message it replaces what was there. One without a level is an empty book.
   * `delta`: a level has changed. `gap`: from `time` on messages of the market are missing, up to its next snapshot.
   */
  readonly kind: "snapshot" | "delta" | "gap";
  readonly ticker: string;
  /** The exchange's time; estimated where it sent none. */
  readonly time: Timestamp;
  /** When it reached us, by the local clock. */
  readonly received_time: Timestamp;
  readonly connection: number;
  /** Place in its subscription's count on that connection; null of a gap, and of a book that stood at the start of the part asked for. */
  readonly seq: number | null;
  /** Whose bids. */
  readonly side: "yes" | "no" | null;
  /** In the side's own price. */
  readonly price: Price | null;
  /** The same level in YES prices: a bid for `yes`, an ask for `no`. */
  readonly yes_price: Price | null;
  /** By how many contracts the level has changed; null but of a delta. */
  readonly delta: Count | null;
  /** Contracts resting on the level after it; null while that is not known. */
  readonly count: Count | null;
}

/**
 * Every message of the books as rows: snapshots level by level, deltas, and where messages are missing. Nothing is put together and nothing
 * waited for. Applied in the order of `message`, rows give every book at every message; a book is not known before its first snapshot, nor from
 * a `gap` to its next.
 */
export function bookDeltas(): Transform<BookEvent, BookDelta> {
  return transform(() => {
    const clocks = new Map<number, ExchangeClock>();
    let messages = 0;
    return itemwise((event: BookEvent) => {
      const clock = clockOf(clocks, event);
      const isSnapshot = event.type === "snapshot";
      if (event.type !== "delta" && !isSnapshot && !endsBooks(event)) return none;
      messages += 1;
      const message = messages;
      if (event.type === "delta") return [{ message, ...changeOf(event, clock) }];
      if (isSnapshot) return levelsOf(event, clock).map((level) => ({ message, ...level }));
      return event.tickers.map((ticker) => ({ message, ...gapOf(event, ticker) }));
    });
  }, "book_delta");
}

function clockOf(clocks: Map<number, ExchangeClock>, { connection, time, receivedAt }: BookEvent): ExchangeClock {
  let clock = clocks.get(connection);
  if (clock === undefined) {
    clock = new ExchangeClock();
    clocks.set(connection, clock);
  }
  if (time !== null) clock.heard(time, receivedAt);
  return clock;
}

type Unnumbered = Omit<BookDelta, "message">;

function changeOf(event: Delta, clock: ExchangeClock): Unnumbered {
  const { side, price, delta, count, state } = event;
  return {
    ...atOf(event, clock),
    kind: "delta",
    ...levelAt(side, price),
    delta,
    count: state === "ok" ? count : null,
  };
}

function levelsOf(event: Snapshot, clock: ExchangeClock): readonly Unnumbered[] {
  const at = atOf(event, clock);
  const of = (side: "yes" | "no"): Unnumbered[] =>
    event[side].map(({ price, count }) => ({ ...at, kind: "snapshot", ...levelAt(side, price), delta: null, count }));
  const levels = [...of("yes"), ...of("no")];
  return levels.length > 0 ? levels : [{ ...at, kind: "snapshot", ...nowhere }];
}

function gapOf(
  { from, receivedAt, connection }: { from: Timestamp; receivedAt: Timestamp; connection: number },
  ticker: string,
): Unnumbered {
  return {
    ...{ type: "book_delta", kind: "gap", ticker, time: from, received_time: receivedAt, connection, seq: null },
    ...nowhere,
  } as const;
}

function atOf({ ticker, time, receivedAt, connection, sequence }: Snapshot | Delta, clock: ExchangeClock) {
  return {
    type: "book_delta",
    ...{ ticker, time: time ?? clock.estimate(receivedAt), received_time: receivedAt, connection, seq: sequence },
  } as const;
}

function levelAt(side: "yes" | "no", price: Price) {
  return { side, price, yes_price: side === "yes" ? price : complement(price) };
}

const nowhere = { side: null, price: null, yes_price: null, delta: null, count: null } as const;
