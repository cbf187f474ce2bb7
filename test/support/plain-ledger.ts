import { Decimal } from "decimal.js";

// The money of an exchange, worked out slowly and plainly: every figure anew from a list of what happened. Written apart from the engine, so
// that a mistake in one does not hide one in the other. Dollars and contracts are Decimals; prices are of YES.

export type Side = "bid" | "ask";

/** Fees of a market at a time. */
export interface PlainFees {
  readonly type: string;
  readonly multiplier: number;
}

export interface PlainFill {
  readonly type: "fill";
  readonly market: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly count: Decimal;
  readonly fee: Decimal;
}

/** What happened to an account's money. */
export type Entry =
  | PlainFill
  | { readonly type: "paid"; readonly market: string; readonly value: Decimal; readonly step: Decimal }
  | { readonly type: "moved"; readonly dollars: Decimal };

export interface PlainPosition {
  count: Decimal;
  cost: Decimal;
  realized: Decimal;
  fees: Decimal;
  traded: Decimal;
}

/** Digits enough that nothing but a quotient is ever rounded, and that where it says so. */
const Exact = Decimal.clone({ precision: 60 });

export const ZERO: Decimal = new Exact(0);
const ONE = new Decimal(1);
/** Decimals that an average cost is kept in. */
const COST_DECIMALS = 20;

const TAKER = "0.07";
const MAKER: Readonly<Record<string, string>> = {
  quadratic: "0",
  quadratic_with_maker_fees: "0.0175",
  quadratic_with_combo_maker_fees: "0.035",
};

export function down(value: Decimal, step: Decimal): Decimal {
  return value.div(step).floor().times(step);
}

export function up(value: Decimal, step: Decimal): Decimal {
  return value.div(step).ceil().times(step);
}

/** What a contract of a side costs. */
export function own(side: Side, price: Decimal): Decimal {
  return side === "bid" ? price : ONE.minus(price);
}

/** The model's fee, up to a millionth of a dollar. */
export function modelFee(fees: PlainFees, role: "taker" | "maker", price: Decimal, count: Decimal): Decimal {
  const rate = new Decimal(role === "taker" ? TAKER : (MAKER[fees.type] ?? "0"));
  const exact = rate.times(fees.multiplier).times(count).times(price).times(ONE.minus(price));
  return up(exact, new Decimal("0.000001"));
}

/** Fee of a fill and what its rounding leaves for the order's next one, by the rule of autumn 2026. */
export function feeOf(
  fill: { readonly side: Side; readonly price: Decimal; readonly count: Decimal; readonly role: "taker" | "maker" },
  fees: PlainFees,
  step: Decimal,
  carried: Decimal,
): { readonly fee: Decimal; readonly carried: Decimal } {
  const trade = modelFee(fees, fill.role, fill.price, fill.count);
  const change = own(fill.side, fill.price).times(fill.count).negated().minus(trade);
  const rounding = change.minus(down(change, step));
  const sum = carried.plus(rounding);
  const charged = trade.plus(rounding);
  const whole = sum.greaterThan(step) ? down(sum, step) : ZERO;
  const rebate = Decimal.min(whole, down(charged, step));
  return { fee: charged.minus(rebate), carried: sum.minus(rebate) };
}

/** An account's positions by market, from the first fill on. */
export function positionsOf(entries: readonly Entry[]): Map<string, PlainPosition> {
  const positions = new Map<string, PlainPosition>();
  for (const entry of entries) {
    if (entry.type === "moved") continue;
    const position = positions.get(entry.market) ?? {
      count: ZERO,
      cost: ZERO,
      realized: ZERO,
      fees: ZERO,
      traded: ZERO,
    };
    positions.set(entry.market, position);
    if (entry.type === "fill") trade(position, entry);
    else pay(position, entry.value, entry.step);
  }
  return positions;
}

function trade(position: PlainPosition, { side, price, count, fee }: PlainFill): void {
  const sign = side === "bid" ? 1 : -1;
  const against = position.count.times(sign).isNegative() ? position.count.abs() : ZERO;
  const closing = Decimal.min(against, count);
  if (closing.greaterThan(0)) {
    const quotient = new Exact(position.cost).times(closing).div(position.count.abs());
    const share = quotient.toDecimalPlaces(COST_DECIMALS, Decimal.ROUND_HALF_UP);
    position.realized = position.realized.plus(ONE.minus(own(side, price)).times(closing)).minus(share);
    position.cost = position.cost.minus(share);
  }
  position.cost = position.cost.plus(own(side, price).times(count.minus(closing)));
  position.count = position.count.plus(count.times(sign));
  position.traded = position.traded.plus(own(side, price).times(count));
  position.fees = position.fees.plus(fee);
}

function worth(count: Decimal, value: Decimal): Decimal {
  return count.isNegative() ? count.abs().times(ONE.minus(value)) : count.times(value);
}

function pay(position: PlainPosition, value: Decimal, step: Decimal): void {
  const exact = worth(position.count, value);
  position.realized = position.realized.plus(exact).minus(position.cost);
  position.fees = position.fees.plus(exact.minus(down(exact, step)));
  position.count = ZERO;
  position.cost = ZERO;
}

/** An account's cash: YES bought and NO bought are paid for, what closes is sold, what is settled is paid in steps of the balance. */
export function cashOf(entries: readonly Entry[]): Decimal {
  let cash = ZERO;
  const held = new Map<string, Decimal>();
  for (const entry of entries) {
    if (entry.type === "moved") {
      cash = cash.plus(entry.dollars);
      continue;
    }
    const before = held.get(entry.market) ?? ZERO;
    if (entry.type === "paid") {
      cash = cash.plus(down(worth(before, entry.value), entry.step));
      held.set(entry.market, ZERO);
      continue;
    }
    const { side, price, count, fee } = entry;
    const after = side === "bid" ? before.plus(count) : before.minus(count);
    // A NO held is a YES owed with a dollar put down for each.
    const putDown = owed(after).minus(owed(before));
    const signed = side === "bid" ? price.times(count).negated() : price.times(count);
    cash = cash.plus(signed).minus(putDown).minus(fee);
    held.set(entry.market, after);
  }
  return cash;
}

function owed(count: Decimal): Decimal {
  return count.isNegative() ? count.abs() : ZERO;
}
