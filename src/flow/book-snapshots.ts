import { isCrossed } from "../book/best.js";
import { Book } from "../book/book.js";
import { type BookEvent, type Delta, endsBooks, type Snapshot } from "../book/event.js";
import type { Ladder } from "../book/ladder.js";
import type { Level } from "../exchange/orderbook.js";
import { readNumber, refuseUnknown } from "../units/argument.js";
import type { Duration, Timestamp } from "../units/time.js";
import { Clocks, type ConnectionClock } from "./clocks.js";
import { gridAfter, readInterval } from "./interval.js";
import { applyEvent } from "./kept-books.js";
import { BOOK_LATE, type Trust } from "./settled-books.js";
import { none, type Stage } from "./stage.js";
import { type Transform, transform } from "./transform.js";

/** The book of a market at a point of the grid. */
export interface BookSnapshot {
  readonly type: "book";
  readonly ticker: string;
  /** The point of the grid, in exchange time: all messages up to and including it are applied. */
  readonly time: Timestamp;
  readonly trust: Trust;
  /** Bids of both sides in their own prices, ascending, best last; null while `trust` is `unknown`. */
  readonly yes: readonly Level[] | null;
  readonly no: readonly Level[] | null;
}

export interface BookSnapshotOptions {
  /** How many levels of each side, from the best one. Default all. */
  readonly levels?: number | undefined;
  /**
   * How long after its last message a market is still given (`"1h"`); then it has no points until the next. Default for ever, which is long
   * where markets come and go.
   */
  readonly maxAge?: string | Duration | undefined;
}

/**
 * The book of every market at every point of a grid in exchange time, from its first message on: `bookSnapshots("1s", { levels: 10 })`.
 *
 * A point is given when time has passed it, whether or not its market has moved. While messages of a market are missing its books are null
 * and their `trust` is `unknown`; what was given before a gap was noticed stays as it was.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function bookSnapshots(
  every: string | Duration,
  options: BookSnapshotOptions = {},
): Transform<BookEvent, BookSnapshot> {
  const interval = readInterval(every);
  refuseUnknown("bookSnapshots", options, { levels: true, maxAge: true });
  const { levels = Number.POSITIVE_INFINITY } = options;
  const hint = "levels is how many of each side, from the best one, such as 10; leave it out for all";
  if (levels !== Number.POSITIVE_INFINITY) readNumber("levels", levels, { least: 1, isWhole: true }, hint);
  const maxAge = options.maxAge === undefined ? Number.POSITIVE_INFINITY : readInterval(options.maxAge);
  return transform(() => new BooksOnGrid(interval, levels, maxAge), "book");
}

interface Sampled {
  readonly book: Book;
  /** The connection whose time it goes by: that of its last message. */
  clock: ConnectionClock;
  /** The grid's next point; null until the time of its first message is known, and while it is not given. */
  next: Timestamp | null;
  /** Receive time of the message that it begins with. */
  since: Timestamp;
  /** Time of its last message. */
  last: Timestamp;
}

class BooksOnGrid implements Stage<BookEvent, BookSnapshot> {
  passed: Timestamp = Number.NEGATIVE_INFINITY;
  readonly #every: Duration;
  readonly #levels: number;
  readonly #maxAge: Duration;
  readonly #sampled = new Map<string, Sampled>();
  /** Markets whose first message has no known time yet. */
  readonly #unplaced = new Set<Sampled>();
  readonly #clocks = new Clocks(({ type }) => type === "delta", BOOK_LATE);
  /** No market has a point before this. */
  #next: Timestamp = Number.POSITIVE_INFINITY;

  constructor(every: Duration, levels: number, maxAge: Duration) {
    this.#every = every;
    this.#levels = levels;
    this.#maxAge = maxAge;
  }

  take(event: BookEvent): Iterable<BookSnapshot> {
    const clocks = this.#clocks;
    clocks.take(event);
    const isDue = clocks.passed(clocks.current) > this.#next || this.#unplaced.size > 0;
    const sampled = event.type === "delta" ? this.#sampled.get(event.ticker) : undefined;
    if (isDue || event.type !== "delta" || sampled === undefined || sampled.next === null) {
      return this.#taken(event, isDue);
    }
    // By far the commonest: nothing to give, one level to change.
    this.#apply(sampled, event);
    this.passed = clocks.passedEverywhere;
    return none;
  }

  pass(): Iterable<BookSnapshot> {
    return none;
  }

  *end(): Iterable<BookSnapshot> {
    this.#place(true);
    yield* this.#points(() => this.#clocks.latest + 1);
    this.passed = this.#clocks.latest + 1;
  }

  *#taken(event: BookEvent, isDue: boolean): Generator<BookSnapshot> {
    const clocks = this.#clocks;
    if (isDue) {
      this.#place(false);
      yield* this.#points(({ clock }) => clocks.passed(clock));
    }
    this.passed = clocks.passedEverywhere;
    if (event.type === "delta" || event.type === "snapshot") {
      const sampled = this.#sampledOf(event.ticker, event.receivedAt);
      // What comes in order has been seen to; a whole book replaces what the points before it should still show.
      if (event.type === "snapshot" && clocks.time !== null) yield* this.#pointsOf(sampled, clocks.time);
      this.#apply(sampled, event);
    } else if (endsBooks(event)) {
      for (const ticker of event.tickers) {
        const sampled = this.#sampledOf(ticker, event.receivedAt);
        yield* this.#pointsOf(sampled, event.from);
        sampled.book.state = "stale";
        if (event.type === "unsubscribed") this.#forget(sampled);
      }
    }
  }

  #apply(sampled: Sampled, event: Snapshot | Delta): void {
    applyEvent(sampled.book, event);
    sampled.clock = this.#clocks.current;
    sampled.last = this.#clocks.time ?? sampled.last;
  }

  #sampledOf(ticker: string, receivedAt: Timestamp): Sampled {
    const { current: clock, time } = this.#clocks;
    let sampled = this.#sampled.get(ticker);
    if (sampled === undefined) {
      sampled = { book: new Book(ticker), clock, next: null, since: receivedAt, last: time ?? receivedAt };
      this.#sampled.set(ticker, sampled);
    } else if (sampled.next !== null || this.#unplaced.has(sampled)) return sampled;
    sampled.since = receivedAt;
    if (time === null) this.#unplaced.add(sampled);
    else this.#placeAt(sampled, time);
    return sampled;
  }

  /** Gives new markets their first point, as soon as the time of their first message is known. */
  #place(atEnd: boolean): void {
    for (const sampled of this.#unplaced) {
      const { clock, since } = sampled;
      const time = atEnd ? clock.guess(since) : clock.estimate(since);
      if (time !== null) this.#placeAt(sampled, time);
    }
  }

  #placeAt(sampled: Sampled, time: Timestamp): void {
    sampled.next = gridAfter(time, this.#every);
    sampled.last = time;
    if (sampled.next < this.#next) this.#next = sampled.next;
    this.#unplaced.delete(sampled);
  }

  /** The points that have passed, point by point. */
  *#points(passed: (sampled: Sampled) => Timestamp): Generator<BookSnapshot> {
    while (this.#next < Number.POSITIVE_INFINITY) {
      const point = this.#next;
      let later = Number.POSITIVE_INFINITY;
      let given = false;
      for (const sampled of this.#sampled.values()) {
        if (sampled.next === null) continue;
        if (sampled.next <= point && point < passed(sampled)) {
          yield* this.#pointsOf(sampled, point + 1);
          given = true;
        }
        if (sampled.next !== null && sampled.next < later) later = sampled.next;
      }
      this.#next = later;
      if (!given) return;
    }
  }

  *#pointsOf(sampled: Sampled, before: Timestamp): Generator<BookSnapshot> {
    const { book, last, next } = sampled;
    for (let point = next ?? before; point < before; point += this.#every) {
      sampled.next = point - last > this.#maxAge ? null : point + this.#every;
      if (sampled.next === null) return;
      yield this.#snapshot(book, point);
    }
  }

  /** Nobody follows a market any more: it has no points beyond. */
  #forget(sampled: Sampled): void {
    this.#sampled.delete(sampled.book.ticker);
    this.#unplaced.delete(sampled);
  }

  #snapshot(book: Book, time: Timestamp): BookSnapshot {
    const { ticker } = book;
    if (book.state === "stale") return { type: "book", ticker, time, trust: "unknown", yes: null, no: null };
    const trust = isCrossed(book) ? "crossed" : "ok";
    return { type: "book", ticker, time, trust, yes: this.#top(book.yes), no: this.#top(book.no) };
  }

  #top(side: Ladder): readonly Level[] {
    const levels = side.levels();
    return levels.length > this.#levels ? levels.slice(-this.#levels) : levels;
  }
}
