import type { ColumnTable } from "arquero";
import { columnFrom } from "../frames/convert.js";
import { rawOf } from "../frames/exact.js";
import { rawColumn } from "../frames/raw-column.js";
import { ScaledColumn } from "../frames/scaled-column.js";
import { makeTable } from "../frames/table.js";
import type { Price } from "../units/price.js";
import { divide, ExactSum } from "../units/sum.js";
import { fromMillis, type Timestamp } from "../units/time.js";
import { textsOf } from "./read-fills.js";

export interface SpreadOptions {
  /** End of the last quote, in ms since 1970; without it the last quote of a market has no duration. */
  readonly until?: number;
}

/**
 * Quoted spread by market, from a table of quotes (`time`, `ticker`, `yes_bid`, `yes_ask`): a quote lasts until the market's next one.
 *
 * Columns: `ticker`; `quotes` (rows); `mean_spread`, weighted by time over the time both sides were there, rounded to a micro-dollar;
 * `min_spread`, `max_spread`; `mean_midpoint`, weighted alike ($); `two_sided` and `observed` (seconds). Null where it never had both
 * sides. Locked and crossed moments count as they stand. Ascending by ticker.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function spreadByMarket(quotes: ColumnTable, options: SpreadOptions = {}): ColumnTable {
  const until = options.until === undefined ? null : fromMillis(options.until);
  const markets = [...quotesByMarket(quotes)].sort(([a], [b]) => (a < b ? -1 : 1));
  const weighed = markets.map(([, list]) => weigh(list, until));
  return makeTable({
    ticker: columnFrom(
      "ticker",
      "text",
      "market",
      markets.map(([ticker]) => ticker),
    ),
    quotes: columnFrom(
      "quotes",
      "integer",
      "quotes",
      markets.map(([, list]) => list.length),
    ),
    mean_spread: dollars(
      "quoted spread, weighted by time, $",
      weighed.map((one) => one.meanSpread),
    ),
    min_spread: dollars(
      "narrowest quoted spread, $",
      weighed.map((one) => one.minSpread),
    ),
    max_spread: dollars(
      "widest quoted spread, $",
      weighed.map((one) => one.maxSpread),
    ),
    mean_midpoint: dollars(
      "midpoint, weighted by time, $",
      weighed.map((one) => one.meanMidpoint),
    ),
    two_sided: columnFrom(
      "two_sided",
      "number",
      "seconds with a bid and an ask",
      weighed.map((one) => one.twoSided / 1e6),
    ),
    observed: columnFrom(
      "observed",
      "number",
      "seconds observed",
      weighed.map((one) => one.observed / 1e6),
    ),
  });
}

/**
 * Contracts near the best price, from a table of levels (`ticker`, `side`, `yes_price`, `count`; with `time`, by moment): those at most
 * `within` dollars behind the best of their side, the best included.
 *
 * Columns: `time` where the levels have it; `ticker`; `yes_bid`, `yes_ask` ($, null while a side is empty); `bid_depth`, `ask_depth`
 * (contracts); `imbalance`, (bid − ask) / (bid + ask), null for an empty book. In order of first appearance.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function depthWithin(levels: ColumnTable, within = 0.05): ColumnTable {
  const reach = Math.round(within * 1e6);
  const timed = levels.columnNames().includes("time");
  const time = timed ? rawOf(levels, "time") : null;
  const [ticker, side] = [textsOf(levels, "ticker"), textsOf(levels, "side")];
  const [price, count] = [rawOf(levels, "yes_price"), rawOf(levels, "count")];
  const books = new Map<string, { row: number; bids: number[]; asks: number[] }>();
  for (let row = 0; row < ticker.length; row += 1) {
    const key = `${time?.[row] ?? ""} ${ticker[row]}`;
    let book = books.get(key);
    if (book === undefined) {
      book = { row, bids: [], asks: [] };
      books.set(key, book);
    }
    if (price[row] !== null && count[row] !== null) (side[row] === "yes" ? book.bids : book.asks).push(row);
  }
  const sides = [...books.values()].map(({ row, bids, asks }) => {
    const bid = bids.reduce<Price | null>((best, at) => Math.max(best ?? 0, price[at]!), null);
    const ask = asks.reduce<Price | null>((best, at) => Math.min(best ?? 1e6, price[at]!), null);
    const sum = (rows: readonly number[], near: (at: number) => boolean) =>
      rows.reduce((total, at) => (near(at) ? total + count[at]! : total), 0);
    const bidDepth = sum(bids, (at) => price[at]! >= bid! - reach);
    const askDepth = sum(asks, (at) => price[at]! <= ask! + reach);
    const both = bidDepth + askDepth;
    return { row, bid, ask, bidDepth, askDepth, imbalance: both === 0 ? null : (bidDepth - askDepth) / both };
  });
  const contracts = (about: string, values: readonly number[]) =>
    new ScaledColumn("contracts", about, Float64Array.from(values));
  return makeTable({
    ...(time === null
      ? {}
      : {
          time: new ScaledColumn(
            "time",
            "moment of the book",
            Float64Array.from(sides, ({ row }) => time[row]!),
          ),
        }),
    ticker: columnFrom(
      "ticker",
      "text",
      "market",
      sides.map(({ row }) => ticker[row]),
    ),
    yes_bid: dollars(
      "best bid for YES, $",
      sides.map(({ bid }) => bid),
    ),
    yes_ask: dollars(
      "best ask for YES, $",
      sides.map(({ ask }) => ask),
    ),
    bid_depth: contracts(
      "contracts bid near the best bid",
      sides.map(({ bidDepth }) => bidDepth),
    ),
    ask_depth: contracts(
      "contracts asked near the best ask",
      sides.map(({ askDepth }) => askDepth),
    ),
    imbalance: columnFrom(
      "imbalance",
      "number",
      "(bid − ask) / (bid + ask) of the depths",
      sides.map((one) => one.imbalance),
    ),
  });
}

interface Quoted {
  readonly time: Timestamp;
  readonly bid: Price | null;
  readonly ask: Price | null;
}

function quotesByMarket(quotes: ColumnTable): Map<string, Quoted[]> {
  const [time, ticker] = [rawOf(quotes, "time"), textsOf(quotes, "ticker")];
  const [bid, ask] = [rawOf(quotes, "yes_bid"), rawOf(quotes, "yes_ask")];
  const markets = new Map<string, Quoted[]>();
  for (let row = 0; row < time.length; row += 1) {
    const at = time[row];
    if (at === null || at === undefined) continue;
    const quote = { time: at, bid: bid[row] ?? null, ask: ask[row] ?? null };
    const list = markets.get(ticker[row] ?? "");
    if (list === undefined) markets.set(ticker[row] ?? "", [quote]);
    else list.push(quote);
  }
  for (const list of markets.values()) list.sort((a, b) => a.time - b.time);
  return markets;
}

function weigh(list: readonly Quoted[], until: Timestamp | null) {
  const [spreads, sums] = [new ExactSum(), new ExactSum()];
  let [twoSided, observed] = [0, 0];
  let [minSpread, maxSpread]: [Price | null, Price | null] = [null, null];
  for (const [at, { time, bid, ask }] of list.entries()) {
    const lasted = Math.max(0, (list[at + 1]?.time ?? until ?? time) - time);
    observed += lasted;
    if (bid === null || ask === null) continue;
    twoSided += lasted;
    minSpread = Math.min(minSpread ?? ask - bid, ask - bid);
    maxSpread = Math.max(maxSpread ?? ask - bid, ask - bid);
    spreads.addProduct(ask - bid, lasted);
    sums.addProduct(bid + ask, lasted);
  }
  const mean = (sum: bigint, per: bigint) => (twoSided === 0 ? null : Number(divide(sum, per * BigInt(twoSided))));
  return {
    minSpread,
    maxSpread,
    meanSpread: mean(spreads.value(), 1n),
    meanMidpoint: mean(sums.value(), 2n),
    twoSided,
    observed,
  };
}

function dollars(about: string, values: readonly (Price | null)[]): ScaledColumn {
  return rawColumn("dollars", about, values);
}
