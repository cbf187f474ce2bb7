import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, MarketRecord, World } from "../types.js";
import { eventFeeMessage } from "../wire/lifecycle-messages.js";
import { termsChangeAfter, termsOf } from "../world/fee-schedule.js";
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
  /** A market's fees may be others now. */
  onChange(ticker: string): void;
}

export function createFeeCalendar({ world, agenda, emit, onChange }: FeeCalendarOptions): FeeCalendar {
  /** Until when the fees of a market stay as they are, by its ticker. */
  const until = new Map<string, Timestamp>();
  const entered = new Set<string>();
  let known = 0;

  function look(): void {
    const { events, series } = world.feeChanges;
    if (events.length + series.length === known) return;
    known = events.length + series.length;
    const now = world.clock.now();
    for (const change of events) {
      if (change.time <= now || entered.has(change.id)) continue;
      entered.add(change.id);
      agenda.add(change.time, () => emit({ type: "event_fee_update", message: eventFeeMessage(change) }));
    }
    // A market that was watched before the change was announced does not know of it.
    for (const ticker of [...until.keys()]) {
      const market = world.markets.get(ticker);
      if (market !== undefined) watch(market, now);
    }
  }

  function watch(market: MarketRecord, time: Timestamp): void {
    const next = termsChangeAfter(world, market, time);
    if (until.get(market.ticker) === next) return;
    until.set(market.ticker, next);
    agenda.add(next, (at) => {
      if (until.get(market.ticker) !== at) return;
      watch(market, at);
      onChange(market.ticker);
    });
  }

  function refresh(venue: Venue, time: Timestamp): void {
    const { market } = venue;
    if (time < (until.get(market.ticker) ?? Number.POSITIVE_INFINITY)) return;
    watch(market, time);
    venue.terms = termsOf(world, market, time);
    onChange(market.ticker);
  }

  return { look, watch, refresh };
}
