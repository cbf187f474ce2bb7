import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import type { Settlement } from "../../exchange/settlement.js";
import { rawOf } from "../../frames/exact.js";
import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { isTable, recordsGiven, tableGiven } from "../given-rows.js";
import { textsOf } from "../read-fills.js";
import type { KnownMarket } from "./markets.js";

/** What profit reads of a settlement. */
export type SettlementLike = Pick<
  Settlement,
  "settled_time" | "ticker" | "market_result" | "yes_count" | "no_count" | "value"
> &
  Partial<Pick<Settlement, (typeof toTellApart)[number] | "event_ticker">>;

/** A settlement has no id: what else of it shows that two rows are two. */
const toTellApart = ["subaccount_number", "yes_total_cost", "no_total_cost", "revenue", "fee_cost"] as const;

/** How one market was settled. */
export interface Settled {
  readonly ticker: string;
  readonly time: Timestamp;
  /** What one YES contract paid, in micro-dollars; null when the record does not say. */
  readonly value: Price | null;
  /** What the exchange says was held: YES minus NO. */
  readonly position: Count;
  /** True where a finer value may have been cut to whole cents. */
  readonly inCents: boolean;
  /** The result that the settlement names, where the market's own value, which is believed, says otherwise. */
  readonly against: "yes" | "no" | null;
}

/**
 * How each market was settled, by ticker. The value of one YES contract is the market's own `settlement_value` where `markets` has it,
 * else $1 for `yes`, $0 for `no`, and for `scalar` the settlement's `value`, which the exchange gives in whole cents.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_RECORD` when two settlements of a market differ in value, or two records of it
 */
export function readSettlements(
  settlements: ColumnTable | Iterable<SettlementLike> | undefined,
  markets: readonly KnownMarket[] | null,
): Map<string, Settled> {
  const exact = exactValues(markets ?? []);
  const settled = new Map<string, Settled>();
  const seen = new Set<string>();
  for (const record of settlements === undefined ? [] : recordsOf(settlements)) {
    const known = exact.get(record.ticker) ?? null;
    const scalar = record.market_result !== "yes" && record.market_result !== "no";
    const named = scalar ? record.value : record.market_result === "yes" ? DOLLAR : 0;
    const value = known ?? named;
    const before = settled.get(record.ticker);
    if (before !== undefined && before.value !== value) throw twoValues(before, value);
    // A row that says the same again is the same one, and one that says something else of that moment is another subaccount's.
    const { ticker, settled_time, yes_count, no_count } = record;
    const row = [ticker, settled_time, yes_count, no_count, ...toTellApart.map((name) => record[name])].join(" ");
    if (seen.has(row)) continue;
    seen.add(row);
    settled.set(record.ticker, {
      ticker: record.ticker,
      time: Math.max(record.settled_time, before?.time ?? Number.NEGATIVE_INFINITY),
      value,
      position: (before?.position ?? 0) + record.yes_count - record.no_count,
      inCents: known === null && scalar && value !== null,
      against: scalar || value === named ? null : (record.market_result as "yes" | "no"),
    });
  }
  return settled;
}

/** What a YES contract of each market paid, by the records that say so: one may be there twice, from before and after it was settled. */
function exactValues(markets: readonly KnownMarket[]): ReadonlyMap<string, Price> {
  const values = new Map<string, Price>();
  for (const { ticker, settlement_value: value } of markets) {
    if (value === null || value === undefined) continue;
    const before = values.get(ticker);
    if (before !== undefined && before !== value)
      throw twoValues({ ticker, value: before }, value, "records of the market");
    values.set(ticker, value);
  }
  return values;
}

const NEEDED = ["settled_time", "ticker", "market_result", "yes_count", "no_count"] as const;
const SHAPE = {
  whole: ["settled_time", "yes_count", "no_count", "value"],
  prices: ["value"],
  counts: ["yes_count", "no_count"],
  known: NEEDED,
} as const;

/** Settlements as records, whatever they are given as. @throws KalshiError `BAD_ARGUMENT`, `BAD_RECORD`, `COLUMN_MISSING`, `COLUMN_KIND` */
export function recordsOf(settlements: ColumnTable | Iterable<SettlementLike>): readonly SettlementLike[] {
  if (!isTable(settlements)) return recordsGiven("settlements", settlements, NEEDED, SHAPE);
  tableGiven("settlements", settlements, [...NEEDED, "value"]);
  const time = rawOf(settlements, "settled_time");
  const ticker = textsOf(settlements, "ticker");
  const result = textsOf(settlements, "market_result");
  const [yes, no, value] = [
    rawOf(settlements, "yes_count"),
    rawOf(settlements, "no_count"),
    rawOf(settlements, "value"),
  ];
  const names = new Set(settlements.columnNames());
  const event = names.has("event_ticker") ? textsOf(settlements, "event_ticker") : null;
  const others = toTellApart
    .filter((column) => names.has(column))
    .map((column) => [column, rawOf(settlements, column)] as const);
  const records = ticker.map((name, row) => ({
    settled_time: time[row] ?? null,
    ticker: name,
    market_result: result[row] ?? null,
    yes_count: yes[row] ?? null,
    no_count: no[row] ?? null,
    value: value[row] ?? null,
    event_ticker: event?.[row] ?? null,
    ...Object.fromEntries(others.map(([column, values]) => [column, values[row] ?? null])),
  }));
  // What a table lacks, a record lacks.
  return recordsGiven("settlements", records as readonly SettlementLike[], NEEDED, SHAPE);
}

function twoValues(before: Pick<Settled, "ticker" | "value">, value: Price | null, what = "settlements"): KalshiError {
  return new KalshiError(
    "BAD_RECORD",
    `${before.ticker}: two ${what} of different value, ${before.value} and ${value} µ$`,
    {
      hint: "a market is settled once; leave out the one that was withdrawn",
      context: { ticker: before.ticker, values: [before.value, value] },
    },
  );
}
