import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { type Amount, amountOf } from "../../units/money.js";
import { CENT, type Price } from "../../units/price.js";
import { type FillColumns, tickerOf } from "../fill-columns.js";
import { objectGiven, oneOf, termsGiven } from "../given.js";
import { type FillLike, readFills } from "../read-fills.js";
import { type FeeTerms, ruleAt, type TermsAt } from "./calendar.js";
import { type ChargedFill, chargedOrder } from "./charged-order.js";
import { DIRECT_PRECISION, type FeeRole, type FeeRule, feeRules, fillFee } from "./fee.js";
import { type FeeOrWhy, feeTable, type ToldFill } from "./fee-table.js";
import { knownTerms } from "./known-terms.js";

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
 * fee − fee_cost ($); `note`, why there is no fee of ours, else null; `order_id`, `fill_id`.
 *
 * Rounding is collected by order, so the fills must be all that the orders ever had. Fills of one order and one microsecond have no order of
 * their own: they are tried in every one, and the one that explains what was reported counts.
 *
 * Where a calendar does not know the terms of a fill, or its fee type is one without a published rate, the fees and `difference` are null and
 * `note` says why; so they are for what its order was filled in later, since its accumulator is not known then.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_RECORD`, `BAD_ARGUMENT` where `terms` themselves have no published rate
 * @see API: fees
 */
export function feesOf(fills: ColumnTable | Iterable<FillLike>, options: FeesOptions): ColumnTable {
  objectGiven("options", options);
  const terms = termsGiven(options.terms);
  const rule = options.rule === undefined ? undefined : oneOf("fee rule", options.rule, feeRules);
  const read = readFills(fills);
  const precision = options.precision === undefined ? precisionOf(read) : priceOf(options.precision);
  const told = Array.from({ length: read.length }, (_, row) => toldFill(read, row, { terms, rule }, precision));
  return feeTable(read, told, feesByRow(read, told));
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

function toldFill(fills: FillColumns, row: number, { terms, rule }: FeesOptions, precision: Price): ToldFill {
  const [time, quantity, role] = [fills.time[row]!, fills.quantity[row]!, roleOf(fills, row)];
  const known = knownTerms(terms, { ticker: tickerOf(fills, row), time, role });
  const held = rule ?? ruleAt(time);
  return {
    bookSide: quantity >= 0 ? "bid" : "ask",
    price: fills.price[row]!,
    count: Math.abs(quantity),
    role,
    rule: held,
    reported: fills.fee[row]!,
    ...known,
    schedule: known.terms === null || known.why !== null ? null : { ...known.terms, precision, rule: held },
  };
}

function roleOf(fills: FillColumns, row: number): FeeRole {
  const taker = fills.taker?.[row] ?? Number.NaN;
  if (Number.isNaN(taker)) noRole(fills, row);
  return taker === 1 ? "taker" : "maker";
}

/** Order by order, each from an empty accumulator. */
function feesByRow(fills: FillColumns, told: readonly ToldFill[]): readonly FeeOrWhy[] {
  const fees: FeeOrWhy[] = new Array(fills.length);
  for (const rows of rowsByOrder(fills)) {
    let carried: Amount = 0n;
    /** Why what the last fill left is not known. */
    let lost: string | null = null;
    for (const moment of moments(rows, fills.time)) {
      const together = moment.map((row) => told[row]!);
      lost ??= together.find(({ why }) => why !== null)?.why ?? null;
      if (lost !== null) {
        const after = `another fill of its order has no fee of ours: ${lost}`;
        for (const row of moment) fees[row] = { fee: null, why: told[row]!.why ?? after };
        continue;
      }
      const charged = together.filter(isCharged);
      for (const at of chargedOrder(charged, carried)) {
        const fee = fillFee(charged[at]!.schedule, charged[at]!, carried);
        fees[moment[at]!] = { fee, why: null };
        carried = fee.carried;
      }
    }
  }
  return fees;
}

function isCharged(fill: ToldFill): fill is ToldFill & ChargedFill {
  return fill.schedule !== null;
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
