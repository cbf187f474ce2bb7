import { KalshiError } from "../../errors.js";
import type { EventFeeMessage } from "../../exchange/channel.js";
import type { EventFeeChange, SeriesFeeChange } from "../../exchange/fee-change.js";
import { formatTime, parseTime, type Timestamp } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { recordsGiven } from "../given-rows.js";
import { isComboTicker } from "./combo.js";
import type { FeeRule } from "./fee.js";
import { byTime, lastBefore, type Scheduled, withOne } from "./scheduled.js";

/** Fee type and multiplier: what of a fee the exchange decides by series, event and market. */
export interface FeeTerms {
  /** `fee_type`, such as `quadratic`. */
  readonly feeType: string;
  /** `fee_multiplier`; 0 is free. */
  readonly multiplier: number;
  /**
   * Whether the market is a combo, of which the role of a fill does not always tell what is charged. By ticker and fee type unless given;
   * false charges a combo by the role as it stands.
   */
  readonly isCombo?: boolean | undefined;
}

/** Anything that knows the terms of a market at a moment. */
export interface TermsAt {
  /** @throws KalshiError `FEES_UNKNOWN` naming what is lacking */
  termsAt(ticker: string, time: Timestamp): FeeTerms;
  /** The series of a market, null where it is not known: notes name it. */
  seriesOf?(ticker: string): string | null;
}

/** Records that a {@link FeeCalendar} reads: those of the markets asked about, and all changes of their series and events. */
export interface FeeRecords {
  readonly series: Iterable<{ readonly ticker: string; readonly fee_type: string; readonly fee_multiplier: number }>;
  readonly events: Iterable<{
    readonly event_ticker: string;
    readonly series_ticker: string;
    readonly fee_type_override: string | null;
    readonly fee_multiplier_override: number | null;
  }>;
  readonly markets: Iterable<{
    readonly ticker: string;
    readonly event_ticker: string;
    readonly fee_waiver_expiration_time: Timestamp | null;
    /** Of a combo. */
    readonly mve_collection_ticker?: string | null | undefined;
  }>;
  /** All that ever were and all to come: `show_historical` is to be asked for. */
  readonly seriesChanges: Iterable<Omit<SeriesFeeChange, "id" | "extra">>;
  readonly eventChanges: Iterable<Omit<EventFeeChange, "id" | "extra" | "series_ticker">>;
  /** When series and events were read: what they say holds then. */
  readonly asOf: Timestamp;
}

/** From this day the current rounding is taken to hold. The exchange has published the text without a date. */
const CURRENT_RULE_FROM = parseTime("2026-09-01T00:00:00Z");

/** The rounding that held at a moment. */
export function ruleAt(time: Timestamp): FeeRule {
  return time < CURRENT_RULE_FROM ? "2026-08" : "current";
}

/**
 * The fee schedule in force at a moment: none during a market's waiver, else the event's own terms where it has some, else those of its
 * series.
 *
 * Terms are those of the last change before that moment; where there has been none until now, those that the record says. Before the first
 * of its changes a series' terms are not known, while an event had none of its own. Each of an event's two terms beats the series' alone.
 *
 * @see GET /series/fee_changes, GET /events/fee_changes
 */
export class FeeCalendar implements TermsAt {
  readonly #markets: ReadonlyMap<string, MarketTerms>;
  readonly #events: ReadonlyMap<string, { readonly series: string; readonly own: OwnTerms }>;
  readonly #series: ReadonlyMap<string, FeeTerms>;
  readonly #seriesChanges: ReadonlyMap<string, readonly (FeeTerms & Scheduled)[]>;
  #eventChanges: ReadonlyMap<string, readonly (OwnTerms & Scheduled)[]>;
  readonly #asOf: Timestamp;
  /** What it was made of, each list read once. */
  readonly #records: FeeRecords;

  /** @throws KalshiError `BAD_ARGUMENT`, `BAD_RECORD` */
  constructor(given: FeeRecords) {
    objectGiven("records of fees", given);
    const records = {
      series: recordsGiven("series", given.series, ["ticker", "fee_type", "fee_multiplier"]),
      events: recordsGiven("events", given.events, ["event_ticker", "series_ticker"]),
      markets: recordsGiven("markets", given.markets, ["ticker", "event_ticker"]),
      seriesChanges: recordsGiven("seriesChanges", given.seriesChanges, ["series_ticker", "scheduled_time"]),
      eventChanges: recordsGiven("eventChanges", given.eventChanges, ["event_ticker", "scheduled_time"]),
      asOf: given.asOf,
    };
    const { series, events, markets, seriesChanges, eventChanges, asOf } = records;
    this.#records = records;
    this.#markets = new Map(
      markets.map((one) => [
        one.ticker,
        {
          event: one.event_ticker,
          freeUntil: one.fee_waiver_expiration_time,
          isCombo: isComboTicker(one.ticker) || typeof one.mve_collection_ticker === "string",
        },
      ]),
    );
    this.#events = new Map(events.map((one) => [one.event_ticker, { series: one.series_ticker, own: ownTerms(one) }]));
    this.#series = new Map(series.map((one) => [one.ticker, termsOf(one)]));
    this.#seriesChanges = byTime(
      seriesChanges.map((one) => [one.series_ticker, { time: one.scheduled_time, ...termsOf(one) }]),
    );
    this.#eventChanges = byTime(
      eventChanges.map((one) => [one.event_ticker, { time: one.scheduled_time, ...ownTerms(one) }]),
    );
    this.#asOf = asOf;
  }

  termsAt(ticker: string, time: Timestamp): FeeTerms {
    const terms = this.#termsAt(ticker, time);
    return this.#markets.get(ticker)?.isCombo === true ? { ...terms, isCombo: true } : terms;
  }

  /**
   * The same calendar, which also has what an `event_fee_update` says, from a time on: of a live feed's event `with(event, event.time ??
   * event.receivedAt)`. What held before is not touched, and changes to come still come. A message on an event that is not among the
   * records changes nothing: the channel carries those of all events.
   */
  with(
    message: Pick<EventFeeMessage, "event_ticker" | "fee_type_override" | "fee_multiplier_override">,
    time: Timestamp,
  ): FeeCalendar {
    if (!this.#events.has(message.event_ticker)) return this;
    const next = new FeeCalendar(this.#records);
    const change = { time, isTold: true, ...ownTerms(message) };
    next.#eventChanges = withOne(this.#eventChanges, message.event_ticker, change);
    return next;
  }

  seriesOf(ticker: string): string | null {
    return this.#events.get(this.#markets.get(ticker)?.event ?? "")?.series ?? null;
  }

  #termsAt(ticker: string, time: Timestamp): FeeTerms {
    const market = this.#markets.get(ticker) ?? unknown(`no market ${ticker} is among the records`, { ticker });
    const event =
      this.#events.get(market.event) ??
      unknown(`no event ${market.event}, that of ${ticker}, is among the records`, { ticker, event: market.event });
    const own = this.#ownAt(market.event, event.own, time);
    const feeType = own.feeType ?? this.#series.get(event.series)?.feeType ?? "quadratic";
    if (market.freeUntil !== null && time < market.freeUntil) return { feeType, multiplier: 0 };
    return own.feeType !== null && own.multiplier !== null
      ? { feeType: own.feeType, multiplier: own.multiplier }
      : overridden(this.#seriesAt(event.series, time), own);
  }

  #ownAt(event: string, present: OwnTerms, time: Timestamp): OwnTerms {
    const changes = this.#eventChanges.get(event) ?? [];
    return lastBefore(changes, time) ?? (this.#hasBegun(changes) ? noTerms : present);
  }

  #seriesAt(series: string, time: Timestamp): FeeTerms {
    const changes = this.#seriesChanges.get(series) ?? [];
    const last = lastBefore(changes, time);
    if (last !== undefined) return last;
    if (this.#hasBegun(changes))
      return unknown(`the first change of ${series} on record is of ${formatTime(changes[0]!.time)}`, {
        series,
        time: formatTime(time),
      });
    return this.#series.get(series) ?? unknown(`no series ${series} is among the records`, { series });
  }

  /**
   * Whether a change has made the terms that the record says, so that they did not hold before. A message is none: it came after the record
   * was read, whatever the clocks say.
   */
  #hasBegun(changes: readonly Scheduled[]): boolean {
    const first = changes.find((change) => change.isTold !== true);
    return first !== undefined && first.time <= this.#asOf;
  }
}

interface MarketTerms {
  readonly event: string;
  readonly freeUntil: Timestamp | null;
  readonly isCombo: boolean;
}

/** An event's own terms; null where the series' hold. */
interface OwnTerms {
  readonly feeType: string | null;
  readonly multiplier: number | null;
}

const noTerms: OwnTerms = { feeType: null, multiplier: null };

function termsOf(one: { readonly fee_type: string; readonly fee_multiplier: number }): FeeTerms {
  return { feeType: one.fee_type, multiplier: one.fee_multiplier };
}

function ownTerms(one: {
  readonly fee_type_override: string | null;
  readonly fee_multiplier_override: number | null;
}): OwnTerms {
  return { feeType: one.fee_type_override, multiplier: one.fee_multiplier_override };
}

function overridden(series: FeeTerms, own: OwnTerms): FeeTerms {
  return { feeType: own.feeType ?? series.feeType, multiplier: own.multiplier ?? series.multiplier };
}

function unknown(what: string, context: Readonly<Record<string, string>>): never {
  throw new KalshiError("FEES_UNKNOWN", `the fees in force are not known: ${what}`, {
    hint: "give the records of its market, event and series and all changes of their fees, or fee type and multiplier yourself",
    context,
  });
}
