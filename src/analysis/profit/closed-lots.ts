import type { ColumnTable } from "arquero";
import type { TableColumn } from "../../frames/columns.js";
import { rawColumn } from "../../frames/raw-column.js";
import { ScaledColumn } from "../../frames/scaled-column.js";
import { makeTable } from "../../frames/table.js";
import { TextColumn } from "../../frames/text-column.js";
import { SECOND } from "../../units/time.js";
import { type FillColumns, marketColumn } from "../fill-columns.js";
import { type ClosedLots, type OpenLots, ownPrice } from "./lot-queue.js";

/** What the columns of lots are made of, beside the lots. */
export interface LotsOf {
  readonly fills: FillColumns;
  /** Events by market, as far as they are known. */
  readonly events: ReadonlyMap<string, string>;
}

/**
 * Closed lots, one row for each part of a fill that was closed, oldest lots first; ascending by when they were closed.
 *
 * Columns: `ticker`; `event_ticker`, null where no record tells it; `subaccount_number`; `side` ("yes" | "no": what was held); `count`
 * (contracts); `opened_time`, `closed_time` (ms since 1970, UTC); `held` (seconds); `closed_by` ("fill" | "settlement"); `open_price`,
 * `close_price`, of the side that was held, as it was filled or paid ($); `cost`, `proceeds`, without fees ($); `open_fees`, `close_fees`, the
 * lot's parts of the fees of both fills, and `fees`, both ($); `realized` = proceeds − cost, `net` = realized − fees ($); `return`, net ÷ cost;
 * `open_fill_id`, `close_fill_id` where the fills have ids.
 *
 * By average cost the dates and prices are still those of the oldest contracts, while `cost` is the average cost of all that was held then
 * times the count, as tax rules for averages have it.
 *
 * `realized` adds up to each market's realized profit, and `cost` with that of the lots still open to what opening them cost, in whole
 * micro-dollars: a lot has what rounding left of those before it. The fees of a fill are dealt out over its parts in the same way; what is still
 * open keeps its part.
 */
export function closedLots(lots: ClosedLots, of: LotsOf): ColumnTable {
  const { count, cost, openFee, closeFee, realized, closed } = lots;
  const fees = added(openFee, closeFee, 1);
  const net = added(realized, fees, -1);
  const { begin, opened, openPrice, end } = lotColumns(lots, of);
  const signs = of.fills.quantity;
  return makeTable({
    ...begin,
    opened_time: rawColumn("time", "when they were opened", opened),
    closed_time: rawColumn("time", "when they were closed or settled", closed),
    held: numbers("seconds between the two", count.length, (lot) => (closed[lot]! - opened[lot]!) / SECOND),
    closed_by: new TextColumn(
      "text",
      "`fill` or `settlement`",
      new Uint8Array(lots.closeRow.map((row) => (row < 0 ? 2 : 1))),
      ["", "fill", "settlement"],
    ),
    open_price: rawColumn("dollars", "price of the side held when opened, $", openPrice),
    close_price: rawColumn(
      "dollars",
      "its price when closed, $",
      lots.closePrice.map((price, lot) => ownPrice(price, signs[lots.openRow[lot]!]!)),
    ),
    cost: rawColumn("dollars", "what they had cost, without fees, $", cost),
    proceeds: rawColumn("dollars", "what closing brought, without fees, $", added(cost, realized, 1)),
    open_fees: rawColumn("dollars", "the lot's part of the fee of opening, $", openFee),
    close_fees: rawColumn("dollars", "its part of the fee of closing, $", closeFee),
    fees: rawColumn("dollars", "both, $", fees),
    realized: rawColumn("dollars", "proceeds − cost, $", realized),
    net: rawColumn("dollars", "realized − fees, $", net),
    return: numbers("net ÷ cost", count.length, (lot) => (cost[lot] === 0 ? Number.NaN : net[lot]! / cost[lot]!)),
    ...end,
    ...idColumn("close_fill_id", "the fill that closed it; null at settlement", of.fills, lots.closeRow),
  });
}

/**
 * What is still held, one row for each part of a fill; ascending by market and by when it was opened.
 *
 * Columns: `ticker`, `event_ticker`, `subaccount_number`, `side`, `count`, `opened_time`, `open_price`, `cost`, `open_fees`, `open_fill_id`, as of
 * closed lots. Its fees and those of the closed lots are all fees of the fills; its costs add up to each market's exposure.
 */
export function openLots(lots: OpenLots, of: LotsOf): ColumnTable {
  const { begin, opened, openPrice, end } = lotColumns(lots, of);
  return makeTable({
    ...begin,
    opened_time: rawColumn("time", "when they were opened", opened),
    open_price: rawColumn("dollars", "price of the side held when opened, $", openPrice),
    cost: rawColumn("dollars", "what they have cost, without fees, $", lots.cost),
    open_fees: rawColumn("dollars", "the lot's part of the fee of opening, $", lots.openFee),
    ...end,
  });
}

/** What every lot has of the fill that opened it. */
function lotColumns({ openRow, count }: OpenLots, { fills, events }: LotsOf) {
  const { tickers, account, time, price, quantity } = fills;
  const market = new Uint32Array(openRow.map((row) => fills.market[row]!));
  const sides = new Uint8Array(openRow.map((row) => (quantity[row]! > 0 ? 1 : 2)));
  return {
    begin: {
      ticker: marketColumn({ tickers, market }),
      event_ticker: eventColumn(tickers, market, events),
      subaccount_number: rawColumn(
        "integer",
        "0 is the primary account",
        openRow.map((row) => account[row]!),
      ),
      side: new TextColumn("text", "`yes` or `no`: what was held", sides, ["", "yes", "no"]),
      count: rawColumn("contracts", "contracts", count),
    },
    opened: openRow.map((row) => time[row]!),
    openPrice: openRow.map((row) => ownPrice(price[row]!, quantity[row]!)),
    end: idColumn("open_fill_id", "the fill that opened it", fills, openRow),
  };
}

function eventColumn(tickers: readonly string[], market: Uint32Array, events: ReadonlyMap<string, string>): TextColumn {
  const texts = ["", ...new Set(events.values())];
  const codes = new Map(texts.map((text, code) => [text, code]));
  const ofMarket = tickers.map((ticker) => codes.get(events.get(ticker) ?? "") ?? 0);
  return new TextColumn(
    "text",
    "event",
    market.map((number) => ofMarket[number]!),
    texts,
  );
}

/** Ids of fills by their rows, null below 0; no column where the fills have none. */
function idColumn(
  name: string,
  about: string,
  { id }: FillColumns,
  rows: readonly number[],
): Record<string, TableColumn> {
  return id === null ? {} : { [name]: id.takeOrNull(new Int32Array(rows)).share(about) };
}

/** Numbers by lot; NaN is absent. */
function numbers(about: string, length: number, of: (lot: number) => number): ScaledColumn {
  const values = new Float64Array(length);
  for (let lot = 0; lot < length; lot += 1) values[lot] = of(lot);
  const nulls = values.some(Number.isNaN) ? new Uint8Array(values.map((value) => Number(Number.isNaN(value)))) : null;
  return new ScaledColumn("number", about, values, nulls);
}

function added(a: readonly number[], b: readonly number[], sign: 1 | -1): number[] {
  return a.map((value, at) => value + sign * b[at]!);
}
