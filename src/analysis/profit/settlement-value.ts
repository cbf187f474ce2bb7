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
}

/**
 * How each market was settled, by ticker. The value of one YES contract is the market's own `settlement_value` where `markets` has it,
 * else $1 for `yes`, $0 for `no`, and for `scalar` the settlement's `value`, which the exchange gives in whole cents.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_RECORD` when two settlements of a market differ in value
 */
export function readSettlements(
  settlements: ColumnTable | Iterable<SettlementLike> | undefined,
  markets: readonly KnownMarket[] | null,
): Map<string, Settled> {
  const exact = new Map(markets?.map((market) => [market.ticker, market.settlement_value]));
  const settled = new Map<string, Settled>();
  const seen = new Set<string>();
  for (const record of settlements === undefined ? [] : recordsOf(settlements)) {
    const known = exact.get(record.ticker) ?? null;
    const scalar = record.market_result !== "yes" && record.market_result !== "no";
    const value = known ?? (scalar ? record.value : record.market_result === "yes" ? DOLLAR : 0);
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
    });
  }
  return settled;
}

const NEEDED = ["settled_time", "ticker", "market_result", "yes_count", "no_count"] as const;
const WHOLE = ["settled_time", "yes_count", "no_count", "value"] as const;

/** Settlements as records, whatever they are given as. @throws KalshiError `BAD_ARGUMENT`, `BAD_RECORD`, `COLUMN_MISSING`, `COLUMN_KIND` */
export function recordsOf(settlements: ColumnTable | Iterable<SettlementLike>): readonly SettlementLike[] {
  if (!isTable(settlements)) return recordsGiven("settlements", settlements, NEEDED, WHOLE);
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
  return ticker.map((name, row) => ({
    settled_time: time[row] ?? 0,
    ticker: name ?? "",
    market_result: result[row] ?? "",
    yes_count: yes[row] ?? 0,
    no_count: no[row] ?? 0,
    value: value[row] ?? null,
    event_ticker: event?.[row] ?? null,
    ...Object.fromEntries(others.map(([column, values]) => [column, values[row] ?? null])),
  }));
}

function twoValues(before: Settled, value: Price | null): KalshiError {
  return new KalshiError(
    "BAD_RECORD",
    `${before.ticker}: two settlements of different value, ${before.value} and ${value} µ$`,
    {
      hint: "a market is settled once; leave out the settlement that was withdrawn",
      context: { ticker: before.ticker, values: [before.value, value] },
    },
  );
}
