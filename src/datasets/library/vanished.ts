import { parseTime, type Timestamp } from "../../units/time.js";

/** What of a subject a question has read, all of it: what the library has there and no answer told is not at the exchange any more. */
export interface Reread {
  /** Null for from the beginning on. */
  readonly from: Timestamp | null;
  /** Null for every market of the subject. */
  readonly tickers: readonly string[] | null;
  /** Minutes, of candlesticks. */
  readonly period: number | null;
}

/** A record that the library has, and that the exchange did not tell any more when it was asked again. */
export interface Vanished {
  readonly ticker: string;
  /** Its key, as amendments name it. */
  readonly key: string;
  /** The time that its kind is kept by, RFC 3339; null where it is kept by none. */
  readonly time: string | null;
  /** When it was found to be gone, RFC 3339. */
  readonly since: string;
}

/** Those of a subject, as its state has them. */
export interface VanishedRows {
  /** At most {@link MOST_NAMED}. */
  readonly named: readonly Vanished[];
  /** How many there are besides. */
  readonly more: number;
}

export const MOST_NAMED = 1_000;

export const noneVanished: VanishedRows = { named: [], more: 0 };

/** How many records are gone. */
export function countVanished({ named, more }: VanishedRows): number {
  return named.length + more;
}

/**
 * What is gone by now: of what was read again that which was found missing, of the rest what was known before. A record that the exchange tells
 * again is not gone any more.
 */
export function vanishedNow(before: VanishedRows, found: VanishedRows, reread: Reread): VanishedRows {
  const known = new Map(before.named.map((one) => [one.key, one]));
  const named = [
    ...before.named.filter((one) => !isWithin(one, reread)),
    ...found.named.map((one) => known.get(one.key) ?? one),
  ];
  const all = reread.from === null && reread.tickers === null;
  const more = all ? found.more : Math.max(before.more, found.more);
  return { named: named.slice(0, MOST_NAMED), more: more + Math.max(0, named.length - MOST_NAMED) };
}

function isWithin({ ticker, time }: Vanished, { from, tickers }: Reread): boolean {
  return (from === null || time === null || parseTime(time) >= from) && (tickers === null || tickers.includes(ticker));
}

/** In words, for whoever checks the library. */
export function vanishedText(rows: VanishedRows): string {
  const count = countVanished(rows);
  const shown = rows.named.slice(0, 3).map(({ key, since }) => `${key} (since ${since})`);
  const more = count > shown.length ? ` and ${count - shown.length} more` : "";
  return `the exchange does not tell ${count === 1 ? "this record" : `these ${count} records`} any more: ${shown.join(", ")}${more}`;
}
