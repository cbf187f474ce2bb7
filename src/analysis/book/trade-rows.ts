import type { ColumnTable } from "arquero";
import type { Trade } from "../../exchange/trade.js";
import { columnOf } from "../../frames/schema.js";
import { agreed, directions, read, type Sign } from "../direction.js";
import { countsOf, isCount, isPrice, pricesOf } from "../given-amounts.js";
import { isWhole } from "../given-rows.js";
import { textsOf } from "../read-fills.js";
import { hasColumn, timedRows } from "./quote-rows.js";
import type { RowKind } from "./rows.js";

/** What is read of a public trade. */
export type TradeLike = Pick<Trade, "created_time" | "ticker" | "yes_price" | "count"> &
  Partial<Pick<Trade, "taker_outcome_side" | "taker_book_side" | "taker_side" | "is_block_trade">>;

/** 1 where the taker became longer of YES, −1 of NO, 0 where no field says it or two contradict each other. */
export function takerSign(trade: TradeLike): Sign {
  return agreed(
    read(trade.taker_outcome_side ?? null, directions.outcome_side),
    read(trade.taker_book_side ?? null, directions.book_side),
    read(trade.taker_side ?? null, directions.side),
  );
}

const FIELDS = ["created_time", "ticker", "yes_price", "count"] as const;

/** Public trades, of a table ascending by time; those without time, price or count are left out. */
export const tradeKind: RowKind<TradeLike> = {
  name: "trades",
  columns: FIELDS,
  fields: FIELDS,
  whole: ["created_time", "yes_price", "count"],
  prices: ["yes_price"],
  counts: ["count"],
  known: FIELDS,
  isPlain: (trade) =>
    typeof trade.ticker === "string" && isWhole(trade.created_time) && isPrice(trade.yes_price) && isCount(trade.count),
  read: tradeRows,
};

function tradeRows(table: ColumnTable): TradeLike[] {
  const [ticker, price, count] = [textsOf(table, "ticker"), pricesOf(table, "yes_price"), countsOf(table, "count")];
  const some = (name: string) => (hasColumn(table, name) ? textsOf(table, name) : null);
  const [outcome, book, side] = [some("taker_outcome_side"), some("taker_book_side"), some("taker_side")];
  const block = hasColumn(table, "is_block_trade") ? flagsOf(table, "is_block_trade") : null;
  return timedRows(table, "created_time").flatMap(({ row, time }) => {
    const [yes_price, contracts] = [price[row] ?? null, count[row] ?? null];
    if (yes_price === null || contracts === null) return [];
    return [
      {
        ...{ created_time: time, ticker: ticker[row] ?? "", yes_price, count: contracts },
        taker_outcome_side: outcome?.[row] ?? null,
        taker_book_side: book?.[row] ?? null,
        taker_side: side?.[row] ?? null,
        is_block_trade: block?.[row] ?? null,
      },
    ];
  });
}

function flagsOf(table: ColumnTable, name: string): boolean[] {
  const column = columnOf(table, name);
  const flags: boolean[] = [];
  table.scan((row) => {
    flags.push(column.at(row!) === true);
  }, true);
  return flags;
}
