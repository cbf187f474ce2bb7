import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { difference } from "../../units/sum.js";
import type { Timestamp } from "../../units/time.js";
import type { FillColumns } from "../fill-columns.js";
import { AddingUp } from "./adding-up.js";
import { openBasis } from "./basis.js";
import { inOrder } from "./bookings.js";
import { type CostMethod, closedBy, decimalsOf } from "./lots.js";
import type { Settled } from "./settlement-value.js";

/** Contracts of one fill that are still held, one lot in each place of the columns. */
export interface OpenLots {
  /** Row of the fill that opened it. */
  readonly openRow: number[];
  readonly count: Count[];
  /** What it has cost, and its part of the fee of the fill, in micro-dollars. */
  readonly cost: Price[];
  readonly openFee: Price[];
}

/** Contracts of one fill that one other fill, or a settlement, closed. */
export interface ClosedLots extends OpenLots {
  /** Row of the fill that closed it; −1 for a settlement. */
  readonly closeRow: number[];
  readonly closed: Timestamp[];
  /** The YES price, or what a YES contract was paid. */
  readonly closePrice: Price[];
  readonly closeFee: Price[];
  readonly realized: Price[];
}

/** What the lots of a market are made of: they add up to its figures, over all subaccounts. */
interface Market {
  readonly fills: FillColumns;
  readonly method: CostMethod;
  readonly closed: ClosedLots;
  readonly cost: AddingUp;
  readonly realized: AddingUp;
  readonly queues: Map<number, Queue>;
}

/**
 * Every fill's contracts as lots, closed ones in the order in which they were closed, oldest first; those still open by market.
 *
 * Whatever the method, the oldest contracts are closed first; what they cost it decides. In each market the costs of closed lots, of open
 * ones, and what the closed ones realized, are dealt out in whole micro-dollars so that they add up to the market's own figures; so are the fees
 * of a fill over its parts.
 */
export function lotsOf(
  fills: FillColumns,
  settled: ReadonlyMap<string, Settled>,
  method: CostMethod,
): { readonly closed: ClosedLots; readonly open: OpenLots } {
  const closed = noClosedLots();
  const markets = fills.tickers.map(() => marketOf(fills, method, closed));
  inOrder(
    fills,
    settled,
    (row) => queueOf(markets[fills.market[row]!]!, fills.account[row]!).fill(row),
    ({ market, time, value }) => {
      for (const queue of markets[market]!.queues.values()) queue.settle(time, value);
    },
  );
  const open = noOpenLots();
  const names = fills.tickers;
  const byTicker = [...markets.keys()].sort((a, b) => (names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : 0));
  for (const number of byTicker) {
    const cost = new AddingUp(decimalsOf[method]);
    for (const queue of markets[number]!.queues.values()) queue.listOpen(open, cost);
  }
  return { closed, open };
}

function marketOf(fills: FillColumns, method: CostMethod, closed: ClosedLots): Market {
  const decimals = decimalsOf[method];
  const [cost, realized] = [new AddingUp(decimals), new AddingUp(decimals)];
  return { fills, method, closed, cost, realized, queues: new Map() };
}

function queueOf(market: Market, subaccount: number): Queue {
  const found = market.queues.get(subaccount);
  if (found !== undefined) return found;
  const queue = new Queue(market);
  market.queues.set(subaccount, queue);
  return queue;
}

function noOpenLots(): OpenLots {
  return { openRow: [], count: [], cost: [], openFee: [] };
}

function noClosedLots(): ClosedLots {
  return { ...noOpenLots(), closeRow: [], closed: [], closePrice: [], closeFee: [], realized: [] };
}

/** Open lots of one market and subaccount, all of one side. */
class Queue {
  readonly #market: Market;
  readonly #basis;
  // What is left of the fills that opened something; `#head` is the oldest still open.
  #rows: number[] = [];
  #left: Count[] = [];
  #head = 0;
  #position: Count = 0;

  constructor(market: Market) {
    this.#market = market;
    this.#basis = openBasis(market.method);
  }

  fill(row: number): void {
    const { quantity, price, time } = this.#market.fills;
    const signed = quantity[row]!;
    const closing = closedBy(this.#position, signed);
    if (closing > 0) this.#close(closing, row, time[row]!, price[row]!);
    const opening = Math.abs(signed) - closing;
    if (opening > 0) {
      this.#rows.push(row);
      this.#left.push(opening);
      this.#basis.open(ownPrice(price[row]!, signed), opening);
    }
    this.#position += signed;
  }

  settle(time: Timestamp, value: Price): void {
    if (this.#position !== 0) this.#close(Math.abs(this.#position), SETTLEMENT, time, value);
    this.#position = 0;
  }

  #close(closing: Count, closeRow: number, time: Timestamp, closePrice: Price): void {
    const { fills, closed, cost, realized } = this.#market;
    const basis = this.#basis;
    const closeOwn = ownPrice(closePrice, this.#position);
    basis.close(closing, Math.abs(this.#position));
    for (let done = 0; done < closing; ) {
      const [row, left] = [this.#rows[this.#head]!, this.#left[this.#head]!];
      const count = Math.min(left, closing - done);
      const paid = basis.next(ownPrice(fills.price[row]!, this.#position), count);
      closed.openRow.push(row);
      closed.count.push(count);
      closed.cost.push(cost.next(paid));
      closed.openFee.push(feePart(fills, row, Math.abs(fills.quantity[row]!) - left, count));
      closed.closeRow.push(closeRow);
      closed.closed.push(time);
      closed.closePrice.push(closePrice);
      // What closes comes before what opens.
      closed.closeFee.push(closeRow === SETTLEMENT ? 0 : feePart(fills, closeRow, done, count));
      closed.realized.push(realized.next(difference(basis.worth(closeOwn, count), paid)));
      this.#left[this.#head] = left - count;
      done += count;
      if (left === count) this.#head += 1;
    }
    this.#forget();
  }

  #forget(): void {
    if (this.#head < this.#rows.length && this.#head < 1_024) return;
    this.#rows = this.#rows.slice(this.#head);
    this.#left = this.#left.slice(this.#head);
    this.#head = 0;
  }

  /** Lists what is left of it, which ends it. */
  listOpen(open: OpenLots, cost: AddingUp): void {
    const { fills } = this.#market;
    const held = Math.abs(this.#position);
    this.#basis.close(held, held);
    for (let at = this.#head; at < this.#rows.length; at += 1) {
      const [row, left] = [this.#rows[at]!, this.#left[at]!];
      open.openRow.push(row);
      open.count.push(left);
      open.cost.push(cost.next(this.#basis.next(ownPrice(fills.price[row]!, this.#position), left)));
      open.openFee.push(feePart(fills, row, Math.abs(fills.quantity[row]!) - left, left));
    }
  }
}

const SETTLEMENT = -1;

/** The price of the side that a signed quantity is of. */
export function ownPrice(yesPrice: Price, quantity: Count): Price {
  return quantity > 0 ? yesPrice : DOLLAR - yesPrice;
}

/** The part of a fill's fee that falls on `count` contracts behind the first `before`. */
function feePart({ fee, quantity }: FillColumns, row: number, before: Count, count: Count): Price {
  const size = Math.abs(quantity[row]!);
  return feeUpTo(fee[row]!, before + count, size) - feeUpTo(fee[row]!, before, size);
}

function feeUpTo(fee: Price, part: Count, size: Count): Price {
  const whole = Math.floor((fee * part) / size);
  // The division may round up to the next integer, which the product, exact, then shows.
  return Number.isSafeInteger(fee * part) && whole * size <= fee * part
    ? whole
    : Number((BigInt(fee) * BigInt(part)) / BigInt(size));
}
