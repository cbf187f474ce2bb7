import { KalshiError } from "../../errors.js";
import type { Count } from "../../units/count.js";
import { parseFixed } from "../../units/fixed.js";
import { type Amount, amountOf, notional } from "../../units/money.js";
import { CENT, DOLLAR, type Price } from "../../units/price.js";

/** The rounding in force: the present one, or the one published until August 2026. */
export const feeRules = ["current", "2026-08"] as const;
export type FeeRule = (typeof feeRules)[number];

export type FeeRole = "taker" | "maker";

/** The balance's smallest step for direct members, $0.0001. Everyone else's is a {@link CENT}. */
export const DIRECT_PRECISION: Price = 100;

/** What decides the fee of a fill besides the fill itself. */
export interface FeeSchedule {
  /** `fee_type` of the event's override, else of the series. */
  readonly feeType: string;
  /** `fee_multiplier` beside it; 0 is free. */
  readonly multiplier: number;
  /** The balance's smallest step: {@link DIRECT_PRECISION} or {@link CENT}. */
  readonly precision: Price;
  readonly rule: FeeRule;
}

/** The part of a fill that its fee depends on. `price` is the YES price; `bookSide` tells who pays it. */
export interface FeeFill {
  readonly bookSide: "bid" | "ask";
  readonly price: Price;
  readonly count: Count;
  readonly role: FeeRole;
}

/** A fee and how it came about, in 1e-8 dollars: `net = trade + rounding − rebate`, never below zero. */
export interface Fee {
  /** The model's fee, rounded up. */
  readonly trade: Amount;
  /** What rounding the change of balance down to its precision cost. */
  readonly rounding: Amount;
  /** Whole steps given back out of what rounding has cost this order so far. */
  readonly rebate: Amount;
  /** What the exchange reports as `fee_cost`. */
  readonly net: Amount;
  /** Rounding fees of the order not given back: what the order's next fill starts from. */
  readonly carried: Amount;
}

/**
 * The fee of one fill, exact. `carried` is what the previous fill of the same order left, 0 for the first.
 *
 * Whether the fill opens or closes makes no difference: the two changes of balance are whole cents apart.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a fee type whose rate is not published
 * @see the exchange's fee schedule: fee = M × k × C × P × (1 − P), rounded per fill, with an accumulator per order
 */
export function fillFee(schedule: FeeSchedule, fill: FeeFill, carried: Amount = 0n): Fee {
  return roundFee({
    revenue: fill.bookSide === "bid" ? -notional(fill.price, fill.count) : notional(fill.price, fill.count),
    trade: tradeFee(schedule, fill),
    precision: schedule.precision,
    rule: schedule.rule,
    carried,
  });
}

/** The fees of one order's fills, in the order they happened. */
export function orderFees(schedule: FeeSchedule, fills: readonly FeeFill[]): Fee[] {
  let carried: Amount = 0n;
  return fills.map((fill) => {
    const fee = fillFee(schedule, fill, carried);
    carried = fee.carried;
    return fee;
  });
}

/** The model's fee rounded up: to $0.000001 by the current rule, to $0.0001 by the older. */
export function tradeFee(schedule: FeeSchedule, fill: Omit<FeeFill, "bookSide">): Amount {
  const { rule } = schedule;
  const rate = modelRate(schedule, fill.role);
  // 1e-10 (rate) × 1e-2 (count) × 1e-6 (price) × 1e-6 (its complement)
  const exact = rate * BigInt(fill.count) * BigInt(fill.price) * BigInt(DOLLAR - fill.price);
  const step = rule === "current" ? MICRO_DOLLAR : AMOUNT_OF_1E4;
  return ceilDivide(exact, MODEL_PER_AMOUNT * step) * step;
}

/** What {@link roundFee} starts from. */
export interface RoundingInput {
  /** Change of balance before fees; negative for money spent. Whole cents more or less do not matter. */
  readonly revenue: Amount;
  readonly trade: Amount;
  readonly precision: Price;
  readonly rule: FeeRule;
  readonly carried: Amount;
}

/**
 * Rounds the change of balance down to its precision, and gives back whole steps of what that has cost the order.
 *
 * The step is the precision by the current rule and a cent by the older. A step is given back once the sum exceeds one,
 * and only as far as the net fee stays at or above zero; the rest waits (seen in real fills; the documentation is silent on it).
 */
export function roundFee({ revenue, trade, precision, rule, carried }: RoundingInput): Fee {
  const unit = amountOf(precision);
  const change = revenue - trade;
  const rounding = change - floorDivide(change, unit) * unit;
  const gross = trade + rounding;
  const sum = carried + rounding;
  const step = rule === "current" ? unit : amountOf(CENT);
  const earned = sum > step ? sum / step : 0n;
  const bearable = gross / step;
  const rebate = (earned < bearable ? earned : bearable) * step;
  return { trade, rounding, rebate, net: gross - rebate, carried: sum - rebate };
}

/**
 * M × k of the model, in 1e-10. Where nothing is charged the fee type is not asked.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a fee type whose rate is not published, and for what is no multiplier
 */
export function modelRate({ feeType, multiplier }: Pick<FeeSchedule, "feeType" | "multiplier">, role: FeeRole): bigint {
  const millionths = multiplierMillionths(multiplier);
  return millionths === 0 ? 0n : BigInt(feeRate(feeType, role)) * BigInt(millionths);
}

/** The same as a number for what need not be exact: 0.07 for a taker at a multiplier of 1. @throws KalshiError `BAD_ARGUMENT` */
export function modelFactor(terms: Pick<FeeSchedule, "feeType" | "multiplier">, role: FeeRole): number {
  return Number(modelRate(terms, role)) / 1e10;
}

/**
 * The factor k of the model, in ten-thousandths: 700 is 0.07.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a fee type whose rate is not published
 */
function feeRate(feeType: string, role: FeeRole): number {
  const rates = RATES[feeType];
  if (rates === undefined) {
    throw new KalshiError("BAD_ARGUMENT", `no rate is known for the fee type ${JSON.stringify(feeType)}`, {
      hint: `give one of ${Object.keys(RATES).join(", ")}, or use the fees that the exchange reports`,
      context: { feeType },
    });
  }
  return rates[role];
}

const RATES: Readonly<Record<string, Readonly<Record<FeeRole, number>>>> = {
  quadratic: { taker: 700, maker: 0 },
  quadratic_with_maker_fees: { taker: 700, maker: 175 },
  quadratic_with_combo_maker_fees: { taker: 700, maker: 350 },
};

const MICRO_DOLLAR = 100n;
const AMOUNT_OF_1E4 = 10_000n;
/** The model's product is in 1e-24 dollars, an amount in 1e-8. */
const MODEL_PER_AMOUNT = 10n ** 16n;

function multiplierMillionths(multiplier: number): number {
  const millionths = parseFixed(String(multiplier), 6);
  if (Number.isNaN(millionths) || millionths < 0) {
    throw new KalshiError("BAD_ARGUMENT", `not a fee multiplier: ${multiplier}`, {
      hint: "give the series' or event's fee_multiplier, such as 1 or 0.5",
      context: { multiplier },
    });
  }
  return millionths;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return quotient * by > value ? quotient - 1n : quotient;
}

function ceilDivide(value: bigint, by: bigint): bigint {
  return -floorDivide(-value, by);
}
