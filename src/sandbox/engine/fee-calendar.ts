import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, EventFeeChange, FeeChanges, MarketRecord, SeriesFeeChange, World } from "../types.js";
import { eventFeeMessage } from "../wire/lifecycle-messages.js";
import { termsChangeAfter } from "../world/fee-schedule.js";
import type { Agenda } from "./agenda.js";
import type { Venue } from "./venue.js";

/** Brings scheduled changes of fees into force at their time. */
export interface FeeCalendar {
  /** Enters changes that the world has announced since the last look. */
  look(): void;
  /** Follows the fees of a market: its waiver ends, its event's and its series' fees change. */
  watch(market: MarketRecord, time: Timestamp): void;
  /** The fees in force at a fill are those of its time, though the engine may not have come to them by itself yet. */
  refresh(venue: Venue, time: Timestamp): void;
}

export interface FeeCalendarOptions {
  readonly world: World;
  readonly agenda: Agenda<(at: Timestamp) => void>;
  emit(event: EngineEvent): void;
  /** The fees of these markets may be others now. */
  onChange(tickers: readonly string[]): void;
}

export function createFeeCalendar({ world, agenda, emit, onChange }: FeeCalendarOptions): FeeCalendar {
  /** Until when the fees of a market stay as they are, by its ticker. */
  const until = new Map<string, Timestamp>();
  const entered = new Set<SeriesFeeChange | EventFeeChange>();
  let known = 0;
  let looked = Number.NEGATIVE_INFINITY;

  function look(): void {
    const { events, series } = world.feeChanges;
    const since = looked === Number.NEGATIVE_INFINITY ? world.clock.now() : looked;
    looked = world.clock.now();
    if (events.length + series.length === known) return;
    known = events.length + series.length;
    const isFirst = entered.size === 0 && until.size === 0;
    const fresh = <Change extends SeriesFeeChange | EventFeeChange>(list: readonly Change[]) =>
      list.filter((change) => !entered.has(change));
    const changes = { events: fresh(events), series: fresh(series) };
    for (const change of [...changes.events, ...changes.series]) entered.add(change);
    for (const change of changes.events) {
      if (change.time > since) agenda.add(change.time, () => tell(change));
    }
    if (!isFirst) catchUp(changes, since);
    // A market that was watched before the change was announced does not know of it.
    for (const ticker of [...until.keys()]) {
      const market = world.markets.get(ticker);
      if (market !== undefined) watch(market, since);
    }
  }

  /** Changes that are announced when their time is past are in force at once. */
  function catchUp({ events, series }: FeeChanges, since: Timestamp): void {
    const late = events.filter(({ time }) => time <= since);
    for (const change of late) tell(change);
    const names = new Set(late.map(({ eventTicker }) => eventTicker));
    for (const { seriesTicker, time } of series) if (time <= since) names.add(seriesTicker);
    if (names.size === 0) return;
    onChange(
      [...until.keys()].filter((ticker) => {
        const market = world.markets.get(ticker);
        return market !== undefined && (names.has(market.eventTicker) || names.has(market.seriesTicker));
      }),
    );
  }

  function tell(change: EventFeeChange): void {
    emit({ type: "event_fee_update", message: eventFeeMessage(change) });
  }

  function watch(market: MarketRecord, time: Timestamp): void {
    const next = termsChangeAfter(world, market, time);
    if (until.get(market.ticker) === next) return;
    until.set(market.ticker, next);
    agenda.add(next, apply);
  }

  /** Applies what is due: all of it at once, since a change of a series' or an event's fees is one for all of its markets. */
  function apply(time: Timestamp): void {
    const due = [...until].flatMap(([ticker, at]) => (at <= time ? [ticker] : []));
    if (due.length === 0) return;
    for (const ticker of due) {
      const market = world.markets.get(ticker);
      if (market === undefined) until.delete(ticker);
      else watch(market, time);
    }
    onChange(due);
  }

  function refresh(venue: Venue, time: Timestamp): void {
    if (time >= (until.get(venue.market.ticker) ?? Number.POSITIVE_INFINITY)) apply(time);
  }

  return { look, watch, refresh };
}
