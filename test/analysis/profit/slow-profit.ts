import type { SettlementLike } from "../../../src/analysis/profit/settlement-value.js";
import type { FillLike } from "../../../src/analysis/read-fills.js";
import { add, type Fraction, fraction, minus, over, times } from "./fractions.js";

export interface SlowMarket {
  ticker: string;
  position: string;
  realized: Fraction;
  unrealized: Fraction;
  fees: Fraction;
  net: Fraction;
}

/**
 * Profit the slow way, told apart by market and account, in the words of a person at a desk: contracts are held one hundredth of a
 * contract at a time, each with the price it was opened at.
 */
export function slowProfit(
  fills: readonly FillLike[],
  settlements: readonly SettlementLike[],
  marks: Readonly<Record<string, string>>,
  method: "fifo" | "average",
): SlowMarket[] {
  const tickers = [...new Set(fills.map((fill) => fill.ticker))].sort();
  return tickers.map((ticker) => {
    let [realized, unrealized, fees] = [fraction(0n), fraction(0n), fraction(0n)];
    let position = 0n;
    const settled = settlements.find((one) => one.ticker === ticker);
    for (const account of new Set(fills.map((fill) => fill.subaccount_number ?? 0))) {
      const lots: { long: boolean; price: Fraction; count: Fraction }[] = [];
      const trade = (long: boolean, price: Fraction, contracts: Fraction) => {
        let left = contracts;
        while (left.over > 0n && lots.length > 0 && lots[0]!.long !== long) {
          const lot = lots[0]!;
          const all = minus(lot.count, left).over <= 0n;
          const taken = all ? lot.count : left;
          const gain = lot.long ? minus(price, lot.price) : minus(lot.price, price);
          realized = add(realized, times(gain, taken));
          left = minus(left, taken);
          if (all) lots.shift();
          else lots[0] = { ...lot, count: minus(lot.count, taken) };
        }
        if (left.over === 0n) return;
        if (method === "fifo" || lots.length === 0) {
          lots.push({ long, price, count: left });
          return;
        }
        const lot = lots[0]!;
        const count = add(lot.count, left);
        lots[0] = { long, count, price: over(add(times(lot.price, lot.count), times(price, left)), count) };
      };
      for (const fill of fills) {
        if (fill.ticker !== ticker || (fill.subaccount_number ?? 0) !== account) continue;
        trade(fill.outcome_side === "yes", dollars(fill.yes_price), fraction(BigInt(fill.count), 100n));
        fees = add(fees, dollars(fill.fee_cost));
      }
      const held = lots.reduce((sum, lot) => (lot.long ? add(sum, lot.count) : minus(sum, lot.count)), fraction(0n));
      if (settled !== undefined && held.over !== 0n) {
        trade(held.over < 0n, dollars(settled.value ?? 0), {
          over: held.over < 0n ? -held.over : held.over,
          under: held.under,
        });
      }
      const mark = dollars(Math.round(Number(marks[ticker]) * 1e6));
      for (const lot of lots) {
        const gain = lot.long ? minus(mark, lot.price) : minus(lot.price, mark);
        unrealized = add(unrealized, times(gain, lot.count));
        position += ((lot.long ? 100n : -100n) * lot.count.over) / lot.count.under;
      }
    }
    const digits = (position < 0n ? -position : position).toString().padStart(3, "0");
    return {
      ticker,
      position: `${position < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`,
      realized,
      unrealized,
      fees,
      net: minus(add(realized, unrealized), fees),
    };
  });
}

const dollars = (micros: number): Fraction => fraction(BigInt(micros), 1_000_000n);
