import type { Book } from "../book/book.js";
import type { BookEvent } from "../book/event.js";
import type { FeedCounts } from "../book/feed.js";
import { KalshiError } from "../errors.js";
import { EventQueue, type OnSlow } from "./event-queue.js";
import { Link, type LinkOptions } from "./link.js";

export interface LiveOptions extends LinkOptions {
  /** What becomes of events when the reader is too slow; see {@link OnSlow}. Default `fail`. */
  readonly onSlow?: OnSlow | undefined;
  /**
   * How many events may wait for a slow reader. Default 500,000 (some 100 MB). With `wait`, one read from the socket may bring some more, and
   * so may adding and deleting markets, whose acknowledgement stands behind what has not been read.
   */
  readonly maxWaiting?: number | undefined;
  /** About how many bytes of memory they may take. Default without limit. */
  readonly maxWaitingBytes?: number | undefined;
}

/** Events as they happen, and the books they make. For one reader: `for await (const event of live)`. */
export interface Live extends AsyncIterable<BookEvent>, AsyncDisposable {
  /** The book of a market as of the last message received, which may be ahead of the reader; null before its first. */
  book(ticker: string): Book | null;
  readonly books: ReadonlyMap<string, Book>;
  /** True while a connection is open. */
  readonly isConnected: boolean;
  /** The markets listened to; empty where they were not named. */
  readonly tickers: readonly string[];
  /** Frames received, those had before and ignored, those that could not be read (each an `unknown` event), and gaps. */
  readonly counts: Readonly<FeedCounts>;
  /** How many events wait to be read. */
  readonly waiting: number;
  /** Why the last reconnect failed, such as `KEY_REFUSED` or `UNREACHABLE`; it is tried again for ever. Null while connected. */
  readonly problem: KalshiError | null;
  /**
   * Listens to further markets over the connection that is open, and over another only past the exchange's limits. Resolves when the
   * exchange has acknowledged them; while there is no connection at once, and the next one has them.
   *
   * @throws KalshiError `CHANNEL_REFUSED`, `BAD_ARGUMENT`
   */
  addMarkets(tickers: readonly string[]): Promise<void>;
  /** Listens to some markets no longer: their books are stale from then on. @throws KalshiError `CHANNEL_REFUSED`, `BAD_ARGUMENT` */
  deleteMarkets(tickers: readonly string[]): Promise<void>;
  /** Ends the connection; the reader gets what was received until then. */
  close(): Promise<void>;
}

const MAX_WAITING = 500_000;

/**
 * Listens to channels of some markets: books are kept up, holes are repaired by get_snapshot, lost connections are made again. What was
 * missed meanwhile is told by `gap` and `disconnect` events.
 *
 * Events wait in memory until they are read, as many as `maxWaiting` and `maxWaitingBytes` allow; what becomes of more says `onSlow`. By
 * default reading then fails with `SOCKET_CLOSED`, and the connection ends; where nobody has begun to read, it goes on for the sake of the books.
 *
 * @throws KalshiError `KEY_WRONG_HOST`, `KEY_REFUSED`, `UNREACHABLE`, `TIMED_OUT`, `CHANNEL_REFUSED`, `BAD_ARGUMENT`, `INTERRUPTED`
 */
export async function openLive(options: LiveOptions): Promise<Live> {
  const queue = new EventQueue({
    ...limitsOf(options),
    hold: (isHeld) => (isHeld ? link?.pause() : link?.resume()),
    failed: () => void link?.close(),
  });
  let link: Link | null = null;
  let problem: KalshiError | null = null;
  const opened = await Link.open(options, {
    event: (event) => queue.push(event),
    problem: (told) => {
      problem = told;
    },
  });
  link = opened;
  if (queue.isHeld) opened.pause();
  void opened.done.then(() => queue.end());
  return {
    book: (ticker) => opened.book(ticker),
    books: opened.books,
    get isConnected() {
      return opened.isConnected;
    },
    get tickers() {
      return opened.tickers;
    },
    get counts() {
      return opened.counts;
    },
    get waiting() {
      return queue.waiting;
    },
    get problem() {
      return opened.isConnected ? null : problem;
    },
    addMarkets: (tickers) => opened.addMarkets(tickers),
    deleteMarkets: (tickers) => opened.deleteMarkets(tickers),
    close: () => opened.close(),
    [Symbol.asyncDispose]: () => opened.close(),
    [Symbol.asyncIterator]: () => queue,
  };
}

function limitsOf({
  onSlow = "fail",
  maxWaiting = MAX_WAITING,
  maxWaitingBytes = Number.POSITIVE_INFINITY,
}: LiveOptions) {
  if (!(maxWaiting >= 1) || !(maxWaitingBytes >= 1)) {
    throw new KalshiError("BAD_ARGUMENT", `no room for events: ${maxWaiting} of them, ${maxWaitingBytes} bytes`, {
      hint: "maxWaiting and maxWaitingBytes are 1 or more; left out, 500,000 events",
      context: { maxWaiting, maxWaitingBytes },
    });
  }
  if (!["fail", "wait", "drop_oldest"].includes(onSlow)) {
    throw new KalshiError("BAD_ARGUMENT", `onSlow: ${JSON.stringify(onSlow)}`, {
      hint: 'give "fail", "wait" or "drop_oldest"',
      context: { onSlow },
    });
  }
  return { onSlow, maxWaiting, maxWaitingBytes };
}
