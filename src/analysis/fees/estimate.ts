import type { ColumnTable } from "arquero";
import type { Decimal } from "decimal.js";
import { KalshiError } from "../../errors.js";
import { decimalOf } from "../../frames/exact.js";
import { COUNT_DECIMALS, type Count, parseCount } from "../../units/count.js";
import { AMOUNT_DECIMALS, type Amount, notional } from "../../units/money.js";
import { DOLLAR, type Price, parsePrice } from "../../units/price.js";
import { levelRows, ofOneMoment } from "../book/level-rows.js";
import { objectGiven, oneOf, orderSide, termsGiven } from "../given.js";
import { tableGiven } from "../given-rows.js";
import type { FeeTerms } from "./calendar.js";
import { comboDoubt } from "./combo.js";
import { type FeeRole, type FeeRule, type FeeSchedule, feeRules, fillFee } from "./fee.js";
import { type Precision, priceOf } from "./fees-of.js";

/** An order that one thinks of. Money and counts are text, or numbers that are written as such. */
export interface OrderIdea {
  /** `bid` gets longer YES, `ask` longer NO. */
  readonly side: "bid" | "ask";
  /** YES price in dollars that it is to pay or get at worst: `"0.56"`. */
  readonly price: string | number;
  /** Contracts: `"10"`, `"2.50"`. */
  readonly count: string | number;
}

export interface EstimateOptions {
  /** Fee type and multiplier of the market now. */
  readonly terms: FeeTerms;
  /** The balance's smallest step: `0.0001` for direct members, `0.01`, the default, for everyone else. */
  readonly precision?: Precision | undefined;
  readonly rule?: FeeRule | undefined;
  /** The market's book, one row per level: what the order would meet. Without it all of it fills at its own price. */
  readonly book?: ColumnTable | undefined;
  /** Who it is where there is no book; default `taker`. */
  readonly role?: FeeRole | undefined;
}

/** What an order would cost. Money in dollars. */
export interface FeeEstimate {
  /** Contracts that fill at once, as taker. */
  readonly taken: Decimal;
  /** Contracts left to rest, as maker. */
  readonly resting: Decimal;
  /** Fee of what is taken: one fill a level. Null where it cannot be told. */
  readonly takerFee: Decimal | null;
  /** Fee of what rests, should all of it be filled at once. Null where it cannot be told. */
  readonly makerFee: Decimal | null;
  /** Both. Null where one of them is. */
  readonly fee: Decimal | null;
  /** Why a fee cannot be told, as of some fills of combos; null where all can. */
  readonly note: string | null;
  /** What the contracts cost without the fee, each side in its own price: (1 − price) a contract for an `ask`. */
  readonly cost: Decimal;
  /** The balance's smallest step that the fees were rounded to. */
  readonly precision: Precision;
}

const ROLES = ["taker", "maker"] as const;

/**
 * The fee of an order before it is placed, exact as far as the fills are the ones supposed: level by level through the book, then all of the
 * rest in one. More and smaller fills cost up to one step of the balance's precision more each, until the order's accumulator gives it back.
 *
 * Which role a combo's fill is charged by is not known before, nor is it told after: its fees are null unless `terms` say `isCombo: false`.
 *
 * @throws KalshiError `BAD_PRICE`, `BAD_COUNT`, `BAD_ARGUMENT` for a fee type without a published rate, for a side, role or rule that there is not, and for a book of several markets or moments, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_RECORD`
 * @see API: fees
 */
export function estimateFee(order: OrderIdea, options: EstimateOptions): FeeEstimate {
  objectGiven("order", order);
  objectGiven("options", options);
  const side = orderSide(order.side);
  const role = oneOf("role", options.role ?? "taker", ROLES);
  const rule = oneOf("fee rule", options.rule ?? "current", feeRules);
  const terms = termsGiven(options.terms);
  const precision = options.precision ?? "0.01";
  const price = readPrice(order.price);
  const count = readOrderCount(order.count);
  const levels = options.book === undefined ? null : opposite(options.book, side, price);
  const { fills, left } = levels === null ? alone(price, count, role) : walk(levels, price, count);
  const schedule: FeeSchedule = { ...terms, precision: priceOf(precision), rule };
  const fees: Record<FeeRole, Amount> = { taker: 0n, maker: 0n };
  let [carried, cost]: [Amount, Amount] = [0n, 0n];
  for (const fill of fills) {
    const fee = fillFee(schedule, { bookSide: side, ...fill }, carried);
    carried = fee.carried;
    fees[fill.role] += fee.net;
    cost += notional(side === "bid" ? fill.price : DOLLAR - fill.price, fill.count);
  }
  const doubts = doubtsOf(terms, fills);
  const of = (role: FeeRole) => (doubts[role] === null ? decimalOf(fees[role], AMOUNT_DECIMALS) : null);
  const [takerFee, makerFee] = [of("taker"), of("maker")];
  const contracts = (value: Count) => decimalOf(BigInt(value), COUNT_DECIMALS);
  return {
    taken: contracts(count - left),
    resting: contracts(left),
    takerFee,
    makerFee,
    fee: takerFee === null || makerFee === null ? null : takerFee.plus(makerFee),
    note: doubts.taker ?? doubts.maker,
    cost: decimalOf(cost, AMOUNT_DECIMALS),
    precision,
  };
}

/** Why the fee of what is filled in a role cannot be told. */
function doubtsOf(terms: FeeTerms, fills: readonly SupposedFill[]): Record<FeeRole, string | null> {
  const of = (role: FeeRole) =>
    fills.some((fill) => fill.role === role)
      ? comboDoubt(terms, { ticker: "", role, time: Number.POSITIVE_INFINITY })
      : null;
  return { taker: of("taker"), maker: of("maker") };
}

interface SupposedFill {
  readonly price: Price;
  readonly count: Count;
  readonly role: FeeRole;
}

interface Supposed {
  readonly fills: readonly SupposedFill[];
  /** What rests. */
  readonly left: Count;
}

function alone(price: Price, count: Count, role: FeeRole): Supposed {
  return { fills: [{ price, count, role }], left: role === "maker" ? count : 0 };
}

function walk(levels: readonly Omit<SupposedFill, "role">[], limit: Price, count: Count): Supposed {
  const fills: SupposedFill[] = [];
  let left = count;
  for (const level of levels) {
    if (left === 0) break;
    const taken = Math.min(left, level.count);
    fills.push({ price: level.price, count: taken, role: "taker" });
    left -= taken;
  }
  if (left > 0) fills.push({ price: limit, count: left, role: "maker" });
  return { fills, left };
}

/** Levels that an order would meet, the best for it first. */
function opposite(book: ColumnTable, side: "bid" | "ask", limit: Price): { price: Price; count: Count }[] {
  tableGiven("book", book, ["side", "yes_price", "count"]);
  const all = ofOneMoment(levelRows(book));
  const tickers = new Set(all.map(({ ticker }) => ticker));
  if (tickers.size > 1) throw severalMarkets([...tickers]);
  const met = side === "bid" ? "no" : "yes";
  const levels = all
    .filter((level) => level.side === met && (side === "bid" ? level.yesPrice <= limit : level.yesPrice >= limit))
    .map(({ yesPrice: price, count }) => ({ price, count }));
  return levels.sort((a, b) => (side === "bid" ? a.price - b.price : b.price - a.price));
}

function severalMarkets(tickers: readonly string[]): KalshiError {
  return new KalshiError(
    "BAD_ARGUMENT",
    `book: levels of ${tickers.length} markets, ${tickers.slice(0, 3).join(", ")}`,
    {
      hint: "give the book of the order's own market: book.filter((d) => d.ticker === …)",
      context: { tickers: tickers.slice(0, 10) },
    },
  );
}

function readPrice(text: string | number): Price {
  const price = parsePrice(String(text));
  if (price >= 0 && price <= DOLLAR) return price;
  throw new KalshiError("BAD_PRICE", `no price of a contract: $${text}`, {
    hint: 'prices are dollars from 0 to 1, of the YES side: "0.56" for 56 cents',
    context: { price: text },
  });
}

function readOrderCount(text: string | number): Count {
  const count = parseCount(String(text));
  if (count > 0) return count;
  throw new KalshiError("BAD_COUNT", `an order of ${text} contracts`, {
    hint: "give 0.01 contracts or more, in steps of 0.01",
    context: { count: text },
  });
}
