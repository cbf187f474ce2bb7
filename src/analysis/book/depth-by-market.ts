import type { ColumnTable } from "arquero";
import type { NearDepth } from "../../flow/near-depth.js";
import { rawOf } from "../../frames/exact.js";
import { makeTable } from "../../frames/table.js";
import { ExactSum } from "../../units/sum.js";
import type { Duration } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { isWhole, isWholeOrNull } from "../given-rows.js";
import { textsOf } from "../read-fills.js";
import { contracts, mean, numbers, texts } from "./columns.js";
import { Held } from "./held.js";
import { hasColumn, isKnown, readUntil, timedRows, trustOf } from "./quote-rows.js";
import { measured, type RowKind, type Rows, type Streamed } from "./rows.js";
import type { SpreadOptions } from "./spread.js";

/** What is read of the depth near the best prices. */
export type DepthLike = Pick<NearDepth, "time" | "ticker" | "bid_depth" | "ask_depth"> &
  Partial<Pick<NearDepth, "trust">>;

/**
 * Depth near the best prices by market, weighted by time over the time that the book was known, an empty side as 0.
 *
 * From what `recording.depth({ within })` or `nearDepth(cents)` gives, as a table (`time`, `ticker`, `bid_depth`, `ask_depth`, `trust`) or as
 * it comes.
 *
 * Columns: `ticker`; `mean_bid_depth`, `mean_ask_depth`, `min_bid_depth`, `min_ask_depth` (contracts); `mean_imbalance`, of
 * (bid − ask) / (bid + ask) over the time that the book was not empty; `known`, `observed`, `unknown` (seconds).
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`
 */
export function depthByMarket(depths: ColumnTable, options?: SpreadOptions): ColumnTable;
export function depthByMarket(depths: Streamed<DepthLike>, options?: SpreadOptions): Promise<ColumnTable>;
export function depthByMarket(
  depths: Rows<DepthLike>,
  options: SpreadOptions = {},
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const until = readUntil(options.until);
  const held = new Held<DepthLike, Weighed>(() => new Weighed(), weigh);
  return measured(depths, depthKind, { take: (row) => held.take(row), end: () => depthTable(held.end(until)) });
}

const FIELDS = ["time", "ticker", "bid_depth", "ask_depth"] as const;
const depthKind: RowKind<DepthLike> = {
  name: "depths",
  columns: FIELDS,
  fields: FIELDS,
  whole: ["time", "bid_depth", "ask_depth"],
  known: ["time", "ticker"],
  isPlain: (depth) =>
    typeof depth.ticker === "string" &&
    isWhole(depth.time) &&
    isWholeOrNull(depth.bid_depth) &&
    isWholeOrNull(depth.ask_depth),
  read: depthRows,
};

function depthRows(table: ColumnTable): DepthLike[] {
  const ticker = textsOf(table, "ticker");
  const trust = hasColumn(table, "trust") ? textsOf(table, "trust") : null;
  const [bid, ask] = [rawOf(table, "bid_depth"), rawOf(table, "ask_depth")];
  return timedRows(table, "time").map(({ row, time }) => ({
    ...{ time, ticker: ticker[row] ?? "", trust: trustOf(trust?.[row]) },
    ...{ bid_depth: bid[row] ?? null, ask_depth: ask[row] ?? null },
  }));
}

class Weighed {
  readonly bids = new ExactSum();
  readonly asks = new ExactSum();
  minBid: number | null = null;
  minAsk: number | null = null;
  imbalance = 0;
  filled: Duration = 0;
  known: Duration = 0;
  observed: Duration = 0;
}

function weigh(state: Weighed, depth: DepthLike, lasted: Duration): void {
  const { bid_depth: bid, ask_depth: ask } = depth;
  state.observed += lasted;
  if (!isKnown(depth) || bid === null || ask === null) return;
  state.known += lasted;
  state.minBid = Math.min(state.minBid ?? bid, bid);
  state.minAsk = Math.min(state.minAsk ?? ask, ask);
  state.bids.addProduct(bid, lasted);
  state.asks.addProduct(ask, lasted);
  if (bid + ask === 0) return;
  state.filled += lasted;
  state.imbalance += ((bid - ask) / (bid + ask)) * lasted;
}

function depthTable(markets: readonly { readonly ticker: string; readonly state: Weighed }[]): ColumnTable {
  const of = <T>(pick: (state: Weighed) => T): T[] => markets.map(({ state }) => pick(state));
  return makeTable({
    ticker: texts(
      "ticker",
      "market",
      markets.map(({ ticker }) => ticker),
    ),
    mean_bid_depth: contracts(
      "contracts bid near the best bid, weighted by time",
      of(({ bids, known }) => mean(bids.value(), BigInt(known))),
    ),
    mean_ask_depth: contracts(
      "contracts asked near the best ask, weighted by time",
      of(({ asks, known }) => mean(asks.value(), BigInt(known))),
    ),
    min_bid_depth: contracts(
      "fewest contracts bid near the best bid",
      of(({ minBid }) => minBid),
    ),
    min_ask_depth: contracts(
      "fewest contracts asked near the best ask",
      of(({ minAsk }) => minAsk),
    ),
    mean_imbalance: numbers(
      "mean_imbalance",
      "(bid − ask) / (bid + ask) of the depths, weighted by time",
      of(({ imbalance, filled }) => (filled === 0 ? null : imbalance / filled)),
    ),
    known: numbers(
      "known",
      "seconds in which the book was known",
      of(({ known }) => known / 1e6),
    ),
    observed: numbers(
      "observed",
      "seconds observed",
      of(({ observed }) => observed / 1e6),
    ),
    unknown: numbers(
      "unknown",
      "seconds in which the book was not known",
      of(({ observed, known }) => (observed - known) / 1e6),
    ),
  });
}
