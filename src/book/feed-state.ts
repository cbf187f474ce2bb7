import type { Timestamp } from "../units/time.js";
import { Book } from "./book.js";
import type { ConnectionStart } from "./connection.js";
import type { Gap } from "./event.js";
import type { FeedCounts } from "./feed.js";
import type { HeldDelta } from "./held-deltas.js";
import type { StallsState } from "./stalls.js";

/** A book as plain data: levels as price and count, ascending. */
export interface BookState {
  readonly ticker: string;
  readonly state: Book["state"];
  readonly time: Timestamp | null;
  readonly receivedAt: Timestamp | null;
  readonly yes: readonly (readonly [price: number, count: number])[];
  readonly no: readonly (readonly [price: number, count: number])[];
}

export interface SubscriptionState {
  readonly sid: number;
  readonly channel: string | null;
  readonly books: readonly string[];
  readonly listed: readonly string[] | null;
  readonly last: number | null;
  readonly lastTime: Timestamp | null;
  readonly answered: readonly (readonly [ticker: string, id: number])[];
  /** Missing in what was written before deltas were held. */
  readonly held?: { readonly from: number; readonly deltas: readonly HeldDelta[] } | null;
}

export interface OpenGapState {
  readonly gap: Gap;
  readonly pending: readonly string[];
}

/** All that is known of a connection. */
export interface ConnectionState {
  readonly start: ConnectionStart | null;
  readonly connection: number;
  readonly subscriptions: readonly SubscriptionState[];
  readonly offset: number | null;
  /** Greatest seen difference between receive and exchange time. */
  readonly slowest: number | null;
  /** Least difference to when books were sent. */
  readonly sent?: number | null;
  readonly lastReceivedAt: Timestamp;
  /** Missing in what was written before it was noted that a clock was set. */
  readonly ahead?: Timestamp;
  readonly lastTime: Timestamp | null;
  /** Missing in what was written before stalls were looked for. */
  readonly heardAt?: Timestamp;
  readonly advancedAt?: Timestamp;
}

/** All that a feed knows, its books apart, as plain data that survives JSON. */
export interface FeedState extends ConnectionState {
  readonly counts: FeedCounts;
  readonly open: readonly OpenGapState[];
  /** Missing in what was written before stalls were looked for. */
  readonly stalls?: StallsState;
  readonly closed: { readonly tickers: readonly string[]; readonly from: Timestamp } | null;
  /** Markets that are no longer kept up; missing in what was written before they were let go of. */
  readonly ended?: readonly string[];
  /** Missing in what was written before an outage was told once. */
  readonly isLost?: boolean;
  /** Missing where it is known on which connection the frames come. */
  readonly adrift?: Timestamp | null;
}

export function saveBook({ ticker, state, time, receivedAt, yes, no }: Book): BookState {
  const pairs = (side: Book["yes"]) => side.levels().map(({ price, count }) => [price, count] as const);
  return { ticker, state, time, receivedAt, yes: pairs(yes), no: pairs(no) };
}

export function restoreBook(state: BookState): Book {
  const book = new Book(state.ticker);
  for (const [price, count] of state.yes) book.yes.add(price, count);
  for (const [price, count] of state.no) book.no.add(price, count);
  // Most books of a long recording are of markets that have ended.
  for (const side of [book.yes, book.no]) side.release();
  book.state = state.state;
  book.time = state.time;
  book.receivedAt = state.receivedAt;
  return book;
}
