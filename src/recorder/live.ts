import type { Book } from "../book/book.js";
import type { BookEvent } from "../book/event.js";
import { KalshiError } from "../errors.js";
import { Link, type LinkOptions } from "./link.js";

export interface LiveOptions extends LinkOptions {
  /**
   * How many events may wait for a slow reader. A socket cannot be held back, so past this the reading fails rather than dropping events
   * unseen. Default 500,000 (some 100 MB).
   */
  readonly maxWaiting?: number | undefined;
}

/** Events as they happen, and the books they make. For one reader: `for await (const event of live)`. */
export interface Live extends AsyncIterable<BookEvent>, AsyncDisposable {
  /** The book of a market as of the last message received; null before its first. */
  book(ticker: string): Book | null;
  readonly books: ReadonlyMap<string, Book>;
  /** True while a connection is open. */
  readonly isConnected: boolean;
  /** The markets listened to; empty where they were not named. */
  readonly tickers: readonly string[];
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
 * Events wait in memory until they are read. When more than `maxWaiting` wait, reading fails with `SOCKET_CLOSED`, and the connection
 * ends; where nobody has begun to read, it goes on for the sake of the books.
 *
 * @throws KalshiError `KEY_WRONG_HOST`, `KEY_REFUSED`, `UNREACHABLE`, `TIMED_OUT`, `CHANNEL_REFUSED`, `BAD_ARGUMENT`, `INTERRUPTED`
 */
export async function openLive(options: LiveOptions): Promise<Live> {
  const queue = new EventQueue(options.maxWaiting ?? MAX_WAITING);
  let problem: KalshiError | null = null;
  const link = await Link.open(options, {
    event: (event) => queue.push(event),
    problem: (told) => {
      problem = told;
    },
  });
  queue.onOverflow = () => void link.close();
  void link.done.then(() => queue.end());
  return {
    book: (ticker) => link.book(ticker),
    books: link.books,
    get isConnected() {
      return link.isConnected;
    },
    get tickers() {
      return link.tickers;
    },
    get problem() {
      return link.isConnected ? null : problem;
    },
    addMarkets: (tickers) => link.addMarkets(tickers),
    deleteMarkets: (tickers) => link.deleteMarkets(tickers),
    close: () => link.close(),
    [Symbol.asyncDispose]: () => link.close(),
    [Symbol.asyncIterator]: () => queue,
  };
}

/** Events between a socket and its reader. */
class EventQueue implements AsyncIterableIterator<BookEvent> {
  onOverflow: () => void = () => {};
  readonly #limit: number;
  #events: BookEvent[] = [];
  #at = 0;
  #waiting: ((result: IteratorResult<BookEvent>) => void) | null = null;
  #isRead = false;
  #failure: KalshiError | null = null;
  #over = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(event: BookEvent): void {
    if (this.#waiting !== null) {
      const resolve = this.#waiting;
      this.#waiting = null;
      resolve({ value: event, done: false });
      return;
    }
    if (this.#failure !== null) return;
    this.#events.push(event);
    if (this.#events.length - this.#at > this.#limit) this.#overflow();
  }

  end(): void {
    this.#over = true;
    this.#waiting?.({ value: undefined, done: true });
    this.#waiting = null;
  }

  async next(): Promise<IteratorResult<BookEvent>> {
    this.#isRead = true;
    if (this.#at < this.#events.length) {
      const event = this.#events[this.#at]!;
      this.#at += 1;
      if (this.#at >= 4096 && this.#at * 2 >= this.#events.length) {
        this.#events = this.#events.slice(this.#at);
        this.#at = 0;
      }
      return { value: event, done: false };
    }
    if (this.#failure !== null) throw this.#failure;
    if (this.#over) return { value: undefined, done: true };
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Leaving the loop ends the reading, not the connection: `close()` does that. */
  async return(): Promise<IteratorResult<BookEvent>> {
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #overflow(): void {
    this.#failure = new KalshiError("SOCKET_CLOSED", `${this.#limit} events wait to be read: the reader is too slow`, {
      hint: "do less per event, listen to fewer markets, raise maxWaiting, or record and read the recording",
      context: { waiting: this.#limit },
    });
    this.#events = [];
    this.#at = 0;
    if (this.#isRead) this.onOverflow();
  }
}
