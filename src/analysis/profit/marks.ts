import { Decimal } from "decimal.js";
import { KalshiError } from "../../errors.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { KnownMarket } from "./markets.js";

/** A YES price in dollars: `"0.565"`, `0.565` or a `Decimal`. */
export type Mark = string | number | Decimal;

/** Marks by ticker; or by the markets given: between best bid and ask, or the last trade. */
export type Marks = Readonly<Record<string, Mark>> | ReadonlyMap<string, Mark> | "midpoint" | "last";

/**
 * Marks in micro-dollars, rounded half up to one. A market with only one side has no midpoint, one that never traded no last price.
 *
 * @throws KalshiError `BAD_PRICE` for what is no price from $0 to $1; `BAD_ARGUMENT` for marks by markets where none are given
 */
export function readMarks(marks: Marks | undefined, markets: readonly KnownMarket[] | null): Map<string, Price> {
  const read = new Map<string, Price>();
  if (marks === undefined) return read;
  if (marks === "midpoint" || marks === "last") {
    for (const market of markets ?? noMarkets(marks)) {
      const mark = marks === "last" ? lastOf(market) : midpointOf(market);
      if (mark !== null) read.set(market.ticker, mark);
    }
    return read;
  }
  const entries = marks instanceof Map ? marks : Object.entries(marks as Readonly<Record<string, Mark>>);
  for (const [ticker, mark] of entries as Iterable<[string, Mark]>) {
    const dollars = decimal(mark);
    if (dollars === null || dollars.isNaN() || dollars.lt(0) || dollars.gt(1)) throw badMark(ticker, mark);
    read.set(ticker, dollars.times(1_000_000).round().toNumber());
  }
  return read;
}

function lastOf({ last_price }: KnownMarket): Price | null {
  return last_price === undefined || last_price === 0 ? null : last_price;
}

/** On the wire no bid is a price of 0, and no ask one of $1. */
function midpointOf({ yes_bid, yes_ask }: KnownMarket): Price | null {
  const isTwoSided = (yes_bid ?? 0) > 0 && (yes_ask ?? DOLLAR) < DOLLAR;
  return isTwoSided ? Math.ceil((yes_bid! + yes_ask!) / 2) : null;
}

function noMarkets(marks: string): never {
  throw new KalshiError("BAD_ARGUMENT", `marks by ${marks}, and no markets are given`, {
    hint: "pass `markets`, such as `await lab.markets({ tickers })`, or a price for each ticker",
    context: { marks },
  });
}

function decimal(mark: Mark): Decimal | null {
  try {
    return new Decimal(mark);
  } catch {
    // The caller names the market, which Decimal's own error cannot.
    return null;
  }
}

function badMark(ticker: string, mark: Mark): KalshiError {
  return new KalshiError("BAD_PRICE", `mark of ${ticker}: not a YES price in dollars: ${String(mark)}`, {
    hint: 'give a price from 0 to 1, such as "0.56"; leave a market out to value its position at cost',
    context: { ticker, mark: String(mark) },
  });
}
