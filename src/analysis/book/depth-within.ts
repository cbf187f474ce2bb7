import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { columnFrom } from "../../frames/convert.js";
import { rawOf } from "../../frames/exact.js";
import { ScaledColumn } from "../../frames/scaled-column.js";
import { makeTable } from "../../frames/table.js";
import type { Count } from "../../units/count.js";
import type { Price } from "../../units/price.js";
import { weightedMean } from "../../units/sum.js";
import { tableGiven } from "../given-rows.js";
import { textsOf } from "../read-fills.js";
import { dollars } from "./columns.js";
import { levelRows } from "./level-rows.js";
import { levelColumns } from "./levels.js";

/**
 * Contracts near the best price, from a table of levels (`ticker`, `side`, `yes_price`, `count`; with `time`, by moment): those at most
 * `within` dollars behind the best of their side, the best included.
 *
 * Columns: `time` where the levels have it; `ticker`; `yes_bid`, `yes_ask` ($, null while a side is empty); `bid_depth`, `ask_depth`
 * (contracts); `imbalance`, (bid − ask) / (bid + ask), null for an empty book; `microprice`, (bid × ask size + ask × bid size) / (bid size +
 * ask size) of the best levels, rounded half up to a micro-dollar, null while a side is empty. In order of first appearance.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_COUNT`; `BAD_RECORD` for a level of no side, or that comes twice
 */
export function depthWithin(levels: ColumnTable, within = 0.05): ColumnTable {
  tableGiven("levels", levels, levelColumns);
  const reach = Math.round(within * 1e6);
  if (!(reach >= 0)) throw badReach(within);
  const timed = levels.columnNames().includes("time");
  const time = timed ? rawOf(levels, "time") : null;
  const ticker = textsOf(levels, "ticker");
  const [price, count]: [Price[], Count[]] = [[], []];
  const books = new Map<string, { row: number; bids: number[]; asks: number[] }>();
  for (let row = 0; row < ticker.length; row += 1) {
    const key = `${time?.[row] ?? ""} ${ticker[row] ?? ""}`;
    if (!books.has(key)) books.set(key, { row, bids: [], asks: [] });
  }
  for (const level of levelRows(levels)) {
    const book = books.get(`${level.time ?? ""} ${level.ticker}`)!;
    [price[level.row], count[level.row]] = [level.yesPrice, level.count];
    (level.side === "yes" ? book.bids : book.asks).push(level.row);
  }
  const sides = [...books.values()].map(({ row, bids, asks }) => {
    const bid = bids.reduce<Price | null>((best, at) => Math.max(best ?? 0, price[at]!), null);
    const ask = asks.reduce<Price | null>((best, at) => Math.min(best ?? 1e6, price[at]!), null);
    const sum = (rows: readonly number[], near: (at: number) => boolean) =>
      rows.reduce((total, at) => (near(at) ? total + count[at]! : total), 0);
    const bidDepth = sum(bids, (at) => price[at]! >= bid! - reach);
    const askDepth = sum(asks, (at) => price[at]! <= ask! + reach);
    const both = bidDepth + askDepth;
    const micro =
      bid === null || ask === null
        ? null
        : weightedMean(
            bid,
            sum(asks, (at) => price[at] === ask),
            ask,
            sum(bids, (at) => price[at] === bid),
          );
    return { row, bid, ask, bidDepth, askDepth, micro, imbalance: both === 0 ? null : (bidDepth - askDepth) / both };
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
    microprice: dollars(
      "the midpoint drawn to where fewer contracts wait at the best, $",
      sides.map(({ micro }) => micro),
    ),
  });
}

function badReach(within: unknown): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `no distance from the best price: ${JSON.stringify(within) ?? "nothing"}`, {
    hint: "give dollars as a number, such as 0.05",
    context: { within },
  });
}
