import { copyBook } from "../book/apply.js";
import type { Book, WireLevels } from "../book/book.js";
import type { GapReason } from "../book/event.js";
import { formatTimeFull, type Timestamp } from "../units/time.js";

/** Why a book is not certain. */
export type UnknownReason =
  | GapReason
  /** There was no snapshot of the market yet. */
  | "no_snapshot"
  /** It was no longer subscribed to. */
  | "unsubscribed"
  /** The recording does not reach that far. */
  | "end_of_recording";

/** A book out of a recording, and whether it can be trusted. The levels are given either way. */
export interface FoundBook {
  readonly ticker: string;
  /** Connection it was rebuilt from, counted from 1; null without any. */
  readonly connection: number | null;
  /** The moment asked for, or the end of the connection. */
  readonly at: Timestamp;
  /** Null when the recording has no message of it by then. */
  readonly book: Book | null;
  readonly trust: "ok" | "unknown";
  /** Null when `ok`. */
  readonly reason: UnknownReason | null;
  /** The interval in which it is unknown; null where an end is not known. */
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
}

/** A found book as `kalshi-lab replay --json` writes it: `reason`, `from` and `to` only when it is unknown. */
export interface WireFoundBook {
  readonly ticker: string;
  readonly connection: number | null;
  readonly at: string;
  readonly trust: "ok" | "unknown";
  readonly reason?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly yes_dollars: WireLevels;
  readonly no_dollars: WireLevels;
}

export function wireFoundBook(found: FoundBook): WireFoundBook {
  const { ticker, connection, at, book, trust, reason, from, to } = found;
  const levels = book?.toJSON() ?? { yes_dollars: [], no_dollars: [] };
  const time = (moment: Timestamp | null): string | null => (moment === null ? null : formatTimeFull(moment));
  return {
    ticker,
    connection,
    at: formatTimeFull(at),
    trust,
    ...(trust === "ok" ? {} : { reason, from: time(from), to: time(to) }),
    yes_dollars: levels.yes_dollars,
    no_dollars: levels.no_dollars,
  };
}

/** A copy whose own state says the same as the trust it is given with. */
export function settledBook(book: Book, trust: "ok" | "unknown"): Book {
  const copy = copyBook(book);
  copy.state = trust === "ok" ? "ok" : "stale";
  return copy;
}
