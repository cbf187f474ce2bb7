import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { makeTable } from "../../frames/table.js";
import { type Count, parseCount } from "../../units/count.js";
import { AMOUNT_DECIMALS, type Amount, notional } from "../../units/money.js";
import { complement, DOLLAR, type Price } from "../../units/price.js";
import { divide, toMicros } from "../../units/sum.js";
import { type FeeTerms, ruleAt, type TermsAt } from "../fees/calendar.js";
import { comboDoubt } from "../fees/combo.js";
import { type FeeRule, type FeeSchedule, feeRules, fillFee } from "../fees/fee.js";
import { type Precision, priceOf } from "../fees/fees-of.js";
import { objectGiven, oneOf, orderSide, termsGiven } from "../given.js";
import { contracts, dollars, texts, times } from "./columns.js";
import { bookKind, type Levels, type SnapshotLike } from "./levels.js";
import { measured, type Rows, type Streamed } from "./rows.js";

export interface CostToTradeOptions {
  /** `bid` gets longer YES and takes the asks, `ask` longer NO and takes the YES bids. */
  readonly side: "bid" | "ask";
  /** Contracts: `"10"`, `"2.50"`; several give a row each, which is the curve of cost by size. */
  readonly count: string | number | readonly (string | number)[];
  /** Fee type and multiplier of all books, or what knows those of each market and moment: a `FeeCalendar`. */
  readonly terms: FeeTerms | TermsAt;
  /** The balance's smallest step: `0.0001` for direct members, `0.01`, the default, for everyone else. */
  readonly precision?: Precision | undefined;
  /** The rounding of fees; by the time of each book unless given, and the current one of a book without. */
  readonly rule?: FeeRule | undefined;
}

/**
 * What it costs to trade so many contracts at once against a book: level by level from the best, one fill a level, with the fee as taker.
 *
 * From levels (`ticker`, `side`, `yes_price`, `count`, with or without `time` and `trust`), such as of `bookTable(book)` or
 * `recording.bookSnapshots(…)`; books of a recording are read as they come, of which only the answers stay in memory.
 *
 * Columns: `time` (null where the levels have none); `ticker`; `trust`; `side`; `count`, contracts asked for; `filled`, what the book has of
 * them, and `missing`, what it has not (contracts); `best_price`, `worst_price` (YES $) and `average_price` (YES $, weighted by contracts,
 * rounded to a micro-dollar) of what is filled; `cost` ($), without the fee, in the price of the side one gets: YES for a `bid`, 1 − YES for an
 * `ask`; `fee` ($; null for a combo, whose roles may be swapped for it, unless `terms` say `isCombo: false`); `total` = cost + fee ($);
 * `slippage`, how much worse than at the best price all of it is, without the fee ($). Money is exact for prices in steps of $0.0001. A book
 * that is not known has nulls; one without a row in the table of levels has none here. In order of the books, then of the counts.
 *
 * @throws KalshiError `BAD_COUNT`, `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `FEES_UNKNOWN`
 * @see API: fees
 */
export function costToTrade(levels: ColumnTable, options: CostToTradeOptions): ColumnTable;
export function costToTrade(levels: Streamed<SnapshotLike>, options: CostToTradeOptions): Promise<ColumnTable>;
export function costToTrade(
  levels: Rows<SnapshotLike>,
  options: CostToTradeOptions,
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const counts = readCounts(options.count);
  const side = orderSide(options.side);
  const feesAt = scheduleOf(options);
  const rows: Row[] = [];
  return measured<Levels>(levels, bookKind, {
    take(book) {
      const met = metBy(side, book);
      for (const count of counts) {
        const cost = met === null ? null : walk(met, side, count, feesAt(book));
        rows.push({ time: book.time, ticker: book.ticker, trust: book.trust, count, cost });
      }
    },
    end: () => costTable(rows, side),
  });
}

interface Row {
  readonly time: number | null;
  readonly ticker: string;
  readonly trust: string;
  readonly count: Count;
  readonly cost: Cost | null;
}

interface Cost {
  readonly filled: Count;
  readonly best: Price | null;
  readonly worst: Price | null;
  /** Price of YES times contracts. */
  readonly value: Amount;
  /** Null where the role does not tell it, as of a combo. */
  readonly fee: Amount | null;
}

interface Met {
  readonly price: Price;
  readonly count: Count;
}

/** Levels that an order meets in YES prices, the best for it first; null where the book is not known. */
function metBy(side: "bid" | "ask", { trust, yes, no }: Levels): Met[] | null {
  if (trust !== "ok" || yes === null || no === null) return null;
  return side === "ask"
    ? [...yes].sort((a, b) => b.price - a.price)
    : no.map(({ price, count }) => ({ price: complement(price), count })).sort((a, b) => a.price - b.price);
}

function walk(levels: readonly Met[], side: "bid" | "ask", count: Count, { schedule, isTold }: Fees): Cost {
  let [left, carried, value, fee, worst]: [Count, Amount, Amount, Amount, Price | null] = [count, 0n, 0n, 0n, null];
  for (const level of levels) {
    if (left === 0) break;
    const taken = Math.min(left, level.count);
    const charged = fillFee(schedule, { bookSide: side, price: level.price, count: taken, role: "taker" }, carried);
    carried = charged.carried;
    fee += charged.net;
    value += notional(level.price, taken);
    worst = level.price;
    left -= taken;
  }
  return {
    filled: count - left,
    best: worst === null ? null : levels[0]!.price,
    worst,
    value,
    fee: isTold || value === 0n ? fee : null,
  };
}

interface Fees {
  readonly schedule: FeeSchedule;
  /** Whether the fee follows from being the taker. */
  readonly isTold: boolean;
}

function scheduleOf({ terms: given, precision = "0.01", rule: named }: CostToTradeOptions) {
  const terms = termsGiven(given);
  const rule = named === undefined ? null : oneOf("fee rule", named, feeRules);
  const fees = (own: FeeTerms, ticker: string, time: number | null): Fees => ({
    schedule: { ...own, precision: priceOf(precision), rule: rule ?? (time === null ? "current" : ruleAt(time)) },
    isTold: comboDoubt(own, { ticker, role: "taker", time: time ?? Number.POSITIVE_INFINITY }) === null,
  });
  return ({ ticker, time }: Levels): Fees => {
    if (!("termsAt" in terms)) return fees(terms, ticker, time);
    if (time !== null) return fees(terms.termsAt(ticker, time), ticker, time);
    throw new KalshiError("BAD_ARGUMENT", `${ticker}: the book does not say when it was, so its fees are not known`, {
      hint: "give the terms themselves: `terms: calendar.termsAt(ticker, time)`",
      context: { ticker },
    });
  };
}

function readCounts(given: CostToTradeOptions["count"]): Count[] {
  const list = typeof given === "object" ? given : [given];
  const counts = list.map((one) => parseCount(String(one)));
  const bad = list.find((_, at) => !(counts[at]! > 0));
  if (list.length > 0 && bad === undefined) return counts;
  throw new KalshiError("BAD_COUNT", `cost to trade ${bad ?? "no"} contracts`, {
    hint: "give 0.01 contracts or more, in steps of 0.01",
    context: { count: bad ?? null },
  });
}

/** What is paid without the fee: for NO the dollar that both sides make, less the price of YES. */
function paid(side: "bid" | "ask", value: Amount, filled: Count): Amount {
  return side === "bid" ? value : notional(DOLLAR, filled) - value;
}

function costTable(rows: readonly Row[], side: "bid" | "ask"): ColumnTable {
  const of = <T>(pick: (row: Row) => T): T[] => rows.map(pick);
  const filled = (pick: (cost: Cost) => number | null) => rows.map(({ cost }) => (cost === null ? null : pick(cost)));
  const money = (pick: (cost: Cost) => Amount | null) =>
    filled((cost) => {
      const amount = pick(cost);
      return amount === null ? null : toMicros(amount, AMOUNT_DECIMALS);
    });
  const sign = side === "bid" ? 1n : -1n;
  return makeTable({
    time: times(
      "moment of the book",
      of(({ time }) => time),
    ),
    ticker: texts(
      "ticker",
      "market",
      of(({ ticker }) => ticker),
    ),
    trust: texts(
      "trust",
      "`ok`, or why the book is not known",
      of(({ trust }) => trust),
    ),
    side: texts(
      "side",
      "`bid` gets longer YES, `ask` longer NO",
      of(() => side),
    ),
    count: contracts(
      "contracts asked for",
      of(({ count }) => count),
    ),
    filled: contracts(
      "contracts that the book has of them",
      filled((cost) => cost.filled),
    ),
    missing: contracts(
      "contracts that the book has not",
      of(({ count, cost }) => (cost === null ? null : count - cost.filled)),
    ),
    best_price: dollars(
      "best price met, YES $",
      filled(({ best }) => best),
    ),
    worst_price: dollars(
      "worst price met, YES $",
      filled(({ worst }) => worst),
    ),
    average_price: dollars(
      "price weighted by contracts, YES $",
      filled((cost) => (cost.filled === 0 ? null : Number(divide(cost.value, BigInt(cost.filled))))),
    ),
    cost: dollars(
      "what the contracts cost without the fee, $",
      money((cost) => paid(side, cost.value, cost.filled)),
    ),
    fee: dollars(
      "fee as taker, $",
      money(({ fee }) => fee),
    ),
    total: dollars(
      "cost and fee, $",
      money((cost) => (cost.fee === null ? null : paid(side, cost.value, cost.filled) + cost.fee)),
    ),
    slippage: dollars(
      "cost beyond that at the best price, $",
      money((cost) => sign * (cost.value - notional(cost.best ?? 0, cost.filled))),
    ),
  });
}
