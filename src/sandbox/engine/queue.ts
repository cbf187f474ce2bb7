import type { Count } from "../../units/count.js";
import { type Level, levelAt, type OrderBook, type Resting } from "./matching.js";

/** Makes an order of the book smaller without moving it. Less than all of it: an order of nothing cannot rest. */
export function lessenInPlace<T extends Resting>(book: OrderBook<T>, order: T, by: Count): void {
  order.remaining -= by;
  levelOf(book, order).total -= by;
}

/** Contracts that stand before an order at its price. */
export function ahead<T extends Resting>(book: OrderBook<T>, order: T): Count {
  const { queue } = levelOf(book, order);
  return queue.slice(0, queue.indexOf(order)).reduce((sum, { remaining }) => sum + remaining, 0);
}

function levelOf<T extends Resting>(book: OrderBook<T>, { id, side, price }: T): Level<T> {
  const level = levelAt(book, side, price);
  if (level === null) throw new Error(`order ${id} does not rest at its price`);
  return level;
}
