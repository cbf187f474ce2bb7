import { complement } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import { isLevelPrice } from "./apply.js";
import type { Book } from "./book.js";
import type { Connection } from "./connection.js";
import type { DeltaRows } from "./delta-columns.js";
import type { Delta } from "./event.js";
import type { Subscription } from "./sequence.js";

/** Messages of a recording that stand in its columns one after the other. */
export interface DeltaRun {
  readonly rows: DeltaRows;
  readonly millis: Float64Array;
  /** The row of the first. */
  readonly row: number;
  /** Receive times, that of the first at `at`. */
  readonly times: Float64Array;
  readonly at: number;
  readonly count: number;
}

/** What they are taken into. */
export interface DeltaTarget {
  readonly connection: Connection;
  readonly subscription: Subscription;
  /** The book of a ticker; null where its messages change nothing and are only counted, undefined where they are left. */
  readonly bookOf: (ticker: string) => Book | null | undefined;
  /** A message received from this time on is left. */
  readonly due: Timestamp;
  /** Where each is told; null where nobody listens. */
  readonly emit: ((event: Delta) => void) | null;
}

/**
 * Takes the messages of a run into their books as long as nothing is remarkable about them: their numbers follow each other, their books are
 * certain, no level falls below zero. Gives how many it has taken; the next has to be played by itself.
 *
 * It does to the books what `Feed` does with each message, and makes no object of any. What the connection and the books know besides their
 * levels is written down behind the last: a listener finds that as it was before the first.
 */
export function takeRun(run: DeltaRun, target: DeltaTarget): number {
  const { rows, millis, times, row: first, at, count } = run;
  const { sids, sequences, tickers, markets, tickerOf, prices, priceScale, deltas, deltaScale, isYes, sideOf } = rows;
  const { connection, subscription, due, emit } = target;
  const { sid, last } = subscription;
  const { useYesPrice } = connection;
  const { books, lastRows } = rows.found;
  const touched: number[] = [];
  let receivedAt = connection.lastReceivedAt;
  let seq = last ?? Number.NaN;
  let taken = 0;
  try {
    while (taken < count) {
      const row = first + taken;
      const received = times[at + taken]!;
      const number = tickerOf[row]!;
      const side = isYes[sideOf[row]!]!;
      const delta = deltas[row]! * deltaScale;
      const sent = prices[row]! * priceScale;
      const price = side === 0 && useYesPrice ? complement(sent) : sent;
      if (received >= due || received < receivedAt || sids[row] !== sid || sequences[row] !== seq + 1) break;
      if (side > 1 || Number.isNaN(delta) || !isLevelPrice(price) || markets[number]! < 0) break;
      let book = books[number];
      if (book === undefined) {
        book = target.bookOf(tickers[number]!);
        if (book === undefined) break;
        books[number] = book;
        touched.push(number);
      }
      let level = 0;
      if (book !== null) {
        if (book.state !== "ok") break;
        level = (side === 1 ? book.yes : book.no).tryAdd(price, delta);
        if (level < 0) break;
        lastRows[number] = row;
      }
      receivedAt = received;
      seq += 1;
      taken += 1;
      if (emit !== null && book !== null) {
        emit({
          type: "delta",
          receivedAt,
          time: millis[row]! * 1000,
          connection: connection.number,
          ticker: book.ticker,
          sid,
          sequence: seq,
          side: side === 1 ? "yes" : "no",
          price,
          delta,
          count: level,
          state: book.state,
          client_order_id: rows.clientOrderIds === null ? null : rows.clientOrderIds.text(row),
        });
      }
    }
  } finally {
    if (taken > 0) {
      subscription.last = seq;
      connection.lastReceivedAt = receivedAt;
      hear(run, target, taken);
    }
    for (const number of touched) {
      const row = lastRows[number]!;
      const book = books[number];
      books[number] = undefined;
      lastRows[number] = -1;
      if (row < 0 || book === null || book === undefined) continue;
      book.time = millis[row]! * 1000;
      book.receivedAt = times[at + row - first]!;
    }
  }
  return taken;
}

/** The exchange's time as the messages tell it. */
function hear(
  { millis, row: first, times, at }: DeltaRun,
  { connection, subscription }: DeltaTarget,
  taken: number,
): void {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  let advancedAt = 0;
  for (let index = 0; index < taken; index += 1) {
    const time = millis[first + index]! * 1000;
    const received = times[at + index]!;
    const offset = received - time;
    if (offset < least) least = offset;
    if (offset > greatest) greatest = offset;
    if (time > latest) {
      latest = time;
      advancedAt = received;
    }
  }
  connection.heardAll(subscription, { least, greatest, latest, advancedAt, heardAt: times[at + taken - 1]! });
}
