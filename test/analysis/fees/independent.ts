import { Decimal } from "decimal.js";

const Exact = Decimal.clone({ precision: 60 });

/** A fee worked out once more in decimals, the way the exchange's text says it. Money and counts are text. */
export interface Charged {
  readonly fee: Decimal;
  readonly carried: Decimal;
}

export interface ToCharge {
  readonly rate: string;
  readonly multiplier: string;
  readonly precision: string;
  readonly isOld: boolean;
  readonly isBid: boolean;
  readonly price: string;
  readonly count: string;
  readonly carried: Decimal;
}

/** Model fee up, balance down, what that cost collected, whole steps of it given back as far as the fee bears it. */
export function charge(one: ToCharge): Charged {
  const [price, count] = [new Exact(one.price), new Exact(one.count)];
  const model = new Exact(one.rate).times(one.multiplier).times(count).times(price).times(new Exact(1).minus(price));
  const trade = upTo(model, one.isOld ? "0.0001" : "0.000001");
  // What opens: a bid pays the price, an ask the rest of the dollar.
  const revenue = one.isBid ? price.times(count).neg() : new Exact(1).minus(price).times(count).neg();
  const change = downTo(revenue.minus(trade), one.precision);
  const paid = revenue.minus(change);
  const collected = one.carried.plus(paid.minus(trade));
  const step = new Exact(one.isOld ? "0.01" : one.precision);
  let back = new Exact(0);
  while (collected.gt(step) && collected.minus(back).gte(step) && paid.minus(back).gte(step)) back = back.plus(step);
  return { fee: paid.minus(back), carried: collected.minus(back) };
}

function upTo(value: Decimal, step: string): Decimal {
  return value.div(step).ceil().times(step);
}

function downTo(value: Decimal, step: string): Decimal {
  return value.div(step).floor().times(step);
}
