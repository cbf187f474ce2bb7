import { balanceFields } from "../exchange/balance.js";
import { candlestickFields } from "../exchange/candlestick.js";
import { eventFields } from "../exchange/event.js";
import type { Fields, Kind } from "../exchange/field.js";
import { fillFields } from "../exchange/fill.js";
import { marketFields } from "../exchange/market.js";
import { orderFields } from "../exchange/order.js";
import { orderbookFields } from "../exchange/orderbook.js";
import { positionFields } from "../exchange/position.js";
import { seriesFields } from "../exchange/series.js";
import { settlementFields } from "../exchange/settlement.js";
import { tradeFields } from "../exchange/trade.js";
import { coherenceFields, impliedFields } from "./coherence.js";
import { barFields, bookDeltaFields, bookLevelFields, nearDepthFields, topOfBookFields } from "./flow-fields.js";
import { calibrationFields, forecastFields, forecastScoreFields, priceReturnFields } from "./forecast-fields.js";
import { qualityFields } from "./quality-fields.js";

/** The fields of every noun, in the order in which names are looked up. */
const everyNoun: readonly Fields[] = [
  tradeFields,
  candlestickFields,
  marketFields,
  eventFields,
  seriesFields,
  fillFields,
  orderFields,
  positionFields,
  settlementFields,
  balanceFields,
  orderbookFields,
  topOfBookFields,
  nearDepthFields,
  barFields,
  bookLevelFields,
  bookDeltaFields,
  qualityFields,
  forecastFields,
  forecastScoreFields,
  calibrationFields,
  priceReturnFields,
  coherenceFields,
  impliedFields,
];

interface Entry {
  readonly kind: Kind;
  readonly about: string;
}

let entries: ReadonlyMap<string, Entry> | null = null;

/**
 * What the dictionary says of a column of this name, also with the `_1` or `_2` that a join adds; null where it knows none.
 * A name means the same kind in every noun (a test holds this).
 */
export function entryOf(name: string): Entry | null {
  if (entries === null) {
    const made = new Map<string, Entry>();
    for (const fields of everyNoun) {
      for (const [column, { kind, about }] of Object.entries(fields)) {
        if (!made.has(column)) made.set(column, { kind, about });
      }
    }
    entries = made;
  }
  return entries.get(name) ?? entries.get(name.replace(/_[12]$/, "")) ?? null;
}
