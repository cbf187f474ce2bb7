import type { ColumnTable } from "arquero";
import { makeTable } from "../../frames/table.js";
import { ExactSum, weightedMean } from "../../units/sum.js";
import type { Duration } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { contracts, dollars, mean, numbers, texts } from "./columns.js";
import { Held } from "./held.js";
import { isKnown, type QuoteLike, readUntil, sizedQuoteKind } from "./quote-rows.js";
import { measured, type Rows, type Streamed } from "./rows.js";
import type { SpreadOptions } from "./spread.js";

/**
 * What waited at the best prices by market, weighted by time over the time that both sides were there with their sizes.
 *
 * From quotes with `yes_bid_size` and `yes_ask_size`, as a table or as they come (`recording.quotes()`).
 *
 * Columns: `ticker`; `mean_bid_size`, `mean_ask_size` (contracts, rounded to a hundredth); `mean_imbalance`, of (bid size − ask size) /
 * (bid size + ask size), −1 to 1, positive where more is bid; `mean_microprice` ($), of (bid × ask size + ask × bid size) / (both sizes);
 * `mean_tilt` ($), of microprice − midpoint, the latter in half micro-dollars; `two_sided`, `observed`, `unknown` (seconds).
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`
 */
export function liquidityByMarket(quotes: ColumnTable, options?: SpreadOptions): ColumnTable;
export function liquidityByMarket(quotes: Streamed<QuoteLike>, options?: SpreadOptions): Promise<ColumnTable>;
export function liquidityByMarket(
  quotes: Rows<QuoteLike>,
  options: SpreadOptions = {},
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const until = readUntil(options.until);
  const held = new Held<QuoteLike, Weighed>(() => new Weighed(), weigh);
  return measured(quotes, sizedQuoteKind, {
    take: (row) => held.take(row),
    end: () => liquidityTable(held.end(until)),
  });
}

class Weighed {
  readonly bids = new ExactSum();
  readonly asks = new ExactSum();
  readonly microprices = new ExactSum();
  /** Of twice the midpoint. */
  readonly sums = new ExactSum();
  imbalance = 0;
  twoSided: Duration = 0;
  observed: Duration = 0;
  unknown: Duration = 0;
}

function weigh(state: Weighed, quote: QuoteLike, lasted: Duration): void {
  state.observed += lasted;
  if (!isKnown(quote)) state.unknown += lasted;
  const { yes_bid: bid, yes_ask: ask, yes_bid_size: bidSize = null, yes_ask_size: askSize = null } = quote;
  if (!isKnown(quote) || bid === null || ask === null || bidSize === null || askSize === null) return;
  if (bidSize + askSize === 0) return;
  state.twoSided += lasted;
  state.bids.addProduct(bidSize, lasted);
  state.asks.addProduct(askSize, lasted);
  state.microprices.addProduct(weightedMean(bid, askSize, ask, bidSize), lasted);
  state.sums.addProduct(bid + ask, lasted);
  state.imbalance += ((bidSize - askSize) / (bidSize + askSize)) * lasted;
}

function liquidityTable(markets: readonly { readonly ticker: string; readonly state: Weighed }[]): ColumnTable {
  const of = <T>(pick: (state: Weighed) => T): T[] => markets.map(({ state }) => pick(state));
  const meanOf = (pick: (state: Weighed) => ExactSum) =>
    of((state) => mean(pick(state).value(), BigInt(state.twoSided)));
  const seconds = (name: "twoSided" | "observed" | "unknown") => of((state) => state[name] / 1e6);
  return makeTable({
    ticker: texts(
      "ticker",
      "market",
      markets.map(({ ticker }) => ticker),
    ),
    mean_bid_size: contracts(
      "contracts at the best bid, weighted by time",
      meanOf(({ bids }) => bids),
    ),
    mean_ask_size: contracts(
      "contracts at the best ask, weighted by time",
      meanOf(({ asks }) => asks),
    ),
    mean_imbalance: numbers(
      "mean_imbalance",
      "(bid size − ask size) / (bid size + ask size), weighted by time",
      of(({ imbalance, twoSided }) => (twoSided === 0 ? null : imbalance / twoSided)),
    ),
    mean_microprice: dollars(
      "microprice, weighted by time, $",
      meanOf(({ microprices }) => microprices),
    ),
    mean_tilt: dollars(
      "microprice − midpoint, weighted by time, $",
      of(({ microprices, sums, twoSided }) => mean(2n * microprices.value() - sums.value(), 2n * BigInt(twoSided))),
    ),
    two_sided: numbers("two_sided", "seconds with a bid and an ask", seconds("twoSided")),
    observed: numbers("observed", "seconds observed", seconds("observed")),
    unknown: numbers("unknown", "seconds in which the book was not known", seconds("unknown")),
  });
}
