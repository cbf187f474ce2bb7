import { Decimal } from "decimal.js";
import { KalshiError } from "../../errors.js";
import { DOLLAR, PRICE_DECIMALS, type Price } from "../../units/price.js";
import type { KnownMarket } from "./markets.js";

/** A YES price in dollars: `"0.565"`, `0.565` or a `Decimal`. */
export type Mark = string | number | Decimal;

/** Marks by ticker; or by the markets given: between best bid and ask, or the last trade. */
export type Marks = Readonly<Record<string, Mark>> | ReadonlyMap<string, Mark> | "midpoint" | "last";

/**
 * Marks in micro-dollars; a midpoint between two of them is rounded up. A market with only one side has no midpoint, one that never traded no
 * last price.
 *
 * @throws KalshiError `BAD_PRICE` for what is no price from $0 to $1, or finer than a micro-dollar; `BAD_ARGUMENT` for other marks than these, and
 * for marks by markets where none are given
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
  if (typeof marks !== "object" || marks === null) throw noMarks(marks);
  const entries = marks instanceof Map ? marks : Object.entries(marks as Readonly<Record<string, Mark>>);
  for (const [ticker, mark] of entries as Iterable<[string, Mark]>) {
    const dollars = decimal(mark);
    if (dollars === null || dollars.isNaN() || dollars.lt(0) || dollars.gt(1)) throw badMark(ticker, mark);
    // Money has no finer step: a mark that has would be valued at another.
    if (dollars.decimalPlaces() > PRICE_DECIMALS) throw tooFine(ticker, mark);
    read.set(ticker, dollars.times(DOLLAR).toNumber());
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

function noMarks(marks: unknown): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `no marks: ${JSON.stringify(marks) ?? "nothing"}`, {
    hint: 'give "midpoint" or "last" with `markets`, or a price for each ticker: `marks: { "KXA-26OCT01": "0.56" }`',
    context: { marks },
  });
}

function tooFine(ticker: string, mark: Mark): KalshiError {
  return new KalshiError("BAD_PRICE", `mark of ${ticker}: ${String(mark)} is finer than a micro-dollar`, {
    hint: "money has six decimals: round the mark before, on purpose",
    context: { ticker, mark: String(mark) },
  });
}

function decimal(mark: Mark): Decimal | null {
  try {
    // A number that was computed may miss the one that is meant by its last digit.
    return typeof mark === "number" ? new Decimal(mark).toDecimalPlaces(12) : new Decimal(mark);
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
