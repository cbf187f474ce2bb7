import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { type FillColumns, tickerOf } from "../fill-columns.js";
import { inOrder } from "./bookings.js";
import { found } from "./found.js";
import { closedBy } from "./lots.js";
import type { Settled } from "./settlement-value.js";

/** Contracts of one fill that are still held. */
export interface OpenLot {
  readonly ticker: string;
  readonly subaccount: number;
  readonly side: "yes" | "no";
  readonly count: Count;
  readonly opened: Timestamp;
  /** Of the side held. */
  readonly openPrice: Price;
  /** Its part of the fee of the fill, in micro-dollars. */
  readonly openFee: Price;
  readonly openRow: number;
}

/** Contracts of one fill that one other fill, or a settlement, closed. */
export interface ClosedLot extends OpenLot {
  readonly closed: Timestamp;
  readonly closePrice: Price;
  readonly closeFee: Price;
  /** Null for a settlement. */
  readonly closeRow: number | null;
}

/** What is left of a fill that opened something. */
interface Held {
  readonly row: number;
  left: Count;
}

/**
 * Every fill's contracts as lots, closed ones in the order in which they were closed, oldest first; those still open by market.
 *
 * The fees of a fill are dealt out over its parts in whole micro-dollars so that they add up.
 */
export function lotsOf(
  fills: FillColumns,
  settled: ReadonlyMap<string, Settled>,
): { readonly closed: readonly ClosedLot[]; readonly open: readonly OpenLot[] } {
  const closed: ClosedLot[] = [];
  const queues = fills.tickers.map(() => new Map<number, Queue>());
  inOrder(
    fills,
    settled,
    (row) => {
      found(queues[fills.market[row]!]!, fills.account[row]!, () => new Queue(fills)).fill(row, closed);
    },
    ({ market, time, value }) => {
      for (const queue of queues[market]!.values()) queue.settle(time, value, closed);
    },
  );
  const open = queues.flatMap((ofMarket) => [...ofMarket.values()].flatMap((queue) => [...queue.open()]));
  return { closed, open: open.sort((a, b) => (a.ticker < b.ticker ? -1 : a.ticker > b.ticker ? 1 : 0)) };
}

/** Open lots of one market and subaccount, all of one side. */
class Queue {
  readonly #fills: FillColumns;
  #lots: Held[] = [];
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
        openFee,
        closeFee,
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

  /** What is left of it, as lots. */
  *open(): Generator<OpenLot> {
    const { account, time, price, quantity } = this.#fills;
    const isLong = this.#position > 0;
    for (const { row, left } of this.#lots.slice(this.#head)) {
      yield {
        ticker: tickerOf(this.#fills, row),
        subaccount: account[row]!,
        side: isLong ? "yes" : "no",
        count: left,
        opened: time[row]!,
        openPrice: isLong ? price[row]! : DOLLAR - price[row]!,
        openFee: this.#feeOf(row, Math.abs(quantity[row]!) - left, left),
        openRow: row,
      };
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
