import type { Amount } from "../../units/money.js";
import type { Order } from "./accounts.js";
import type { OrderGroup } from "./order-groups.js";

/** What an engine goes on from, beside what its members' accounts hold already. */
export interface Resumption {
  /** Those that rested, each book's in the order they stood there. */
  readonly orders: readonly Order[];
  readonly groups: readonly OrderGroup[];
  readonly fees: Amount;
  readonly deposited: Amount;
  /** How often it was begun; ids given out now are none of those before. */
  readonly run: number;
}
