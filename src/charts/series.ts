import { plural } from "./axes.js";
import { MAX_SERIES, palette } from "./theme.js";

/** Names for markets, by ticker; in this order where order matters. */
export type Labels = Readonly<Record<string, string>>;

/** One market's rows of a table: row numbers in order of time. */
export interface Series {
  readonly ticker: string;
  /** How the legend calls it: the label given, else the ticker without what all of them begin with. */
  readonly name: string;
  readonly rows: readonly number[];
}

/** The drawn markets, and what to say about those left out. */
export interface SeriesSet {
  readonly series: readonly Series[];
  /** What all tickers begin with, such as the event; the ticker itself when there is one. */
  readonly common: string;
  readonly note: string | null;
}

/** The one series of a table without tickers. */
const ALONE = "price";

/**
 * Groups rows by ticker, each in order of time. Of more than eight markets those with the most `weight` are drawn and the note says so.
 * Order: as in `labels` where given, else by `rank` (highest first), which puts the legend in the order of the lines.
 */
export function seriesOf(
  tickers: readonly string[] | null,
  times: readonly (number | null)[],
  options: { labels?: Labels; weight: (rows: readonly number[]) => number; rank: (rows: readonly number[]) => number },
): SeriesSet {
  const groups = new Map<string, number[]>();
  let last: { readonly ticker: string; readonly rows: number[] } | null = null;
  for (let row = 0; row < times.length; row += 1) {
    if (times[row] === null) continue;
    const ticker = tickers === null ? ALONE : tickers[row]!;
    // Rows of one market often follow each other.
    if (last === null || last.ticker !== ticker) {
      last = { ticker, rows: groups.get(ticker) ?? [] };
      groups.set(ticker, last.rows);
    }
    last.rows.push(row);
  }
  for (const rows of groups.values()) {
    if (rows.some((row, at) => at > 0 && times[row]! < times[rows[at - 1]!]!))
      rows.sort((a, b) => times[a]! - times[b]!);
  }
  const names = shortNames([...groups.keys()]);
  let all = [...groups].map(([ticker, rows]) => ({
    ticker,
    name: options.labels?.[ticker] ?? names.short.get(ticker)!,
    rows,
  }));
  let note: string | null = null;
  if (all.length > MAX_SERIES) {
    const count = all.length;
    const weights = new Map(all.map((one) => [one.ticker, options.weight(one.rows)]));
    all = all.sort((a, b) => weights.get(b.ticker)! - weights.get(a.ticker)!).slice(0, MAX_SERIES);
    note = `the ${MAX_SERIES} busiest of ${plural(count, "market")}`;
  }
  const order = Object.keys(options.labels ?? {});
  const place = (ticker: string) => (order.includes(ticker) ? order.indexOf(ticker) : order.length);
  const ranks = new Map(all.map((one) => [one.ticker, options.rank(one.rows)]));
  all.sort(
    (a, b) =>
      place(a.ticker) - place(b.ticker) ||
      ranks.get(b.ticker)! - ranks.get(a.ticker)! ||
      (a.ticker < b.ticker ? -1 : a.ticker > b.ticker ? 1 : 0),
  );
  return { series: all, common: names.common, note };
}

/**
 * Tickers without what all of them begin with, cut after a dash: `KXHIGHNY-26JAN01-T78` and `…-B78.5` read `T78` and `B78.5`.
 * A single ticker keeps its whole name.
 */
export function shortNames(tickers: readonly string[]): { common: string; short: ReadonlyMap<string, string> } {
  const first = tickers[0] ?? "";
  if (tickers.length < 2) return { common: first, short: new Map(tickers.map((ticker) => [ticker, ticker])) };
  let length = 0;
  while (length < first.length && tickers.every((ticker) => ticker[length] === first[length])) length += 1;
  const cut = first.lastIndexOf("-", length - 1) + 1;
  const short = new Map(tickers.map((ticker) => [ticker, ticker.slice(cut) || ticker]));
  return { common: cut > 0 ? first.slice(0, cut - 1) : "", short };
}

/** A colour scale that names its series in order, so that a colour stays with its market. */
export function colourScale(names: readonly string[]): { domain: string[]; range: string[] } {
  return { domain: [...names], range: names.map((_, at) => palette[at % palette.length]!) };
}
