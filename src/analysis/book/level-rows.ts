import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { rawOf } from "../../frames/exact.js";
import type { Count } from "../../units/count.js";
import { formatPrice, type Price } from "../../units/price.js";
import { formatTime, type Timestamp } from "../../units/time.js";
import { countsOf, pricesOf } from "../given-amounts.js";
import { textsOf } from "../read-fills.js";

/** A level as a row of a table has it. */
export interface LevelRow {
  readonly row: number;
  /** Empty in a table without tickers. */
  readonly ticker: string;
  /** Null in a table without times. */
  readonly time: Timestamp | null;
  /** Whose bids they are. */
  readonly side: "yes" | "no";
  readonly yesPrice: Price;
  readonly count: Count;
}

/**
 * Levels of a table, in its order; rows without price or count, as a book has that is not known, are none.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_COUNT`; `BAD_RECORD` for a level of no side, and for one that a book has twice
 */
export function levelRows(table: ColumnTable): LevelRow[] {
  const names = new Set(table.columnNames());
  const side = textsOf(table, "side");
  const ticker = names.has("ticker") ? textsOf(table, "ticker") : null;
  const time = names.has("time") ? rawOf(table, "time") : null;
  const [price, count] = [pricesOf(table, "yes_price"), countsOf(table, "count")];
  const seen = new Map<string, Set<Price>>();
  const rows: LevelRow[] = [];
  for (let row = 0; row < side.length; row += 1) {
    const [yesPrice, there] = [price[row] ?? null, count[row] ?? null];
    if (yesPrice === null || there === null) continue;
    const level = { row, ticker: ticker?.[row] ?? "", time: time?.[row] ?? null, side: sideOf(side[row], row) };
    const key = `${level.time ?? ""} ${level.side} ${level.ticker}`;
    let prices = seen.get(key);
    if (prices === undefined) {
      prices = new Set();
      seen.set(key, prices);
    }
    if (prices.has(yesPrice)) throw twice(level, yesPrice);
    prices.add(yesPrice);
    rows.push({ ...level, yesPrice, count: there });
  }
  return rows;
}

/**
 * Refuses levels in which a market has books of several moments, of which only one can be met.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function ofOneMoment(levels: readonly LevelRow[]): readonly LevelRow[] {
  const times = new Map<string, Timestamp | null>();
  for (const { ticker, time } of levels) {
    const before = times.get(ticker);
    if (before === undefined) times.set(ticker, time);
    else if (before !== time) throw severalMoments(ticker, [before, time]);
  }
  return levels;
}

function sideOf(side: string | null | undefined, row: number): "yes" | "no" {
  if (side === "yes" || side === "no") return side;
  throw new KalshiError("BAD_RECORD", `levels: row ${row} is of the side ${JSON.stringify(side)}`, {
    hint: 'a level\'s side says whose bids they are: "yes" or "no"; an ask for YES is a bid for NO',
    context: { row, side },
  });
}

function twice({ row, ticker, side }: Pick<LevelRow, "row" | "ticker" | "side">, price: Price): KalshiError {
  return new KalshiError("BAD_RECORD", `levels: row ${row} has the ${side} level at $${formatPrice(price)} again`, {
    hint: "a book has each price once: give books of several moments their `time`, or only one of them",
    context: { row, ticker, side, price: formatPrice(price) },
  });
}

function severalMoments(ticker: string, times: readonly (Timestamp | null)[]): KalshiError {
  const told = times.map((time) => (time === null ? "none" : formatTime(time)));
  return new KalshiError("BAD_ARGUMENT", `levels: ${ticker} has books of several moments, ${told.join(" and ")}`, {
    hint: "give the book of one moment: levels.filter((d) => d.time === …)",
    context: { ticker, times: told },
  });
}
