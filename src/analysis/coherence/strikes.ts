import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { numbersOf } from "../../frames/numbers.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { countsOf, pricesOf } from "../given-amounts.js";
import { found } from "../profit/found.js";
import { textsOf } from "../read-fills.js";

/** The values at which a market pays YES, both ends included, in steps of the values; infinite where it is open. */
export interface YesRange {
  readonly from: number;
  readonly to: number;
}

/** A market as its event is looked at. */
export interface StrikeMarket {
  readonly ticker: string;
  readonly event: string;
  /** Null where its strikes do not say. */
  readonly range: YesRange | null;
  /** Best prices in micro-dollars; null where there is none. */
  readonly bid: Price | null;
  readonly ask: Price | null;
  /** Row of the table. */
  readonly row: number;
}

/** The markets of a table by event, and the step of their values. */
export interface StrikeEvent {
  readonly event: string;
  readonly step: number;
  readonly markets: readonly StrikeMarket[];
}

/** Room for rounding, in steps. */
const NEAR = 1e-6;

/**
 * Reads markets by event. The values asked about are taken to have no more decimals than the strikes (whole degrees, cents), unless `step`
 * says how fine they are; 0 for values without a step.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_COUNT`; `BAD_RECORD` for a market that is there twice
 */
export function strikeEvents(markets: ColumnTable, step: number | undefined): StrikeEvent[] {
  const names = markets.columnNames();
  const texts = (name: string) => (names.includes(name) ? textsOf(markets, name) : []);
  const raws = (name: string, read: typeof pricesOf) => (names.includes(name) ? read(markets, name) : []);
  const [ticker, event, type] = [textsOf(markets, "ticker"), texts("event_ticker"), texts("strike_type")];
  const [floor, cap] = [numbersIfAny(markets, "floor_strike"), numbersIfAny(markets, "cap_strike")];
  const [bid, ask] = [raws("yes_bid", pricesOf), raws("yes_ask", pricesOf)];
  const [bidSize, askSize] = [raws("yes_bid_size", countsOf), raws("yes_ask_size", countsOf)];
  const rows = new Map<string, number[]>();
  const seen = new Set<string | null>();
  for (const [row, name] of ticker.entries()) {
    // Each would count as a market of its own, and make sure of what is not.
    if (seen.has(name)) throw twice(name, row);
    seen.add(name);
    found(rows, event[row] ?? "", () => []).push(row);
  }
  return [...rows].map(([key, own]) => {
    const strikes = own.flatMap((row) => [floor[row] ?? null, cap[row] ?? null]).filter((one) => one !== null);
    const unit = step ?? stepOf(strikes);
    const read = own.map((row) => ({
      ...{ ticker: ticker[row] ?? "", event: key, row },
      range: rangeOf(type[row] ?? null, floor[row] ?? null, cap[row] ?? null, unit),
      // By its size an empty side is told, and by its price where there is no size: 0 bid, 0 or $1 asked.
      bid: bidSize[row] === 0 || (bid[row] ?? 0) <= 0 ? null : bid[row]!,
      ask: askSize[row] === 0 || (ask[row] ?? 0) <= 0 || ask[row]! >= DOLLAR ? null : ask[row]!,
    }));
    return { event: key, step: unit, markets: read };
  });
}

/** Whether every value of one range is in the other. */
export function isWithin(a: YesRange, b: YesRange): boolean {
  return a.from >= b.from && a.to <= b.to;
}

/** Whether no value is in both. */
export function areApart(a: YesRange, b: YesRange): boolean {
  return a.to < b.from || b.to < a.from;
}

/** Whether at most one of the markets can pay YES; null where strikes do not say. */
export function areExclusive(markets: readonly StrikeMarket[]): boolean | null {
  const ranges = sorted(markets);
  if (ranges === null) return null;
  return ranges.every((range, at) => at === 0 || ranges[at - 1]!.to < range.from);
}

/** Whether at least one of the markets pays YES at any value; null where strikes do not say. */
export function areExhaustive({ markets, step }: StrikeEvent): boolean | null {
  const ranges = sorted(markets);
  return ranges === null || ranges.length === 0 ? null : coverAll(ranges, step);
}

/** Whether every value, in steps, is in one of the ranges. */
export function coverAll(ranges: readonly YesRange[], step: number): boolean {
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from > reached + step * (1 + NEAR)) return false;
    reached = Math.max(reached, to);
  }
  return reached === Number.POSITIVE_INFINITY;
}

function sorted(markets: readonly StrikeMarket[]): YesRange[] | null {
  const ranges = markets.flatMap(({ range }) => range ?? []);
  return ranges.length < markets.length ? null : ranges.sort((a, b) => a.from - b.from || a.to - b.to);
}

function rangeOf(type: string | null, floor: number | null, cap: number | null, step: number): YesRange | null {
  const open = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  if (type === "between") return floor === null || cap === null ? null : { from: floor, to: cap };
  if (type === "greater") return floor === null ? null : { ...open, from: floor + step };
  if (type === "greater_or_equal") return floor === null ? null : { ...open, from: floor };
  if (type === "less") return cap === null ? null : { ...open, to: cap - step };
  if (type === "less_or_equal") return cap === null ? null : { ...open, to: cap };
  return null;
}

function twice(ticker: string | null, row: number): KalshiError {
  return new KalshiError("BAD_RECORD", `markets: row ${row} has ${ticker ?? "a market without ticker"} again`, {
    hint: "give each market once, as it is now: markets of several moments one after another",
    context: { ticker, row },
  });
}

/** One unit of the last decimal that any of the numbers has. */
function stepOf(strikes: readonly number[]): number {
  const decimals = strikes.map((strike) => (/\.(\d+)$/.exec(String(strike))?.[1] ?? "").length);
  return 10 ** -Math.max(0, ...decimals);
}

/** Numbers of a column in the table's row order; none without the column. */
export function numbersIfAny(table: ColumnTable, name: string): (number | null)[] {
  return table.columnNames().includes(name) ? numbersOf(table, name) : [];
}
