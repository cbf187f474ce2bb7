import type { ColumnTable } from "arquero";
import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { makeTable } from "../../frames/table.js";
import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { product, toMicros } from "../../units/sum.js";
import type { Timestamp } from "../../units/time.js";
import { type FillColumns, tickerOf } from "../fill-columns.js";
import { inOrder } from "./bookings.js";
import { found } from "./found.js";
import { closedBy } from "./lots.js";
import type { Settled } from "./settlement-value.js";

/** Contracts of one fill that one other fill, or a settlement, closed. */
interface ClosedLot {
  readonly ticker: string;
  readonly subaccount: number;
  readonly side: "yes" | "no";
  readonly count: Count;
  readonly opened: Timestamp;
  readonly closed: Timestamp;
  readonly openPrice: Price;
  readonly closePrice: Price;
  /** Micro-dollars: the parts of both fills' fees. */
  readonly fees: number;
  readonly openRow: number;
  /** Null for a settlement. */
  readonly closeRow: number | null;
}

/** What is left of a fill that opened something. */
interface OpenLot {
  readonly row: number;
  left: Count;
}

/**
 * Closed lots, one row for each part of a fill that was closed, oldest lots first; ascending by when they were closed.
 *
 * Columns: `ticker`; `subaccount_number`; `side` ("yes" | "no": what was held); `count` (contracts); `opened_time`, `closed_time` (ms since
 * 1970, UTC); `held` (seconds); `closed_by` ("fill" | "settlement"); `open_price`, `close_price`, of the side that was held ($); `cost`,
 * `proceeds`, without fees ($); `fees`, the lot's part of the fees of both fills ($); `realized` = proceeds − cost, `net` = realized − fees
 * ($); `return`, net ÷ cost; `open_fill_id`, `close_fill_id` where the fills have ids.
 *
 * The fees of a fill are dealt out over its parts in whole micro-dollars so that they add up; what is still open keeps its part.
 */
export function closedLots(fills: FillColumns, settled: ReadonlyMap<string, Settled>): ColumnTable {
  const lots: ClosedLot[] = [];
  const queues = fills.tickers.map(() => new Map<number, Queue>());
  inOrder(
    fills,
    settled,
    (row) => {
      found(queues[fills.market[row]!]!, fills.account[row]!, () => new Queue(fills)).fill(row, lots);
    },
    ({ market, time, value }) => {
      for (const queue of queues[market]!.values()) queue.settle(time, value, lots);
    },
  );
  return tableOf(lots, fills);
}

/** Open lots of one market and subaccount, all of one side. */
class Queue {
  readonly #fills: FillColumns;
  #lots: OpenLot[] = [];
  #head = 0;
  #position: Count = 0;

  constructor(fills: FillColumns) {
    this.#fills = fills;
  }

  fill(row: number, lots: ClosedLot[]): void {
    const { quantity, price, time } = this.#fills;
    const signed = quantity[row]!;
    const closing = closedBy(this.#position, signed);
    this.#close(closing, { time: time[row]!, price: price[row]!, row }, lots);
    const opening = Math.abs(signed) - closing;
    if (opening > 0) this.#lots.push({ row, left: opening });
    this.#position += signed;
  }

  settle(time: Timestamp, value: Price, lots: ClosedLot[]): void {
    this.#close(Math.abs(this.#position), { time, price: value, row: null }, lots);
    this.#position = 0;
  }

  #close(
    closing: Count,
    by: { readonly time: Timestamp; readonly price: Price; readonly row: number | null },
    lots: ClosedLot[],
  ): void {
    const { account, time, price } = this.#fills;
    const isLong = this.#position > 0;
    const own = (yes: Price): Price => (isLong ? yes : DOLLAR - yes);
    for (let done = 0; done < closing; ) {
      const lot = this.#lots[this.#head]!;
      const count = Math.min(lot.left, closing - done);
      const size = Math.abs(this.#fills.quantity[lot.row]!);
      const openFee = this.#feeOf(lot.row, size - lot.left, count);
      const closeFee = by.row === null ? 0 : this.#feeOf(by.row, done, count);
      lots.push({
        ticker: tickerOf(this.#fills, lot.row),
        subaccount: account[lot.row]!,
        side: isLong ? "yes" : "no",
        count,
        opened: time[lot.row]!,
        closed: by.time,
        openPrice: own(price[lot.row]!),
        closePrice: own(by.price),
        fees: openFee + closeFee,
        openRow: lot.row,
        closeRow: by.row,
      });
      lot.left -= count;
      done += count;
      if (lot.left === 0) this.#head += 1;
    }
    if (this.#head > 1_024 || this.#head === this.#lots.length) {
      this.#lots = this.#lots.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The part of a fill's fee that falls on `count` contracts behind the first `before`. What closes comes before what opens. */
  #feeOf(row: number, before: Count, count: Count): number {
    const [fee, size] = [this.#fills.fee[row]!, Math.abs(this.#fills.quantity[row]!)];
    if (fee === 0) return 0;
    // The division may round up to the next integer, which the product, exact, then shows.
    const upTo = (part: Count): number => {
      const whole = Math.floor((fee * part) / size);
      return Number.isSafeInteger(fee * part) && whole * size <= fee * part
        ? whole
        : Number((BigInt(fee) * BigInt(part)) / BigInt(size));
    };
    return upTo(before + count) - upTo(before);
  }
}

function tableOf(lots: readonly ClosedLot[], fills: FillColumns): ColumnTable {
  const dollars = (about: string, pick: (lot: ClosedLot) => number) => rawColumn("dollars", about, lots.map(pick));
  const texts = (name: string, about: string, pick: (lot: ClosedLot) => string) =>
    columnFrom(name, "text", about, lots.map(pick));
  const times = (about: string, pick: (lot: ClosedLot) => number) => rawColumn("time", about, lots.map(pick));
  const ids = (name: string, about: string, pick: (lot: ClosedLot) => number | null) =>
    columnFrom(
      name,
      "uuid",
      about,
      lots.map((lot) => {
        const row = pick(lot);
        return row === null ? null : fills.id!.at(row);
      }),
    );
  return makeTable({
    ticker: texts("ticker", "market", (lot) => lot.ticker),
    subaccount_number: rawColumn(
      "integer",
      "0 is the primary account",
      lots.map((lot) => lot.subaccount),
    ),
    side: texts("side", "`yes` or `no`: what was held", (lot) => lot.side),
    count: rawColumn(
      "contracts",
      "contracts",
      lots.map((lot) => lot.count),
    ),
    opened_time: times("when they were opened", (lot) => lot.opened),
    closed_time: times("when they were closed or settled", (lot) => lot.closed),
    held: columnFrom(
      "held",
      "number",
      "seconds between the two",
      lots.map((lot) => (lot.closed - lot.opened) / 1e6),
    ),
    closed_by: texts("closed_by", "`fill` or `settlement`", (lot) => (lot.closeRow === null ? "settlement" : "fill")),
    open_price: dollars("price of the side held when opened, $", (lot) => lot.openPrice),
    close_price: dollars("its price when closed, $", (lot) => lot.closePrice),
    cost: dollars("what opening cost, without fees, $", costOf),
    proceeds: dollars("what closing brought, without fees, $", proceedsOf),
    fees: dollars("the lot's part of both fills' fees, $", (lot) => lot.fees),
    realized: dollars("proceeds − cost, $", realizedOf),
    net: dollars("realized − fees, $", (lot) => realizedOf(lot) - lot.fees),
    return: columnFrom(
      "return",
      "number",
      "net ÷ cost",
      lots.map((lot) => (costOf(lot) === 0 ? null : (realizedOf(lot) - lot.fees) / costOf(lot))),
    ),
    ...(fills.id === null
      ? {}
      : {
          open_fill_id: ids("open_fill_id", "the fill that opened it", (lot) => lot.openRow),
          close_fill_id: ids("close_fill_id", "the fill that closed it; null at settlement", (lot) => lot.closeRow),
        }),
  });
}

function costOf({ openPrice, count }: ClosedLot): number {
  return toMicros(product(openPrice, count), 8);
}

function proceedsOf({ closePrice, count }: ClosedLot): number {
  return toMicros(product(closePrice, count), 8);
}

function realizedOf(lot: ClosedLot): number {
  return proceedsOf(lot) - costOf(lot);
}
