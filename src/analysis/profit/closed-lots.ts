import type { ColumnTable } from "arquero";
import type { TableColumn } from "../../frames/columns.js";
import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { makeTable } from "../../frames/table.js";
import { ExactSum, product, toMicros } from "../../units/sum.js";
import type { FillColumns } from "../fill-columns.js";
import type { ClosedLot, OpenLot } from "./lot-queue.js";

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
 * `close_price`, of the side that was held ($); `cost`, `proceeds`, without fees ($); `open_fees`, `close_fees`, the lot's parts of the fees of
 * both fills, and `fees`, both ($); `realized` = proceeds − cost, `net` = realized − fees ($); `return`, net ÷ cost; `open_fill_id`,
 * `close_fill_id` where the fills have ids.
 *
 * The fees of a fill are dealt out over its parts in whole micro-dollars so that they add up; what is still open keeps its part. So is what
 * prices finer than the exchange's leave of a micro-dollar: `realized` adds up to the profit whatever they are.
 */
export function closedLots(lots: readonly ClosedLot[], of: LotsOf): ColumnTable {
  const realized = addingUp(lots);
  const cost = lots.map(costOf);
  const net = lots.map(({ openFee, closeFee }, row) => realized[row]! - openFee - closeFee);
  const { begin, end } = lotColumns(lots, of);
  return makeTable({
    ...begin,
    opened_time: openedTime(lots),
    closed_time: rawColumn(
      "time",
      "when they were closed or settled",
      lots.map((lot) => lot.closed),
    ),
    held: columnFrom(
      "held",
      "number",
      "seconds between the two",
      lots.map((lot) => (lot.closed - lot.opened) / 1e6),
    ),
    closed_by: columnFrom(
      "closed_by",
      "text",
      "`fill` or `settlement`",
      lots.map((lot) => (lot.closeRow === null ? "settlement" : "fill")),
    ),
    open_price: dollars("price of the side held when opened, $", lots, (lot) => lot.openPrice),
    close_price: dollars("its price when closed, $", lots, (lot) => lot.closePrice),
    cost: rawColumn("dollars", "what opening cost, without fees, $", cost),
    proceeds: rawColumn(
      "dollars",
      "what closing brought, without fees, $",
      cost.map((one, row) => one + realized[row]!),
    ),
    open_fees: dollars("the lot's part of the fee of opening, $", lots, (lot) => lot.openFee),
    close_fees: dollars("its part of the fee of closing, $", lots, (lot) => lot.closeFee),
    fees: dollars("both, $", lots, (lot) => lot.openFee + lot.closeFee),
    realized: rawColumn("dollars", "proceeds − cost, $", realized),
    net: rawColumn("dollars", "realized − fees, $", net),
    return: columnFrom(
      "return",
      "number",
      "net ÷ cost",
      cost.map((one, row) => (one === 0 ? null : net[row]! / one)),
    ),
    ...end,
    ...(of.fills.id === null
      ? {}
      : {
          close_fill_id: columnFrom(
            "close_fill_id",
            "uuid",
            "the fill that closed it; null at settlement",
            lots.map(({ closeRow }) => (closeRow === null ? null : of.fills.id!.at(closeRow))),
          ),
        }),
  });
}

/**
 * What is still held, one row for each part of a fill; ascending by market and by when it was opened.
 *
 * Columns: `ticker`, `event_ticker`, `subaccount_number`, `side`, `count`, `opened_time`, `open_price`, `cost`, `open_fees`, `open_fill_id`, as of
 * closed lots. Its fees and those of the closed lots are all fees of the fills.
 */
export function openLots(lots: readonly OpenLot[], of: LotsOf): ColumnTable {
  const { begin, end } = lotColumns(lots, of);
  return makeTable({
    ...begin,
    opened_time: openedTime(lots),
    open_price: dollars("price of the side held when opened, $", lots, (lot) => lot.openPrice),
    cost: dollars("what opening cost, without fees, $", lots, costOf),
    open_fees: dollars("the lot's part of the fee of opening, $", lots, (lot) => lot.openFee),
    ...end,
  });
}

function lotColumns(lots: readonly OpenLot[], { fills, events }: LotsOf): Record<string, Record<string, TableColumn>> {
  return {
    begin: {
      ticker: columnFrom(
        "ticker",
        "text",
        "market",
        lots.map((lot) => lot.ticker),
      ),
      event_ticker: columnFrom(
        "event_ticker",
        "text",
        "event",
        lots.map((lot) => events.get(lot.ticker) ?? null),
      ),
      subaccount_number: rawColumn(
        "integer",
        "0 is the primary account",
        lots.map((lot) => lot.subaccount),
      ),
      side: columnFrom(
        "side",
        "text",
        "`yes` or `no`: what was held",
        lots.map((lot) => lot.side),
      ),
      count: rawColumn(
        "contracts",
        "contracts",
        lots.map((lot) => lot.count),
      ),
    },
    end:
      fills.id === null
        ? {}
        : {
            open_fill_id: columnFrom(
              "open_fill_id",
              "uuid",
              "the fill that opened it",
              lots.map(({ openRow }) => fills.id!.at(openRow)),
            ),
          },
  };
}

function openedTime(lots: readonly OpenLot[]): TableColumn {
  return rawColumn(
    "time",
    "when they were opened",
    lots.map((lot) => lot.opened),
  );
}

function dollars<L>(about: string, lots: readonly L[], pick: (lot: L) => number): TableColumn {
  return rawColumn("dollars", about, lots.map(pick));
}

function costOf({ openPrice, count }: OpenLot): number {
  return toMicros(product(openPrice, count), 8);
}

/** What each lot realized in whole micro-dollars, rounded so that the sum up to any of them is the exact one, rounded. */
function addingUp(lots: readonly ClosedLot[]): number[] {
  const sum = new ExactSum();
  let before = 0;
  return lots.map(({ openPrice, closePrice, count }) => {
    sum.addProduct(closePrice - openPrice, count);
    const now = toMicros(sum.read(), 8);
    const realized = now - before;
    before = now;
    return realized;
  });
}
