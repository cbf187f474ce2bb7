import type { ColumnTable } from "arquero";
import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { makeTable } from "../../frames/table.js";
import { AMOUNT_DECIMALS, type Amount } from "../../units/money.js";
import { toMicros } from "../../units/sum.js";
import { type FillColumns, marketColumn } from "../fill-columns.js";
import { type ChargedFill, reportedAs } from "./charged-order.js";
import type { Fee, FeeRule, FeeSchedule } from "./fee.js";
import type { KnownTerms } from "./known-terms.js";

/** A fill and what is known of the terms it was charged by. */
export interface ToldFill extends Omit<ChargedFill, "schedule">, KnownTerms {
  readonly rule: FeeRule;
  /** Null where `why` says that no fee follows. */
  readonly schedule: FeeSchedule | null;
}

/** The fee of a fill, or why there is none. */
export type FeeOrWhy =
  | { readonly fee: Fee; readonly why: null }
  | {
      readonly fee: null;
      readonly why: string;
    };

/** The table of `feesOf`. */
export function feeTable(fills: FillColumns, told: readonly ToldFill[], fees: readonly FeeOrWhy[]): ColumnTable {
  const money = (about: string, pick: (fee: Fee) => Amount) =>
    rawColumn(
      "dollars",
      about,
      fees.map(({ fee }) => (fee === null ? null : toMicros(pick(fee), AMOUNT_DECIMALS))),
    );
  const texts = (name: string, about: string, pick: (fill: ToldFill) => string | null) =>
    columnFrom(name, "text", about, told.map(pick));
  return makeTable({
    created_time: rawColumn("time", "when it was matched", [...fills.time]),
    ticker: marketColumn(fills),
    outcome_side: texts("outcome_side", "`yes` or `no`: what the fill made longer", ({ bookSide }) =>
      bookSide === "bid" ? "yes" : "no",
    ),
    yes_price: rawColumn("dollars", "price of the YES side, $ per contract", [...fills.price]),
    count: rawColumn(
      "contracts",
      "contracts",
      told.map(({ count }) => count),
    ),
    is_taker: columnFrom(
      "is_taker",
      "boolean",
      "whether our order crossed the spread",
      told.map(({ role }) => role === "taker"),
    ),
    fee_type: texts("fee_type", "which fee model held", ({ terms }) => terms?.feeType ?? null),
    fee_multiplier: columnFrom(
      "fee_multiplier",
      "number",
      "its factor; 0 is free",
      told.map(({ terms }) => terms?.multiplier ?? null),
    ),
    rule: texts("rule", "which rounding held", ({ rule }) => rule),
    trade_fee: money("fee of the model, rounded up, $", (fee) => fee.trade),
    rounding_fee: money("what rounding the change of balance cost, $", (fee) => fee.rounding),
    rebate: money("given back of what rounding has cost the order, $", (fee) => fee.rebate),
    fee: money("trade_fee + rounding_fee − rebate, $", (fee) => fee.net),
    fee_cost: rawColumn("dollars", "fee that the exchange reports, $", [...fills.fee]),
    difference: rawColumn(
      "dollars",
      "fee − fee_cost, $",
      fees.map(({ fee }, row) => (fee === null ? null : reportedAs(fee) - fills.fee[row]!)),
    ),
    note: columnFrom(
      "note",
      "text",
      "why there is no fee of ours, else null",
      fees.map(({ why }) => why),
    ),
    ...(fills.order === null ? {} : { order_id: fills.order }),
    ...(fills.id === null ? {} : { fill_id: fills.id }),
  });
}
