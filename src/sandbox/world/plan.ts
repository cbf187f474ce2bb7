import { DOLLAR, formatPrice } from "../../units/price.js";
import { DAY, type Duration, formatTime, HOUR, SECOND, type Timestamp } from "../../units/time.js";
import type { EventRecord, JsonObject, MarketRecord, Outcome, SeriesRecord } from "../types.js";
import { BusyHours } from "./past/busy-hours.js";
import { MarketFigures } from "./past/figures.js";
import { EstimatePath } from "./past/path.js";
import { type GridLabel, grids, priceRanges } from "./price-structures.js";
import { Random } from "./random.js";

/** One market of a planned event: YES when the final value lies in (low, high]. */
export interface StrikePlan {
  /** What follows the event's ticker and a dash. */
  readonly suffix: string;
  readonly label: string;
  readonly low: number;
  readonly high: number;
  /** Strike fields as sent. */
  readonly wire: JsonObject;
  readonly grid: GridLabel;
}

/** An event before it exists: its times, the value it is about, and its markets. */
export interface EventPlan {
  readonly ticker: string;
  readonly title: string;
  readonly subTitle: string;
  readonly question: (label: string) => string;
  readonly exclusive: boolean;
  /** What may end trading before the close. */
  readonly earlyClose?: string | undefined;
  /** `strike_date` or `strike_period`. */
  readonly strike: JsonObject;
  readonly createdTime: Timestamp;
  readonly openTime: Timestamp;
  readonly closeTime: Timestamp;
  /** From here on the final value is known to the public; at the latest the close. */
  readonly knownTime: Timestamp;
  readonly determinedAfter: Duration;
  readonly settledAfter: Duration;
  readonly final: number;
  /** The final value as the exchange writes it. */
  readonly observed: string;
  /** What the value is thought to be at the opening, and the standard error of that. */
  readonly initial: number;
  readonly spread: number;
  readonly strikes: readonly StrikePlan[];
  /** Sweeps of takers that a market of middling interest sees in its life, and how far interest in markets differs (log-normal). */
  readonly bursts: number;
  readonly uneven?: number | undefined;
  /** Share of its markets that nobody ever trades; few when absent. */
  readonly ignored?: number | undefined;
  /** Share of trades that are not of whole contracts. */
  readonly fractional: number;
  /** Trading by hour UTC, 1 at its busiest; even when absent. */
  readonly hours?: readonly number[] | undefined;
  /** Trading from a moment on is so many times as busy, as while a game is played. */
  readonly rush?: { readonly from: Timestamp; readonly times: number } | undefined;
  /** The event was called off: every market pays this share instead of its outcome. */
  readonly voidedAt?: readonly number[] | undefined;
}

/** A series and the events it brings forth. */
export interface SeriesPlan {
  readonly record: SeriesRecord;
  /** How far the series reaches back from the start of a world. */
  readonly reach: Duration;
  /** Events created in [from, to), oldest first. The same answer whenever it is asked. */
  events(from: Timestamp, to: Timestamp): readonly EventPlan[];
}

/** A planned event with its markets as records, and the path that their prices follow. */
export interface BuiltEvent {
  readonly plan: EventPlan;
  readonly event: EventRecord;
  readonly markets: readonly MarketRecord[];
  readonly path: EstimatePath;
  readonly hours: BusyHours;
  readonly random: Random;
}

/** Makes the records of a planned event. Markets that close after `liveFrom` get a book. */
export function buildEvent(seed: string, series: SeriesRecord, plan: EventPlan, liveFrom: Timestamp): BuiltEvent {
  const random = new Random(`${seed}/${plan.ticker}`);
  const path = new EstimatePath(random.stream("path"), plan);
  const markets = plan.strikes.map((_, index) => buildMarket(series, plan, index, random, liveFrom));
  return { plan, event: eventRecord(series, plan), markets, path, hours: new BusyHours(plan), random };
}

function eventRecord(series: SeriesRecord, plan: EventPlan): EventRecord {
  return {
    ticker: plan.ticker,
    seriesTicker: series.ticker,
    wire: {
      category: series.category,
      collateral_return_type: plan.exclusive ? "MECNET" : "",
      event_ticker: plan.ticker,
      exchange_index: 0,
      last_updated_ts: formatTime(plan.createdTime),
      mutually_exclusive: plan.exclusive,
      series_ticker: series.ticker,
      settlement_sources: series.wire.settlement_sources ?? null,
      sub_title: plan.subTitle,
      title: plan.title,
      ...plan.strike,
    },
  };
}

function buildMarket(
  series: SeriesRecord,
  plan: EventPlan,
  index: number,
  random: Random,
  liveFrom: Timestamp,
): MarketRecord {
  const strike = plan.strikes[index] as StrikePlan;
  const ticker = `${plan.ticker}-${strike.suffix}`;
  const own = random.stream(strike.suffix);
  // Markets are created some microseconds apart, as a batch job of the exchange does it.
  const createdTime = plan.createdTime + index * 1_200 + own.integer(0, 1_000);
  const determinedTime = plan.closeTime + plan.determinedAfter + own.integer(0, SECOND / 10);
  return {
    ticker,
    eventTicker: plan.ticker,
    seriesTicker: series.ticker,
    marketId: own.uuid(),
    createdTime,
    openTime: plan.openTime,
    closeTime: plan.closeTime,
    determinedTime,
    settledTime: determinedTime + plan.settledAfter + own.integer(0, SECOND / 10),
    outcome: outcomeOf(plan, strike, plan.voidedAt?.[index]),
    grid: grids[strike.grid],
    live: plan.closeTime > liveFrom,
    stats: new MarketFigures(),
    wire: marketFields(plan, strike, ticker, createdTime),
  };
}

function outcomeOf(plan: EventPlan, strike: StrikePlan, voided: number | undefined): Outcome {
  if (voided !== undefined) return { result: "scalar", value: Math.round(voided * DOLLAR), observed: "" };
  const isYes = plan.final > strike.low && plan.final <= strike.high;
  return { result: isYes ? "yes" : "no", value: isYes ? DOLLAR : 0, observed: plan.observed };
}

const SMALL_PRINT = [
  "This market belongs to a generated world. It pays nothing and promises nothing.",
  "What counts is the value as its source first publishes it; later corrections and revisions are not taken into account.",
  "Where the source is late, the market stays closed until it speaks, at the latest until the expiration date, and settles then by what is",
  "known. Values are compared as published, without rounding of our own; a value that lies on a bound of two markets belongs to the one whose",
  "text names it. Should the underlying never come about, every market of the event is settled at the price that was fair before that became known.",
].join(" ");

function marketFields(plan: EventPlan, strike: StrikePlan, ticker: string, createdTime: Timestamp): JsonObject {
  const expected = plan.closeTime + plan.determinedAfter + plan.settledAfter;
  const latest = formatTime(Math.ceil((plan.closeTime + 7 * DAY) / HOUR) * HOUR);
  return {
    can_close_early: true,
    close_time: formatTime(plan.closeTime),
    created_time: formatTime(createdTime),
    early_close_condition: plan.earlyClose,
    event_ticker: plan.ticker,
    exchange_index: 0,
    expected_expiration_time: formatTime(Math.ceil(expected / SECOND) * SECOND),
    expiration_time: latest,
    latest_expiration_time: latest,
    market_type: "binary",
    no_sub_title: strike.label,
    notional_value_dollars: formatPrice(DOLLAR),
    open_time: formatTime(plan.openTime),
    price_level_structure: strike.grid,
    price_ranges: priceRanges(grids[strike.grid]),
    rules_primary: `If ${plan.question(strike.label)}, then the market resolves to Yes.`,
    rules_secondary: SMALL_PRINT,
    settlement_bounds_type: "default",
    settlement_timer_seconds: Math.max(1, Math.round(plan.settledAfter / SECOND)),
    ticker,
    title: plan.title,
    updated_time: formatTime(createdTime + 20 * SECOND + 345_000),
    yes_sub_title: strike.label,
    ...strike.wire,
  };
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] as const;

/** A UTC date as tickers carry it: `26OCT15`. */
export function tickerDate(time: Timestamp): string {
  const date = new Date(time / 1000);
  const day = String(date.getUTCDate()).padStart(2, "0");
  return `${String(date.getUTCFullYear() % 100).padStart(2, "0")}${MONTHS[date.getUTCMonth()]}${day}`;
}

/** A UTC date as titles carry it: `Oct 15, 2026`. */
export function titleDate(time: Timestamp): string {
  const date = new Date(time / 1000);
  const month = MONTHS[date.getUTCMonth()] as string;
  return `${month.charAt(0)}${month.slice(1).toLowerCase()} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
}
