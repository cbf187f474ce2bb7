import type { ColumnTable } from "arquero";
import type { Decimal } from "decimal.js";
import { KalshiError } from "../../errors.js";
import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { makeTable } from "../../frames/table.js";
import { type Count, parseCount } from "../../units/count.js";
import { amountToDecimal, countToDecimal } from "../../units/money.js";
import { complement, DOLLAR } from "../../units/price.js";
import { toMicros } from "../../units/sum.js";
import { levelRows, ofOneMoment } from "../book/level-rows.js";
import { levelColumns } from "../book/levels.js";
import type { FeeTerms } from "../fees/calendar.js";
import { type FeeRule, type FeeSchedule, feeRules } from "../fees/fee.js";
import { type Precision, priceOf } from "../fees/fees-of.js";
import { objectGiven, oneOf, termsGiven } from "../given.js";
import { tableGiven } from "../given-rows.js";
import { found } from "../profit/found.js";
import { type Bought, type Bundle, bestOf, type Leg } from "./bundle.js";
import { exclusiveEvents, isExclusive } from "./coherence.js";
import {
  areApart,
  areExhaustive,
  coverAll,
  isWithin,
  type StrikeEvent,
  type StrikeMarket,
  strikeEvents,
} from "./strikes.js";

/** Finer than any strike. */
const ANY_VALUE = 1e-6;

export interface ArbitrageOptions {
  /** Fee type and multiplier of the markets now. */
  readonly terms: FeeTerms;
  /** The balance's smallest step: `0.0001` for direct members, `0.01`, the default, for everyone else. */
  readonly precision?: Precision | undefined;
  readonly rule?: FeeRule | undefined;
  /** Contracts are bought in steps of this: `"1"`, the default, or as fine as `"0.01"`. */
  readonly contracts?: string | undefined;
  /** Table of events: its `mutually_exclusive` says so of those whose strikes do not. */
  readonly events?: ColumnTable | undefined;
  /**
   * How fine the values asked about are, such as 1 for whole degrees. Default: they may lie between any strikes, so that `greater 73` and
   * `less 73` leave 73, and `greater 73` and `less_or_equal 72` all between: nothing that needs a step is called certain without one.
   */
  readonly step?: number | undefined;
}

/** Contracts that pay more than they cost with their fees, whichever of the event's results comes. */
export interface Arbitrage {
  /** `yes of all`, of markets of which at least one pays; `no of all`, of which at most one does; `pair`, of two that cannot both lose. */
  readonly kind: Bundle["kind"];
  readonly event_ticker: string;
  /** Contracts of a leg; of `no of all` of the largest. */
  readonly contracts: Decimal;
  /** Money in dollars: what the contracts cost, their fees, what they pay at least, and what then is left. */
  readonly cost: Decimal;
  readonly fees: Decimal;
  readonly payout: Decimal;
  readonly profit: Decimal;
  /** `ticker`, `side` ("yes" | "no": what is bought), `count` (contracts), `cost`, `fee` ($), `worst_price` ($, of that side). */
  readonly legs: ColumnTable;
  /** False where too many numbers were nearly as good for all of them to be tried. */
  readonly isProven: boolean;
}

/**
 * What can be bought at once out of the books of an event's markets for less than it pays for certain, after fees and as deep as it goes: for each
 * way the number of contracts of greatest profit, exact. Most profit first; none where prices are coherent within fees.
 *
 * Looked for are YES of every market where at least one must pay, NO of every market where at most one can, and two contracts that cannot both
 * lose (by strikes). Ways may share levels of a book: their profits do not add up, and no mixture of them is looked for. Fees are the taker's: an order a leg, a fill a level; several makers at one level can cost up to a step of the
 * balance's precision more each. `levels`: `ticker`, `side`, `yes_price`, `count`, as `orderbook` gives them, of one moment; `markets`: their
 * strikes. An event that is voided, or settled between 0 and 1, pays otherwise: nothing is certain then. Neither is it before every order
 * is filled.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_COUNT`; `BAD_ARGUMENT` for a fee type without a published rate, and for books of
 * several moments; `BAD_RECORD` for a market or a level that is there twice
 */
export function arbitrages(levels: ColumnTable, markets: ColumnTable, options: ArbitrageOptions): Arbitrage[] {
  objectGiven("options", options);
  tableGiven("levels", levels, levelColumns);
  tableGiven("markets", markets, ["ticker", "event_ticker"]);
  const { precision = "0.01" } = options;
  const terms = termsGiven(options.terms);
  const rule = oneOf("fee rule", options.rule ?? "current", feeRules);
  const schedule: FeeSchedule = { ...terms, precision: priceOf(precision), rule };
  const step = readStep(options.contracts ?? "1");
  const books = booksOf(levels);
  const stated = exclusiveEvents(options.events);
  const found = strikeEvents(markets, options.step ?? ANY_VALUE).flatMap((event) =>
    bundlesOf(event, books, isExclusive(event, stated) === true).flatMap((bundle) => {
      const best = bestOf(bundle, schedule, step);
      return best === null ? [] : [{ event, bundle, ...best }];
    }),
  );
  return found
    .sort((a, b) => (a.bought.profit < b.bought.profit ? 1 : a.bought.profit > b.bought.profit ? -1 : 0))
    .map(({ event, bundle, bought, isProven }) => ({
      kind: bundle.kind,
      event_ticker: event.event,
      contracts: countToDecimal(bought.count),
      cost: amountToDecimal(bought.legs.reduce((sum, { cost }) => sum + cost, 0n)),
      fees: amountToDecimal(bought.legs.reduce((sum, { fee }) => sum + fee, 0n)),
      payout: amountToDecimal(bought.payout),
      profit: amountToDecimal(bought.profit),
      legs: legsTable(bought),
      isProven,
    }));
}

interface Sides {
  readonly yes: Leg;
  readonly no: Leg;
}

/** What can be bought of each market: YES from those who bid for NO, and the other way round. */
function booksOf(levels: ColumnTable): Map<string, Sides> {
  const books = new Map<string, { yes: Leg["levels"][number][]; no: Leg["levels"][number][] }>();
  for (const { ticker, side, yesPrice, count } of ofOneMoment(levelRows(levels))) {
    if (count === 0) continue;
    const book = found(books, ticker, () => ({ yes: [], no: [] }));
    if (side === "no") book.yes.push({ price: yesPrice, count });
    else book.no.push({ price: complement(yesPrice), count });
  }
  const leg = (name: string, which: "yes" | "no", list: Leg["levels"]): Leg => ({
    ...{ ticker: name, side: which },
    levels: [...list].sort((a, b) => a.price - b.price),
  });
  return new Map(
    [...books].map(([name, { yes, no }]) => [name, { yes: leg(name, "yes", yes), no: leg(name, "no", no) }]),
  );
}

function bundlesOf(event: StrikeEvent, books: ReadonlyMap<string, Sides>, exclusive: boolean): Bundle[] {
  const legs = (side: "yes" | "no") =>
    event.markets.flatMap(({ ticker }) => books.get(ticker)?.[side] ?? []).filter(({ levels }) => levels.length > 0);
  const bundles: Bundle[] = [];
  const [yes, no] = [legs("yes"), legs("no")];
  // Without a single one of them nothing is sure to pay.
  if (areExhaustive(event) === true && yes.length === event.markets.length) {
    bundles.push({ kind: "yes of all", legs: yes, size: "equal" });
  }
  if (exclusive && no.length > 1) bundles.push({ kind: "no of all", legs: no, size: "most" });
  for (const [at, one] of event.markets.entries()) {
    for (const other of event.markets.slice(at + 1)) {
      for (const pair of pairsOf(one, other, books, event, exclusive)) {
        // The cheapest contracts of both already cost what they pay.
        if (pair[0].levels[0]!.price + pair[1].levels[0]!.price < DOLLAR) {
          bundles.push({ kind: "pair", legs: pair, size: "equal" });
        }
      }
    }
  }
  return bundles;
}

/** Pairs of contracts of two markets of which one pays at every value. */
function pairsOf(
  a: StrikeMarket,
  b: StrikeMarket,
  books: ReadonlyMap<string, Sides>,
  { markets, step }: StrikeEvent,
  exclusive: boolean,
): (readonly [Leg, Leg])[] {
  const [ofA, ofB] = [books.get(a.ticker), books.get(b.ticker)];
  if (a.range === null || b.range === null || ofA === undefined || ofB === undefined) return [];
  const pairs: (readonly [Leg, Leg])[] = [];
  if (isWithin(a.range, b.range)) pairs.push([ofA.no, ofB.yes]);
  if (isWithin(b.range, a.range)) pairs.push([ofB.no, ofA.yes]);
  // Of exclusive markets NO of all is at least as good.
  if (!exclusive && areApart(a.range, b.range)) pairs.push([ofA.no, ofB.no]);
  // Two that are the whole event are YES of all.
  const isPart = markets.length > 2;
  if (isPart && coverAll([a.range, b.range], step)) pairs.push([ofA.yes, ofB.yes]);
  return pairs.filter(([x, y]) => x.levels.length > 0 && y.levels.length > 0);
}

function legsTable({ legs }: Bought): ColumnTable {
  const dollars = (about: string, values: readonly number[]) => rawColumn("dollars", about, values);
  return makeTable({
    ticker: columnFrom(
      "ticker",
      "text",
      "market",
      legs.map(({ leg }) => leg.ticker),
    ),
    side: columnFrom(
      "side",
      "text",
      "`yes` or `no`: what is bought",
      legs.map(({ leg }) => leg.side),
    ),
    count: rawColumn(
      "contracts",
      "contracts bought",
      legs.map(({ count }) => count),
    ),
    cost: dollars(
      "what they cost, rounded to a micro-dollar",
      legs.map(({ cost }) => toMicros(cost, 8)),
    ),
    fee: dollars(
      "the taker's fee",
      legs.map(({ fee }) => toMicros(fee, 8)),
    ),
    worst_price: dollars(
      "dearest level, in the side's own price: the limit of the order",
      legs.map(({ worst }) => worst),
    ),
  });
}

function readStep(text: string): Count {
  const step = parseCount(text);
  if (step > 0) return step;
  throw new KalshiError("BAD_COUNT", `contracts in steps of ${text}`, {
    hint: 'give "1" for whole contracts, or as fine as "0.01"',
    context: { contracts: text },
  });
}
