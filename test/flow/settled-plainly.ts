import type { BookEvent } from "../../src/book/event.js";
import { applyPlainly, isCrossedPlainly, MS, type PlainBook } from "../support/plain-market.js";

const ms = (time: number): number => Math.floor(time / MS);

/** What `read` says of each book whenever it differs from the time before, millisecond by millisecond, per market in order. */
export function settledPlainly<T>(
  events: readonly BookEvent[],
  read: (book: PlainBook) => T,
): Map<string, { time: number; trust: string; value: T | null }[]> {
  const books = new Map<string, PlainBook>();
  const open = new Map<string, number>();
  const told = new Map<string, { time: number; trust: string; value: T | null }[]>();
  const tell = (ticker: string, time: number, trust: string, value: T | null): void => {
    const list = told.get(ticker) ?? [];
    told.set(ticker, list);
    const same = JSON.stringify([list.at(-1)?.trust, list.at(-1)?.value]) === JSON.stringify([trust, value]);
    if (list.length === 0 || !same) list.push({ time: Math.max(time, list.at(-1)?.time ?? time), trust, value });
  };
  const close = (ticker: string, isOver: boolean): void => {
    const time = open.get(ticker);
    const book = books.get(ticker)!;
    if (time === undefined) return;
    open.delete(ticker);
    if (!isCrossedPlainly(book)) tell(ticker, time, "ok", read(book));
    else if (isOver) tell(ticker, time, "crossed", null);
  };
  let latest = Number.NEGATIVE_INFINITY;
  let inOrder = Number.NEGATIVE_INFINITY;
  for (const event of events) {
    if (event.time !== null) latest = Math.max(latest, event.time);
    if (event.type === "delta") inOrder = Math.max(inOrder, event.time!);
    const passed = Math.max(inOrder, latest - 100 * MS);
    for (const [ticker, time] of [...open]) if (ms(time) < ms(passed)) close(ticker, true);
    if (event.type === "snapshot" || event.type === "delta") {
      const { ticker, time } = event;
      if (ms(time!) > ms(open.get(ticker) ?? Number.POSITIVE_INFINITY)) close(ticker, true);
      const before = books.has(ticker) ? JSON.stringify(read(books.get(ticker)!)) : null;
      const wasCrossed = books.has(ticker) && isCrossedPlainly(books.get(ticker)!);
      applyPlainly(books, event);
      const book = books.get(ticker)!;
      const same = before === JSON.stringify(read(book)) && wasCrossed === isCrossedPlainly(book);
      if (book.isKnown && (!same || event.type === "snapshot" || open.has(ticker))) {
        if (!same || !open.has(ticker) || event.type === "snapshot") open.set(ticker, time!);
      }
    } else if (event.type === "gap" && event.to === null) {
      for (const ticker of event.tickers) {
        close(ticker, false);
        tell(ticker, event.from, "unknown", null);
      }
      applyPlainly(books, event);
    }
  }
  for (const ticker of [...open.keys()]) close(ticker, false);
  return told;
}
