import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { makeTable } from "../../frames/table.js";
import { AMOUNT_DECIMALS, type Amount, amountOf } from "../../units/money.js";
import { CENT, type Price } from "../../units/price.js";
import { toMicros } from "../../units/sum.js";
import { type FillColumns, marketColumn, tickerOf } from "../fill-columns.js";
import { type FillLike, readFills } from "../read-fills.js";
import { type FeeTerms, ruleAt, type TermsAt } from "./calendar.js";
import { type ChargedFill, chargedOrder, reportedAs } from "./charged-order.js";
import { DIRECT_PRECISION, type Fee, type FeeRole, type FeeRule, fillFee } from "./fee.js";

/** The balance's smallest step in dollars: `0.0001` for direct members, `0.01` for everyone else. */
export type Precision = "0.0001" | "0.01";

export interface FeesOptions {
  /** The terms of all fills, or what knows those of each market and moment: a `FeeCalendar`. */
  readonly terms: FeeTerms | TermsAt;
  /** Told by the fills unless given: whose balance each of them changed by whole cents has the coarser one. */
  readonly precision?: Precision | undefined;
  /** The rounding for all fills; by the time of each unless given. */
  readonly rule?: FeeRule | undefined;
}

/**
 * The fee of each fill by the exchange's model beside the one it reports, one row per fill, ascending by time.
 *
 * Columns: `created_time` (ms since 1970, UTC); `ticker`; `outcome_side` ("yes" | "no": what the fill made longer); `yes_price` ($); `count`
 * (contracts); `is_taker`; `fee_type`, `fee_multiplier`, `rule` ("current" | "2026-08") that held then; `trade_fee`, the model's, and
 * `rounding_fee`, `rebate` ($), so that `fee = trade_fee + rounding_fee − rebate`; `fee_cost`, the reported one, and `difference` =
 * fee − fee_cost ($); `order_id`, `fill_id`.
 *
 * Rounding is collected by order, so the fills must be all that the orders ever had. Fills of one order and one microsecond have no order of
 * their own: they are tried in every one, and the one that explains what was reported counts.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_RECORD`, `BAD_ARGUMENT` for a fee type without a published rate, `FEES_UNKNOWN`
 * @see API: fees
 */
export function feesOf(fills: ColumnTable | Iterable<FillLike>, options: FeesOptions): ColumnTable {
  const read = readFills(fills);
  const precision = options.precision === undefined ? precisionOf(read) : priceOf(options.precision);
  const charged = Array.from({ length: read.length }, (_, row) => chargedFill(read, row, options, precision));
  return tableOf(read, charged, feesByRow(read, charged));
}

/**
 * The balance's smallest step, as the fills tell it: a cent where each of them changed the balance by whole cents, else
 * {@link DIRECT_PRECISION}. It is the change that the exchange rounds, the fee with it, so that a fee alone may have parts of a cent anywhere.
 */
export function precisionOf({ length, quantity, price, fee }: FillColumns): Price {
  for (let row = 0; row < length; row += 1) {
    const change = BigInt(-quantity[row]!) * BigInt(price[row]!) - amountOf(fee[row]!);
    if (change % amountOf(CENT) !== 0n) return DIRECT_PRECISION;
  }
  return CENT;
}

/** @throws KalshiError `BAD_ARGUMENT` */
export function priceOf(precision: Precision): Price {
  if (precision === "0.0001") return DIRECT_PRECISION;
  if (precision === "0.01") return CENT;
  throw new KalshiError("BAD_ARGUMENT", `no precision of a balance: ${JSON.stringify(precision)}`, {
    hint: 'give "0.0001", the one of direct members, or "0.01", everyone else\'s',
    context: { precision },
  });
}

function chargedFill(fills: FillColumns, row: number, { terms, rule }: FeesOptions, precision: Price): ChargedFill {
  const [time, quantity] = [fills.time[row]!, fills.quantity[row]!];
  const { feeType, multiplier } = "termsAt" in terms ? terms.termsAt(tickerOf(fills, row), time) : terms;
  return {
    bookSide: quantity >= 0 ? "bid" : "ask",
    price: fills.price[row]!,
    count: Math.abs(quantity),
    role: roleOf(fills, row),
    schedule: { feeType, multiplier, precision, rule: rule ?? ruleAt(time) },
    reported: fills.fee[row]!,
  };
}

function roleOf(fills: FillColumns, row: number): FeeRole {
  const taker = fills.taker?.[row] ?? Number.NaN;
  if (Number.isNaN(taker)) noRole(fills, row);
  return taker === 1 ? "taker" : "maker";
}

/** Order by order, each from an empty accumulator. */
function feesByRow(fills: FillColumns, charged: readonly ChargedFill[]): readonly Fee[] {
  const fees: Fee[] = new Array(fills.length);
  for (const rows of rowsByOrder(fills)) {
    let carried: Amount = 0n;
    for (const moment of moments(rows, fills.time)) {
      const together = moment.map((row) => charged[row]!);
      for (const at of chargedOrder(together, carried)) {
        const fee = fillFee(together[at]!.schedule, together[at]!, carried);
        fees[moment[at]!] = fee;
        carried = fee.carried;
      }
    }
  }
  return fees;
}

function rowsByOrder({ length, order }: FillColumns): Iterable<readonly number[]> {
  const orders = new Map<unknown, number[]>();
  for (let row = 0; row < length; row += 1) {
    const id = order?.at(row) ?? noOrder(row);
    const rows = orders.get(id);
    if (rows === undefined) orders.set(id, [row]);
    else rows.push(row);
  }
  return orders.values();
}

/** Runs of rows of one microsecond. */
function* moments(rows: readonly number[], time: Float64Array): Generator<readonly number[]> {
  for (let from = 0, to = 0; from < rows.length; from = to) {
    while (to < rows.length && time[rows[to]!] === time[rows[from]!]) to += 1;
    yield rows.slice(from, to);
  }
}

function tableOf(fills: FillColumns, charged: readonly ChargedFill[], fees: readonly Fee[]): ColumnTable {
  const money = (about: string, pick: (fee: Fee) => Amount) =>
    rawColumn(
      "dollars",
      about,
      fees.map((fee) => toMicros(pick(fee), AMOUNT_DECIMALS)),
    );
  const texts = (name: string, about: string, pick: (fill: ChargedFill) => string) =>
    columnFrom(name, "text", about, charged.map(pick));
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
      charged.map(({ count }) => count),
    ),
    is_taker: columnFrom(
      "is_taker",
      "boolean",
      "whether our order crossed the spread",
      charged.map(({ role }) => role === "taker"),
    ),
    fee_type: texts("fee_type", "which fee model held", ({ schedule }) => schedule.feeType),
    fee_multiplier: columnFrom(
      "fee_multiplier",
      "number",
      "its factor; 0 is free",
      charged.map(({ schedule }) => schedule.multiplier),
    ),
    rule: texts("rule", "which rounding held", ({ schedule }) => schedule.rule),
    trade_fee: money("fee of the model, rounded up, $", (fee) => fee.trade),
    rounding_fee: money("what rounding the change of balance cost, $", (fee) => fee.rounding),
    rebate: money("given back of what rounding has cost the order, $", (fee) => fee.rebate),
    fee: money("trade_fee + rounding_fee − rebate, $", (fee) => fee.net),
    fee_cost: rawColumn("dollars", "fee that the exchange reports, $", [...fills.fee]),
    difference: rawColumn(
      "dollars",
      "fee − fee_cost, $",
      fees.map((fee, row) => reportedAs(fee) - fills.fee[row]!),
    ),
    ...(fills.order === null ? {} : { order_id: fills.order }),
    ...(fills.id === null ? {} : { fill_id: fills.id }),
  });
}

function noRole({ id }: FillColumns, row: number): never {
  throw new KalshiError("BAD_RECORD", `fill ${id?.at(row) ?? `in row ${row}`} does not say who crossed the spread`, {
    hint: "fees need `is_taker` of every fill",
    context: { row },
  });
}

function noOrder(row: number): never {
  throw new KalshiError("BAD_RECORD", `the fill in row ${row} does not say which order it belongs to`, {
    hint: "fees need `order_id` of every fill: rounding is collected by order",
    context: { row },
  });
}
