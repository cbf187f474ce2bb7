import { KalshiError } from "../errors.js";
import { plural } from "./axes.js";
import { colours, MAX_SERIES, palette } from "./theme.js";

/** Names for markets, by ticker; in this order where order matters. */
export type Labels = Readonly<Record<string, string>>;

/** One market's rows of a table: row numbers in order of time. */
export interface Series {
  readonly ticker: string;
  /** How the legend calls it: the label given, else the ticker without what all of them begin with. */
  readonly name: string;
  readonly rows: readonly number[];
}

/** The drawn markets, and what to say about those without a colour of their own. */
export interface SeriesSet {
  /** Those that colours tell apart. */
  readonly series: readonly Series[];
  /** The rest, all of one grey. */
  readonly others: readonly Series[];
  /** What all tickers begin with, such as the event; the ticker itself when there is one. */
  readonly common: string;
  readonly note: string | null;
}

/** The one series of a table without tickers. */
const ALONE = "price";

export interface SeriesOptions {
  readonly labels?: Labels;
  /** Tickers of the markets in colour: eight at most. */
  readonly highlight?: readonly string[];
  readonly weight: (rows: readonly number[]) => number;
  readonly rank: (rows: readonly number[]) => number;
}

/**
 * Groups rows by ticker, each in order of time. Of more than eight markets those with the most `weight` are in colour, or those that are to be
 * highlighted; the note says so. Order: as in `labels` where given, else by `rank` (highest first), which puts the legend in the order
 * of the lines.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a highlighted market that is not there, and for too many of them
 */
export function seriesOf(
  tickers: readonly string[] | null,
  times: readonly (number | null)[],
  options: SeriesOptions,
): SeriesSet {
  const groups = grouped(tickers, times);
  const names = shortNames([...groups.keys()]);
  const found = [...groups].map(([ticker, rows]) => ({
    ticker,
    name: options.labels?.[ticker] ?? names.short.get(ticker)!,
    rows,
  }));
  const { all, others, note } = inColour(found, options);
  const order = Object.keys(options.labels ?? {});
  const place = (ticker: string) => (order.includes(ticker) ? order.indexOf(ticker) : order.length);
  const ranks = new Map(all.map((one) => [one.ticker, options.rank(one.rows)]));
  all.sort(
    (a, b) =>
      place(a.ticker) - place(b.ticker) ||
      ranks.get(b.ticker)! - ranks.get(a.ticker)! ||
      (a.ticker < b.ticker ? -1 : a.ticker > b.ticker ? 1 : 0),
  );
  return { series: all, others, common: names.common, note };
}

/** Row numbers by ticker, in order of time; rows without a time are left out. */
function grouped(tickers: readonly string[] | null, times: readonly (number | null)[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  const unordered = new Set<number[]>();
  let [ticker, rows]: [string | null, number[]] = [null, []];
  for (let row = 0; row < times.length; row += 1) {
    const time = times[row];
    if (time === null || time === undefined) continue;
    // Rows of one market often follow each other.
    const own = tickers === null ? ALONE : tickers[row]!;
    if (own !== ticker) {
      ticker = own;
      rows = groups.get(own) ?? [];
      groups.set(own, rows);
    }
    if (rows.length > 0 && time < times[rows[rows.length - 1]!]!) unordered.add(rows);
    rows.push(row);
  }
  for (const some of unordered) some.sort((a, b) => times[a]! - times[b]!);
  return groups;
}

/** Which markets colours tell apart. */
function inColour(found: readonly Series[], { highlight, weight }: SeriesOptions) {
  if (highlight !== undefined) {
    const tickers = new Set(found.map(({ ticker }) => ticker));
    const unknown = highlight.find((ticker) => !tickers.has(ticker));
    if (unknown !== undefined || highlight.length === 0 || highlight.length > MAX_SERIES)
      throw noHighlight(highlight, unknown);
    const [all, others] = parted(found, new Set(highlight));
    const note = others.length === 0 ? null : `${all.length} of ${plural(found.length, "market")} in colour`;
    return { all, others, note };
  }
  if (found.length <= MAX_SERIES) return { all: [...found], others: [], note: null };
  const weights = new Map(found.map((one) => [one.ticker, weight(one.rows)]));
  const busiest = found.toSorted((a, b) => weights.get(b.ticker)! - weights.get(a.ticker)!).slice(0, MAX_SERIES);
  const [all, others] = parted(found, new Set(busiest.map(({ ticker }) => ticker)));
  return { all, others, note: `the ${MAX_SERIES} busiest of ${plural(found.length, "market")} in colour` };
}

function parted(all: readonly Series[], tickers: ReadonlySet<string>): [Series[], Series[]] {
  return [all.filter(({ ticker }) => tickers.has(ticker)), all.filter(({ ticker }) => !tickers.has(ticker))];
}

function noHighlight(highlight: readonly string[], unknown: string | undefined): KalshiError {
  const what =
    unknown === undefined ? `${highlight.length} markets` : `the market ${unknown}, of which there is no price`;
  return new KalshiError("BAD_ARGUMENT", `a chart cannot highlight ${what}`, {
    hint: `give one to ${MAX_SERIES} tickers of the table: { highlight: ["…"] }`,
    context: { highlight },
  });
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

/** A colour scale that names its series in order, so that a colour stays with its market; `rest` names what is grey. */
export function colourScale(
  names: readonly string[],
  rest: string | null = null,
): { domain: string[]; range: string[] } {
  const range = names.map((_, at): string => palette[at % palette.length]!);
  return rest === null ? { domain: [...names], range } : { domain: [...names, rest], range: [...range, colours.faint] };
}
