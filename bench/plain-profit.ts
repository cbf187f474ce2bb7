import { Decimal as Plain } from "decimal.js";

/** Fills as plain columns of integers, so that a million of them are nobody's garbage. */
export interface Made {
  readonly ticker: readonly string[];
  /** Micro-dollars, hundredths of contracts, micro-dollars. */
  readonly price: Float64Array;
  readonly count: Float64Array;
  readonly fee: Float64Array;
  readonly isLong: Uint8Array;
}

/** A market as a careful user of `decimal.js` keeps it; dollars and contracts. */
export interface PlainMarket {
  readonly lots: PlainLot[];
  /** What is held has cost. */
  cost: Decimal;
  held: Decimal;
  realized: Decimal;
  fees: Decimal;
}

interface PlainLot {
  readonly price: Decimal;
  count: Decimal;
  readonly isLong: boolean;
}

/** Is told of each closed lot. */
export type OnLot = (ticker: string, count: Decimal, cost: Decimal, realized: Decimal) => void;

/** Twenty digits, those of the plain one, are not enough for an average of twenty decimals. */
export const Decimal = Plain.clone({ precision: 50 });
export type Decimal = Plain;

/** Profit by market in plain `decimal.js`: a list of lots for each, oldest first; on average, they cost what all of them did. */
export function plainProfit(fills: Made, method: "fifo" | "average", onLot?: OnLot): Map<string, PlainMarket> {
  const markets = new Map<string, PlainMarket>();
  for (const [row, ticker] of fills.ticker.entries()) {
    const market = markets.get(ticker) ?? noMarket();
    markets.set(ticker, market);
    const price = new Decimal(fills.price[row]!).div(1_000_000);
    const isLong = fills.isLong[row] === 1;
    const own = isLong ? price : new Decimal(1).minus(price);
    market.fees = market.fees.plus(new Decimal(fills.fee[row]!).div(1_000_000));
    let left = new Decimal(fills.count[row]!).div(100);
    const closing = market.lots[0]?.isLong === !isLong ? Decimal.min(left, market.held) : new Decimal(0);
    const released = method === "fifo" || closing.isZero() ? null : part(market.cost, closing, market.held);
    let [done, dealt] = [new Decimal(0), new Decimal(0)];
    while (done.lt(closing)) {
      const lot = market.lots[0]!;
      const taken = Decimal.min(left, lot.count);
      done = done.plus(taken);
      const cost = released === null ? lot.price.times(taken) : part(released, done, closing).minus(dealt);
      dealt = dealt.plus(cost);
      const realized = new Decimal(1).minus(own).times(taken).minus(cost);
      market.cost = market.cost.minus(cost);
      market.held = market.held.minus(taken);
      market.realized = market.realized.plus(realized);
      onLot?.(ticker, taken, cost, realized);
      lot.count = lot.count.minus(taken);
      left = left.minus(taken);
      if (lot.count.isZero()) market.lots.shift();
    }
    if (left.isZero()) continue;
    market.lots.push({ price: own, count: left, isLong });
    market.cost = market.cost.plus(own.times(left));
    market.held = market.held.plus(left);
  }
  return markets;
}

/** The part of a cost that falls on some of the contracts it was paid for: a quotient, to twenty decimals. */
function part(cost: Decimal, some: Decimal, all: Decimal): Decimal {
  return cost.times(some).div(all).toDecimalPlaces(20);
}

/** Realized, and what is held at a YES price less what it cost, less fees. */
export function netAt(mark: string, { lots, held, cost, realized, fees }: PlainMarket): Decimal {
  const price = lots[0]?.isLong === false ? new Decimal(1).minus(mark) : new Decimal(mark);
  return realized.plus(held.times(price)).minus(cost).minus(fees);
}

function noMarket(): PlainMarket {
  const [cost, held, realized, fees] = [new Decimal(0), new Decimal(0), new Decimal(0), new Decimal(0)];
  return { lots: [], cost, held, realized, fees };
}
